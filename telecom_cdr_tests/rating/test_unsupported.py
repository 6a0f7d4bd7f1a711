"""Tariffs that use what cannot be rated yet are refused, with file and key."""

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
TIER = {name: RATE[name] for name in ("plan_code", "product_code", "zone", "time_band", "valid_from")} | {"up_to": 10}
ALLOWANCE: dict[str, Any] = {
    "plan_code": "P1",
    "allowance_code": "FREE",
    "kind": "units",
    "scope": "subscription",
    "quantity": Decimal("60.000000"),
}


def test_the_model_of_flat_prices_is_accepted() -> None:
    # Tiers that no rate uses do no harm.
    refuse_unsupported({"rates": [RATE], "rate_tiers": [TIER], "allowances": [ALLOWANCE], "number_portability": []})


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ({"rates": [RATE | {"model": "graduated"}]}, ["rates.csv", "graduated", "plan_code=P1", "product_code=VOICE"]),
        ({"rates": [RATE | {"model": "package"}]}, ["rates.csv", "package"]),
        ({"rates": [RATE | {"time_band": "NIGHT"}]}, ["rates.csv", "time_band", "NIGHT"]),
        ({"rates": [RATE | {"price": None}]}, ["rates.csv", "price"]),
        ({"rates": [RATE | {"first_increment": 10**13}]}, ["rates.csv", "increment"]),
        ({"rates": [RATE | {"model": "volume"}], "rate_tiers": [TIER]}, ["rates.csv", "rate_tiers.csv", "up_to=10"]),
        ({"allowances": [ALLOWANCE | {"kind": "money"}]}, ["allowances.csv", "money", "FREE"]),
        ({"allowances": [ALLOWANCE | {"scope": "customer"}]}, ["allowances.csv", "customer"]),
        ({"allowances": [ALLOWANCE | {"quantity": Decimal("0.5")}]}, ["allowances.csv", "whole"]),
        (
            {"number_portability": [{"msisdn": "212661000001", "valid_from": date(2026, 1, 1)}]},
            ["number_portability.csv", "212661000001"],
        ),
    ],
)
def test_later_parts_of_the_tariff_model_are_refused_with_file_and_key(
    rows: dict[str, list[dict[str, Any]]], words: list[str]
) -> None:
    with pytest.raises(UnsupportedTariffError) as refusal:
        refuse_unsupported(rows)
    assert "\n" not in str(refusal.value)
    assert [word for word in words if word not in str(refusal.value)] == []


def test_many_rows_are_counted_rather_than_listed() -> None:
    rows = [RATE | {"model": "volume", "product_code": f"V{number}"} for number in range(100)]
    with pytest.raises(UnsupportedTariffError, match="and 95 more"):
        refuse_unsupported({"rates": rows})
