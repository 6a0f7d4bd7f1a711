"""Tariffs whose numbers leave the exact range are refused, with file and key."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from telecom_cdr.errors import UnsupportedTariffError
from telecom_cdr.rating.unsupported import refuse_unsupported

RATE: dict[str, Any] = {
    "plan_code": "P1",
    "product_code": "VOICE",
    "zone": None,
    "time_band": None,
    "valid_from": date(2026, 1, 1),
    "model": "flat",
    "unit_size": 60,
    "price": Decimal(1),
    "first_increment": None,
    "next_increment": None,
}
TIER = {name: RATE[name] for name in ("plan_code", "product_code", "zone", "time_band", "valid_from")} | {
    "up_to": 10,
    "unit_size": 60,
    "price": Decimal(1),
}
ALLOWANCE: dict[str, Any] = {
    "plan_code": "P1",
    "allowance_code": "FREE",
    "kind": "units",
    "scope": "subscription",
    "quantity": Decimal("60.000000"),
}


def test_a_tariff_within_the_exact_range_is_accepted() -> None:
    tiered = RATE | {"model": "graduated", "price": None, "unit_size": None, "product_code": "DATA"}
    tier = TIER | {"product_code": "DATA", "unit_size": 2**30, "price": Decimal("999999.999999999")}
    refuse_unsupported({"rates": [RATE, tiered], "rate_tiers": [tier], "allowances": [ALLOWANCE]})


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ({"rates": [RATE | {"price": None}]}, ["rates.csv", "without a price", "plan_code=P1", "product_code=VOICE"]),
        ({"rates": [RATE | {"model": "package", "price": None}]}, ["rates.csv", "package"]),
        ({"rates": [RATE | {"first_increment": 10**13}]}, ["rates.csv", "increment"]),
        ({"rates": [RATE], "rate_tiers": [TIER | {"unit_size": 10**12 + 1}]}, ["rate_tiers.csv", "up_to=10"]),
        (
            {"rates": [RATE | {"unit_size": 999_999_000_001}, RATE | {"zone": "A", "unit_size": 10**12}]},
            ["rates.csv", "least common multiple", "zone=A"],
        ),
        (
            {"rates": [RATE | {"price": Decimal(10**9), "unit_size": 1}, RATE | {"zone": "A", "unit_size": 10**7}]},
            ["rates.csv", "too great"],
        ),
        ({"allowances": [ALLOWANCE | {"quantity": Decimal("0.5")}]}, ["allowances.csv", "whole", "FREE"]),
        ({"allowances": [ALLOWANCE | {"kind": "money", "quantity": Decimal(10**13)}]}, ["allowances.csv", "money"]),
    ],
)
def test_what_leaves_the_exact_range_is_refused_with_file_and_key(
    rows: dict[str, list[dict[str, Any]]], words: list[str]
) -> None:
    with pytest.raises(UnsupportedTariffError) as refusal:
        refuse_unsupported(rows)
    assert "\n" not in str(refusal.value)
    assert [word for word in words if word not in str(refusal.value)] == []


def test_many_rows_are_counted_rather_than_listed() -> None:
    rows = [RATE | {"price": None, "product_code": f"V{number}"} for number in range(100)]
    with pytest.raises(UnsupportedTariffError, match="and 95 more"):
        refuse_unsupported({"rates": rows})
