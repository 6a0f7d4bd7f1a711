"""Ported numbers: the operator of the day decides between on-net and off-net."""

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from telecom_cdr.rating.portability import with_portability
from telecom_cdr_tests.rating.looked_up import DAY, Row, abroad, added, data, table

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

HOME = " Maroc telecom"
PORTED: list[dict[str, Any]] = [
    {"msisdn": "212661000009", "operator": "Inwi", "valid_to": date(2026, 1, 10)},
    {"msisdn": "212661000009", "operator": "Orange", "valid_from": date(2026, 1, 12)},
    {"msisdn": "212612000009", "operator": "MAROC TELECOM ", "valid_from": date(2026, 1, 15)},
    {"msisdn": "212522000009", "operator": "Inwi"},
    {"msisdn": "190", "operator": "Inwi"},
]
CASES: list[tuple[str, str | None, date, str | None, str | None]] = [
    # called, class by range, day, class, operator
    ("212661000009", "onnet", date(2026, 1, 9), "offnet", "Inwi"),
    ("212661000009", "onnet", date(2026, 1, 10), "onnet", None),
    ("212661000009", "onnet", date(2026, 1, 12), "offnet", "Orange"),
    ("212612000009", "offnet", date(2026, 1, 14), "offnet", None),
    ("212612000009", "offnet", date(2026, 1, 15), "onnet", "MAROC TELECOM"),
    ("212612000008", "offnet", DAY, "offnet", None),
    # Only mobile numbers at home are on-net or off-net.
    ("212522000009", "fixed", DAY, "fixed", None),
    ("190", "special", DAY, "special", None),
    ("212661000009", "roaming", DAY, "roaming", None),
]


def _found(engine: "SparkSession", ported: list[Row], events: list[Row]) -> list[tuple[Any, ...]]:
    frame = table(engine, "number_portability", *ported)
    return added(
        engine,
        lambda found: with_portability(found, frame, HOME, has_ported_numbers=bool(ported)),
        events,
        "traffic_class",
        "ported_operator",
    )


def test_the_operator_of_the_day_decides(each_engine: "SparkSession") -> None:
    events = [{"called_number": called, "traffic_class": kind, "tariff_date": day} for called, kind, day, *_ in CASES]
    assert _found(each_engine, PORTED, events) == [(kind, operator) for *_, kind, operator in CASES]


@pytest.mark.parametrize("ported", [[], PORTED[1:2]], ids=["nothing is ported", "others are ported"])
def test_numbers_that_are_not_ported_keep_the_class_of_their_range(engine: "SparkSession", ported: list[Row]) -> None:
    events = [{"traffic_class": "onnet"}, abroad("20801"), data()]
    assert _found(engine, ported, events) == [("onnet", None), ("roaming", None), (None, None)]


def test_overlapping_rows_do_not_double_an_event(engine: "SparkSession") -> None:
    doubled = [{**PORTED[0], "valid_to": None}, PORTED[1]]
    assert _found(engine, doubled, [{"called_number": "212661000009", "traffic_class": "onnet"}]) == [
        ("offnet", "Orange")
    ]
