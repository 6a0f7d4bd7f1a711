"""Allowances: what is free, in which order, and until when."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import permutations
from typing import TYPE_CHECKING, Any

import pytest

from telecom_cdr.rating.allowance_levels import AllowanceLevel, allowance_levels
from telecom_cdr_tests.rating.tariffs import BERT, Row, a_call, a_message, a_session, a_tariff, rated

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def _at(day: int, hour: int = 12) -> datetime:
    return datetime(2026, 1, day, hour, tzinfo=UTC)


def _call(name: str, day: int, seconds: int, hour: int = 12, **values: Any) -> Row:
    return a_call(
        cdr_id=name, usage_date=date(2026, 1, day), event_start_utc=_at(day, hour), duration_seconds=seconds, **values
    )


def _used(found: dict[str, Row], names: Sequence[str]) -> list[tuple[int, int, str | None]]:
    return [
        (found[name]["allowance_units"], found[name]["charged_units"], found[name]["allowances_used"]) for name in names
    ]


def test_a_month_of_free_units_is_used_in_the_order_of_time(engine: "SparkSession") -> None:
    tariff = a_tariff(allowances=[{"quantity": Decimal(100)}])
    calls = [_call("a", 3, 60), _call("b", 5, 60), _call("c", 9, 60)]
    found = rated(engine, tariff, calls=calls)
    assert _used(found, "abc") == [(60, 0, "FREE=60"), (40, 20, "FREE=40"), (0, 60, None)]
    assert [found[name]["charge_amount"] for name in "abc"] == [0, Decimal("0.2"), Decimal("0.6")]


def test_the_order_of_arrival_does_not_matter(engine: "SparkSession") -> None:
    tariff = a_tariff(allowances=[{"quantity": Decimal(100)}])
    calls = [_call("a", 3, 60), _call("b", 5, 60), _call("c", 5, 60)]
    results = [_used(rated(engine, tariff, calls=list(order)), "abc") for order in permutations(calls)]
    assert all(result == results[0] for result in results)
    # Equal times: by cdr_id.
    assert results[0][1:] == [(40, 20, "FREE=40"), (0, 60, None)]


def test_late_events_come_after_all_others_of_their_month(engine: "SparkSession") -> None:
    tariff = a_tariff(allowances=[{"quantity": Decimal(60)}])
    late = _call("late", 1, 60, billing_month="2026-02")
    found = rated(engine, tariff, calls=[late, _call("on_time", 20, 60)])
    assert _used(found, ["late", "on_time"]) == [(0, 60, None), (60, 0, "FREE=60")]


@pytest.mark.parametrize(
    ("period", "expected"),
    [("event", [40, 40, 40, 40]), ("day", [40, 0, 40, 0]), ("month", [40, 0, 0, 0])],
)
def test_an_allowance_is_full_again_after_its_period(engine: "SparkSession", period: str, expected: list[int]) -> None:
    tariff = a_tariff(allowances=[{"quantity": Decimal(40), "period": period}])
    calls = [_call("a", 3, 50, 8), _call("b", 3, 50, 9), _call("c", 4, 50, 8), _call("d", 4, 50, 9)]
    found = rated(engine, tariff, calls=calls)
    assert [found[name]["allowance_units"] for name in "abcd"] == expected


def test_days_are_local_and_months_those_of_the_usage(engine: "SparkSession") -> None:
    tariff = a_tariff(
        allowances=[
            {"quantity": Decimal(60), "period": "day", "allowance_code": "DAY"},
            {"quantity": Decimal(10), "allowance_code": "MONTH", "priority": 2},
        ],
    )
    before = a_call(cdr_id="before", usage_date=date(2026, 1, 31), event_start_utc=_at(31, 22))
    after = a_call(
        cdr_id="after",
        usage_date=date(2026, 2, 1),
        usage_month="2026-02",
        billing_month="2026-02",
        event_start_utc=_at(31, 23),
        duration_seconds=90,
    )
    found = rated(engine, tariff, calls=[before, after])
    assert _used(found, ["before", "after"]) == [(60, 0, "DAY=60"), (70, 20, "DAY=60,MONTH=10")]


def test_lower_priority_numbers_go_first_and_ties_by_code(engine: "SparkSession") -> None:
    tariff = a_tariff(
        allowances=[
            {"allowance_code": "Z_FIRST", "quantity": Decimal(10), "priority": 1},
            {"allowance_code": "B", "quantity": Decimal(10), "priority": 5},
            {"allowance_code": "A", "quantity": Decimal(10), "priority": 5},
            {"allowance_code": "LAST", "quantity": Decimal(10), "priority": 10},
        ],
    )
    found = rated(engine, tariff, calls=[_call("a", 3, 35), _call("b", 4, 10)])
    assert _used(found, "ab") == [(35, 0, "Z_FIRST=10,A=10,B=10,LAST=5"), (5, 5, "LAST=5")]


def test_the_published_three_allowances_are_used_up_in_turn(engine: "SparkSession") -> None:
    tariff = a_tariff(
        allowances=[
            {"allowance_code": code, "quantity": Decimal(quantity), "priority": number}
            for number, (code, quantity) in enumerate([("ONE", 100), ("TWO", 40), ("THREE", 75)], start=1)
        ],
    )
    calls = [_call("a", 3, 60), _call("b", 4, 50), _call("c", 5, 50), _call("d", 6, 280)]
    found = rated(engine, tariff, calls=calls)
    assert _used(found, "abcd") == [
        (60, 0, "ONE=60"),
        (50, 0, "ONE=40,TWO=10"),
        (50, 0, "TWO=30,THREE=20"),
        (55, 225, "THREE=55"),
    ]


OVERLAPPING = [
    # Both products may use ALL, but only after its own; so ALL meets voice and messages in one counter.
    {"allowance_code": "CALLS", "product_code": "VOICE", "quantity": Decimal(10)},
    {"allowance_code": "ALL", "quantity": Decimal(15), "priority": 2},
    {"allowance_code": "TEXTS", "product_code": "SMS", "quantity": Decimal(1), "priority": 3},
]


def test_allowances_of_one_product_and_of_all_share_their_counters_in_time_order(engine: "SparkSession") -> None:
    tariff = a_tariff(allowances=OVERLAPPING)
    found = rated(
        engine,
        tariff,
        calls=[_call("a", 3, 12), _call("d", 6, 20)],
        messages=[
            a_message(cdr_id="b", event_start_utc=_at(4), usage_date=date(2026, 1, 4)),
            a_message(cdr_id="e", event_start_utc=_at(7), usage_date=date(2026, 1, 7)),
            a_message(cdr_id="f", event_start_utc=_at(8), usage_date=date(2026, 1, 8)),
        ],
        sessions=[a_session(cdr_id="c", volume_bytes=9, event_start_utc=_at(5), usage_date=date(2026, 1, 5))],
    )
    assert _used(found, "abcdef") == [
        (12, 0, "CALLS=10,ALL=2"),
        (1, 0, "ALL=1"),
        (9, 0, "ALL=9"),
        (3, 17, "ALL=3"),
        (1, 0, "TEXTS=1"),
        (0, 1, None),
    ]


def test_rows_of_one_allowance_are_one_quantity_and_count_once(engine: "SparkSession") -> None:
    tariff = a_tariff(
        destinations=[{"prefix": "212", "zone": "MA"}, {"prefix": "33", "zone": "FR"}, {"prefix": "34", "zone": "ES"}],
        allowances=[
            {"quantity": Decimal(100), "product_code": "VOICE", "zone": "FR"},
            {"quantity": Decimal(100), "product_code": None, "zone": "FR"},
            {"quantity": Decimal(100), "product_code": "SMS", "zone": "MA"},
            {"quantity": Decimal(100), "product_code": "DATA", "zone": None},
        ],
    )
    found = rated(
        engine,
        tariff,
        calls=[
            _call("fr", 3, 90, called_number="33600000000"),
            _call("es", 4, 60, called_number="34600000000"),
            _call("ma", 5, 60),
        ],
        messages=[a_message(cdr_id="sms", event_start_utc=_at(6))],
        sessions=[a_session(cdr_id="data", volume_bytes=30, event_start_utc=_at(7))],
    )
    assert [found[name]["allowance_units"] for name in ("fr", "es", "ma", "sms", "data")] == [90, 0, 0, 1, 9]


def test_each_number_and_plan_has_a_counter_of_its_own(engine: "SparkSession") -> None:
    tariff = a_tariff(
        subscriptions=[
            {"valid_to": date(2026, 1, 10)},
            {"plan_code": "P2", "valid_from": date(2026, 1, 10), "valid_to": date(2026, 1, 20)},
            {"plan_code": "P2", "customer_id": "C2", "valid_from": date(2026, 1, 20)},
            {"msisdn": BERT},
        ],
        rate_plans=[{}, {"plan_code": "P2"}],
        rates=[{}, {"plan_code": "P2"}],
        allowances=[{"quantity": Decimal(60)}, {"plan_code": "P2", "quantity": Decimal(50)}],
    )
    calls = [
        _call("plan_one", 3, 60),
        _call("sibling", 4, 60, served_msisdn=BERT),
        _call("changed_plan", 12, 60),
        _call("changed_owner", 22, 60),
        _call("used_up", 23, 60),
    ]
    found = rated(engine, tariff, calls=calls)
    assert [row["allowance_units"] for row in (found[call["cdr_id"]] for call in calls)] == [60, 60, 50, 50, 0]


def test_unrated_and_unused_events_take_nothing(engine: "SparkSession") -> None:
    tariff = a_tariff(allowances=[{"quantity": Decimal(60)}], rates=[{}, {"product_code": "DATA"}])
    found = rated(
        engine,
        tariff,
        calls=[_call("a", 3, 60)],
        messages=[a_message(event_start_utc=_at(1))],
        sessions=[a_session(volume_bytes=0, event_start_utc=_at(2))],
    )
    assert found["message"]["allowance_units"] is None
    assert _used(found, ["session", "a"]) == [(0, 0, None), (60, 0, "FREE=60")]


def test_a_fee_is_due_when_any_unit_is_charged_and_the_minimum_too(engine: "SparkSession") -> None:
    rates = [{"connect_fee": Decimal(1), "minimum_charge": Decimal(3)}]
    tariff = a_tariff(rates=rates, allowances=[{"quantity": Decimal(100)}])
    found = rated(engine, tariff, calls=[_call("free", 3, 60), _call("partly", 4, 60), _call("paid", 5, 600)])
    assert [found[name]["charge_amount"] for name in ("free", "partly", "paid")] == [0, 3, 7]


def test_billed_units_are_what_an_allowance_gives(engine: "SparkSession") -> None:
    rates = [{"first_increment": 60, "next_increment": 60}]
    tariff = a_tariff(rates=rates, allowances=[{"quantity": Decimal(100)}])
    found = rated(engine, tariff, calls=[_call("a", 3, 61)])
    assert _used(found, "a") == [(100, 20, "FREE=100")]


@pytest.mark.parametrize("quantity", [Decimal(0), Decimal(10**13)])
def test_quantities_of_nothing_and_of_more_than_anybody_uses(engine: "SparkSession", quantity: Decimal) -> None:
    tariff = a_tariff(allowances=[{"quantity": quantity}])
    found = rated(
        engine,
        tariff,
        sessions=[a_session(cdr_id="a", volume_bytes=10**12), a_session(cdr_id="b", volume_bytes=10**12)],
    )
    assert [found[name]["allowance_units"] for name in "ab"] == [min(quantity, 10**12)] * 2


def test_allowances_that_never_meet_share_a_pass() -> None:
    rows = a_tariff(
        allowances=[
            {"allowance_code": "CALLS", "product_code": "VOICE", "priority": 1},
            {"allowance_code": "TEXTS", "product_code": "SMS", "priority": 2},
            {"allowance_code": "FRANCE", "product_code": "VOICE", "zone": "FR", "priority": 3},
            {"allowance_code": "SPAIN", "zone": "ES", "priority": 4},
            {"allowance_code": "ALL", "priority": 5},
            {"plan_code": "P2", "allowance_code": "CALLS", "priority": 9},
        ]
    )["allowances"]
    assert allowance_levels(rows) == (
        AllowanceLevel("P1", "CALLS", 1),
        AllowanceLevel("P1", "TEXTS", 1),
        AllowanceLevel("P1", "FRANCE", 2),
        AllowanceLevel("P1", "SPAIN", 2),
        AllowanceLevel("P1", "ALL", 3),
        AllowanceLevel("P2", "CALLS", 1),
    )
