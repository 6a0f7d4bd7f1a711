"""Tiers, bands, sessions and money through the whole of rating: the worked examples, and what no other test shows."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from telecom_cdr_tests.rating.tariffs import ANNA, BERT, Row, a_call, a_session, a_tariff, rated

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# 2026-01-15 is a Thursday; Morocco is at UTC+1.
THURSDAY = datetime(2026, 1, 15, tzinfo=UTC)
WORK = {"time_band": "PEAK", "weekdays": "12345", "start_time": "08:00", "end_time": "19:00", "on_holidays": False}


def at(hour: int, minute: int = 0, day: datetime = THURSDAY) -> datetime:
    """An instant at a local hour of a day."""
    return day + timedelta(hours=hour - 1, minutes=minute)


def price(value: str, size: int = 1, **values: Any) -> Row:
    """A flat rate of Anna's calls."""
    return {"price": Decimal(value), "unit_size": size, **values}


def tiers(*values: tuple[int | None, str | None, str | None], size: int = 1, **key: Any) -> list[Row]:
    """Tiers of a rate: last unit, price, flat fee."""
    return [
        {
            "up_to": up_to,
            "unit_size": size,
            "price": None if cost is None else Decimal(cost),
            "flat_fee": None if fee is None else Decimal(fee),
            **key,
        }
        for up_to, cost, fee in values
    ]


def charges(engine: "SparkSession", tariff: Any, *calls: Row) -> list[str]:
    """The charges of calls, in the order given."""
    numbered = [a_call(cdr_id=f"{number:03d}", **call) for number, call in enumerate(calls)]
    found = rated(engine, tariff, calls=numbered)
    for row in found.values():
        assert sum(Decimal(piece["amount"]) for piece in json.loads(row["breakdown"])) == row["charge_amount"]
    return [str(found[call["cdr_id"]]["charge_amount"].normalize().__format__("f")) for call in numbered]


TIERED = {"model": "graduated", "price": None}
MONTHLY = {"tier_scope": "month"}


@pytest.mark.parametrize(
    ("tables", "seconds", "expected"),
    [
        ({"rates": [price("1", first_increment=60)]}, (85, 1), ["85", "60"]),
        ({"rates": [price("0.05", 60, connect_fee=Decimal("0.15"))]}, (24,), ["0.17"]),
        ({"rates": [price("0.1", 60)]}, (180,), ["0.3"]),
        (
            {
                "rates": [{**TIERED, "connect_fee": Decimal("0.4")}],
                "rate_tiers": [*tiers((60, None, "0.2")), *tiers((None, "0.1", None), size=60)],
            },
            (20, 85, 120),
            ["0.6", "0.641667", "0.7"],
        ),
        (
            {"rates": [price("0.006", 60, first_increment=30, next_increment=6)]},
            (32, 57, 75),
            ["0.0036", "0.006", "0.0078"],
        ),
        (
            {"rates": [TIERED], "rate_tiers": tiers((10, "1", "1000"), (None, "100", None))},
            (10,),
            ["1010"],
        ),
        (
            {
                "rates": [TIERED | MONTHLY],
                "rate_tiers": tiers((20, "0.2", None), (None, "0.5", None)),
                "allowances": [
                    {"allowance_code": code, "priority": number, "quantity": Decimal(quantity)}
                    for number, (code, quantity) in enumerate((("A", 100), ("B", 40), ("C", 75)))
                ],
            },
            (60, 50, 50, 280),
            ["0", "0", "0", "106.5"],
        ),
        (
            {"rates": [price("0.2")], "allowances": [{"kind": "money", "quantity": Decimal(30)}]},
            (240,),
            ["18"],
        ),
        ({"rates": [{"model": "package", "unit_size": 10, "price": Decimal(100)}]}, (121,), ["1300"]),
        ({"rates": [price("1", maximum_charge=Decimal(10))]}, (1800,), ["10"]),
    ],
)
def test_worked_examples(engine: "SparkSession", tables: Any, seconds: tuple[int, ...], expected: list[str]) -> None:
    calls = [{"duration_seconds": used, "event_start_utc": at(8 + n)} for n, used in enumerate(seconds)]
    assert charges(engine, a_tariff(**tables), *calls) == expected


@pytest.mark.parametrize(
    ("model", "rows", "totals"),
    [
        ("graduated", tiers((10, "10", "2"), (20, "5", "3"), (None, "5", "3")), {10: "102", 11: "110", 21: "163"}),
        (
            "volume",
            tiers((100, "2", "10"), (200, "1", None), (None, "0.5", "50")),
            {100: "210", 101: "101", 210: "155"},
        ),
    ],
)
def test_a_month_costs_what_its_total_costs(
    engine: "SparkSession", model: str, rows: list[Row], totals: dict[int, str]
) -> None:
    rates = [{"model": model, "price": None, **MONTHLY}]
    for total, expected in totals.items():
        for cut in (1, 3, 7):
            used = [total // cut] * cut
            used[-1] += total - sum(used)
            calls = [{"duration_seconds": one, "event_start_utc": at(1 + n)} for n, one in enumerate(used)]
            found = charges(engine, a_tariff(rates=rates, rate_tiers=rows), *calls)
            assert sum(map(Decimal, found)) == Decimal(expected), (total, cut, found)


def test_a_band_is_chosen_by_hour_weekday_and_holiday(engine: "SparkSession") -> None:
    rates = [
        price("1.2", 60, time_band="PEAK", connect_fee=Decimal("0.2"), first_increment=60),
        price("0.01", 1, connect_fee=Decimal("0.1")),
    ]
    tariff = a_tariff(rates=rates, time_bands=[WORK], holidays=[{"date": date(2026, 1, 14)}])
    monday = THURSDAY - timedelta(days=3)
    calls = [
        {"duration_seconds": 45, "event_start_utc": start}
        for start in (
            at(9, day=monday),
            at(21),
            at(9, day=THURSDAY - timedelta(days=1)),
            at(9, day=THURSDAY + timedelta(days=2)),
        )
    ]
    assert charges(engine, tariff, *calls) == ["1.4", "0.55", "0.55", "0.55"]


def test_a_call_across_an_edge_is_split_there(engine: "SparkSession") -> None:
    bands = [
        {"time_band": "PEAK", "weekdays": "12345", "start_time": "00:00", "end_time": "18:00"},
        {"time_band": "LATE", "weekdays": "12345", "start_time": "18:00", "end_time": "24:00"},
    ]
    rates = [price("1", time_band="PEAK", connect_fee=Decimal(1)), price("0.5", time_band="LATE")]
    tariff = a_tariff(rates=rates, time_bands=bands)
    assert charges(engine, tariff, {"duration_seconds": 3600, "event_start_utc": at(17, 30)}) == ["2701"]


def test_bands_hold_before_1970(engine: "SparkSession") -> None:
    early = datetime(1965, 6, 1, 9, tzinfo=UTC)
    rates = [price("2", time_band="PEAK", valid_from=None)]
    tariff = a_tariff(rates=rates, time_bands=[WORK], subscriptions=[{"valid_from": None}])
    assert charges(engine, tariff, {"duration_seconds": 1, "event_start_utc": early}) == ["2"]


def test_a_shared_allowance(engine: "SparkSession") -> None:
    tariff = a_tariff(
        subscriptions=[{}, {"msisdn": BERT}],
        rates=[price("0.1")],
        allowances=[{"quantity": Decimal(10), "scope": "customer"}],
    )
    calls = [
        {"duration_seconds": 8, "event_start_utc": at(8)},
        {"duration_seconds": 8, "event_start_utc": at(9), "served_msisdn": BERT},
    ]
    assert charges(engine, tariff, *calls) == ["0", "0.6"]


def test_parts_of_a_session_pay_what_they_add(engine: "SparkSession") -> None:
    rates = [price("0.01", 10, product_code="DATA", first_increment=100, next_increment=50, connect_fee=Decimal(1))]
    part = {"session_id": "S", "event_start_utc": at(8)}
    parts = [
        a_session(cdr_id="second", volume_bytes=30, sequence_number=2, **part),
        a_session(cdr_id="first", volume_bytes=90, sequence_number=1, **part),
        a_session(cdr_id="third", volume_bytes=1, sequence_number=5, **part),
    ]
    found = rated(engine, a_tariff(rates=rates), sessions=parts)
    assert {name: (row["billed_units"], row["charge_amount"]) for name, row in found.items()} == {
        "first": (100, Decimal("1.1")),
        "second": (50, Decimal("0.05")),
        "third": (0, Decimal(0)),
    }
    assert found["third"]["session_units_before"] == 120
    assert {row["served_msisdn"] for row in found.values()} == {ANNA}
