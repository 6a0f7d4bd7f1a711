"""How the model charges."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from telecom_cdr_tests.builders import (
    Record,
    ReferenceRows,
    a_data_cdr,
    a_reference,
    a_reference_row,
    a_voice_cdr,
    cdr_lines,
)
from telecom_cdr_tests.exact_model import compute, raw_records
from telecom_cdr_tests.exact_model.rating import charge, increments

Row = dict[str, object]


def _rated(reference: ReferenceRows, *records: Record) -> list[Row]:
    files = {"a.jsonl": cdr_lines(records)}
    months = compute(raw_records(files, datetime(2026, 11, 23, tzinfo=UTC)), reference)
    return [row for month in months.values() for row in month.rated]


@pytest.mark.parametrize(
    ("usage", "first", "following", "billed"), [(61, 60, 20, 80), (60, 60, 20, 60), (0, 60, 20, 0), (32, 30, 6, 36)]
)
def test_started_increments_are_billed_whole(usage: int, first: int, following: int, billed: int) -> None:
    assert increments(usage, first, following) == billed


@pytest.mark.parametrize(
    ("units", "cells", "amount"),
    [
        (1, {"price": "0.000001", "unit_size": "2"}, "0.000001"),
        (1, {"price": "0.0000009", "unit_size": "2"}, "0.000000"),
        (7, {"price": "1", "unit_size": "3"}, "2.333333"),
        (0, {"price": "1", "connect_fee": "5", "minimum_charge": "9"}, "0.000000"),
        (1, {"price": "1", "connect_fee": "5", "minimum_charge": "9"}, "9.000000"),
        (1, {"price": "9", "connect_fee": "5", "maximum_charge": "9"}, "9.000000"),
    ],
)
def test_a_charge_is_exact_and_rounded_once(units: int, cells: dict[str, str], amount: str) -> None:
    assert charge(units, a_reference_row("rates", **cells)) == Decimal(amount)


def test_the_longest_prefix_and_the_zone_of_a_rate_come_first() -> None:
    reference = a_reference(
        destinations=[
            {"prefix": "2126", "zone": "M"},
            {"prefix": "212661", "zone": "X"},
            {"prefix": "1500", "zone": "S", "country_code": "SHORT"},
        ],
        rates=[{"price": "1"}, {"price": "2", "zone": "X"}],
    )
    rated = _rated(
        reference,
        a_voice_cdr(record_ID="a", callee_id="0661000009", duration_sec=1),
        a_voice_cdr(record_ID="b", callee_id="0650000009", duration_sec=1),
        a_voice_cdr(record_ID="c", callee_id="1500", duration_sec=1),
        a_voice_cdr(record_ID="d", callee_id="15001", duration_sec=1),
    )
    found = {row["record_id"]: (row["zone"], row["rate_zone"], row["charge_amount"], row["reason"]) for row in rated}
    assert found == {
        "a": ("X", "X", 2, None),
        "b": ("M", None, 1, None),
        "c": ("S", None, 1, None),
        "d": (None, None, None, "NO_DESTINATION"),
    }


def test_allowances_go_by_priority_then_code_and_a_code_counts_once() -> None:
    reference = a_reference(
        allowances=[
            {"allowance_code": "B", "quantity": "10", "priority": "1"},
            {"allowance_code": "B", "quantity": "10", "priority": "1", "product_code": "VOICE"},
            {"allowance_code": "A", "quantity": "10", "priority": "1", "period": "day", "product_code": "VOICE"},
            {"allowance_code": "C", "quantity": "5", "priority": "0", "period": "event", "product_code": "VOICE"},
        ]
    )
    calls = [
        a_voice_cdr(record_ID=f"{hour}", timestamp=f"2026-02-10T{hour}:00:00Z", duration_sec=12) for hour in (10, 11)
    ]
    rated = _rated(reference, *calls, a_voice_cdr(record_ID="12", timestamp="2026-02-11T10:00:00Z", duration_sec=12))
    assert [row["allowances_used"] for row in rated] == ["C=5,A=7", "C=5,A=3,B=4", "C=5,A=7"]


@pytest.mark.parametrize("traffic_class", ["", "roaming"])
def test_abroad_only_products_for_roaming_apply(traffic_class: str) -> None:
    reference = a_reference(
        products=[
            {"product_code": "VOICE", "service_type": "voice", "traffic_class": traffic_class},
            {"product_code": "DATA", "service_type": "data", "traffic_class": traffic_class},
        ],
        rates=[{}, {"product_code": "DATA"}],
    )
    rated = _rated(
        reference, a_voice_cdr(serving_plmn="20801"), a_data_cdr(record_ID="R2", serving_plmn="20801", data_volume_mb=0)
    )
    assert {row["reason"] for row in rated} == {None if traffic_class else "UNKNOWN_PRODUCT"}
