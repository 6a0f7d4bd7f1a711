"""Destinations: the longest prefix valid on the day."""

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest

from telecom_cdr_tests.rating.tariffs import a_call, a_session, a_tariff, rated

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

DESTINATIONS: list[dict[str, Any]] = [
    {"prefix": "1", "zone": "NORTH_AMERICA", "country_code": "1"},
    {"prefix": "1002", "zone": "NEAR", "country_code": "1"},
    {"prefix": "212", "zone": "MA", "country_code": "212"},
    {"prefix": "212662", "zone": "INWI", "country_code": "212", "valid_to": date(2026, 1, 20)},
    {"prefix": "212662", "zone": "INWI_NEW", "country_code": "212", "valid_from": date(2026, 1, 25)},
    {"prefix": "2126620000", "zone": "VERY_LONG", "country_code": "212", "valid_from": date(2026, 2, 1)},
    {"prefix": "150", "zone": "POLICE", "country_code": "SHORT"},
    {"prefix": "1502", "zone": "OTHER_SHORT", "country_code": "SHORT"},
    {"prefix": "44", "zone": "UK", "country_code": "44", "valid_from": None},
]


def _found(engine: "SparkSession", calls: list[tuple[str, bool, date]]) -> list[tuple[str | None, str | None]]:
    events = [
        a_call(
            cdr_id=f"{number:03d}",
            called_number=called,
            is_short_code=is_short,
            usage_date=day,
            event_start_utc=datetime(day.year, day.month, day.day, 12, tzinfo=UTC),
        )
        for number, (called, is_short, day) in enumerate(calls)
    ]
    found = rated(engine, a_tariff(destinations=DESTINATIONS), calls=events)
    return [(found[event["cdr_id"]]["zone"], found[event["cdr_id"]]["destination_prefix"]) for event in events]


MID = date(2026, 1, 15)
CASES = [
    # called, short code, day, zone, prefix
    ("10021234567", False, MID, "NEAR", "1002"),
    ("10031234567", False, MID, "NORTH_AMERICA", "1"),
    ("212522000000", False, MID, "MA", "212"),
    ("212662000009", False, MID, "INWI", "212662"),
    ("212662000009", False, date(2026, 1, 19), "INWI", "212662"),
    # Half-open: the day that ends a destination is not its own.
    ("212662000009", False, date(2026, 1, 20), "MA", "212"),
    ("212662000009", False, date(2026, 1, 24), "MA", "212"),
    ("212662000009", False, date(2026, 1, 25), "INWI_NEW", "212662"),
    ("212662000009", False, date(2026, 2, 1), "VERY_LONG", "2126620000"),
    ("21266", False, MID, "MA", "212"),
    ("33612345678", False, MID, None, None),
    # A short code is matched whole, and never by prefixes of ordinary numbers; nor the other way round.
    ("150", True, MID, "POLICE", "150"),
    ("1502", True, MID, "OTHER_SHORT", "1502"),
    ("15021", True, MID, None, None),
    ("100", True, MID, None, None),
    ("212", True, MID, None, None),
    ("1502000000", False, MID, "NORTH_AMERICA", "1"),
    # No first day: since ever.
    ("447700900000", False, MID, "UK", "44"),
]


def test_the_longest_prefix_valid_on_the_day_wins(engine: "SparkSession") -> None:
    found = _found(engine, [(called, is_short, day) for called, is_short, day, _, _ in CASES])
    assert found == [(zone, prefix) for *_, zone, prefix in CASES]


@pytest.mark.parametrize(
    "destinations",
    [[], [{"prefix": "150", "zone": "POLICE", "country_code": "SHORT"}]],
    ids=["no destinations", "short codes only"],
)
def test_without_prefixes_no_number_has_a_destination(
    engine: "SparkSession", destinations: list[dict[str, str]]
) -> None:
    found = rated(engine, a_tariff(destinations=destinations), calls=[a_call()])
    assert found["call"]["reason"] == "NO_DESTINATION"


def test_data_has_no_destination_and_needs_none(engine: "SparkSession") -> None:
    found = rated(engine, a_tariff(), sessions=[a_session()])["session"]
    assert (found["status"], found["zone"], found["destination_prefix"]) == ("rated", None, None)


def test_overlapping_destinations_do_not_double_an_event(engine: "SparkSession") -> None:
    doubled: list[dict[str, Any]] = [
        {"prefix": "212", "zone": "OLD", "country_code": "212"},
        {"prefix": "212", "zone": "NEW", "country_code": "212", "valid_from": date(2026, 1, 10)},
    ]
    assert rated(engine, a_tariff(destinations=doubled), calls=[a_call()])["call"]["zone"] == "NEW"
