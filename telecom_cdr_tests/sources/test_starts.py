"""When a record starts, and the two months that it belongs to."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from telecom_cdr.sources.local_time import zone_rules
from telecom_cdr.sources.starts import billing_months, find_starts, microseconds_of, month_names
from telecom_cdr_tests.sources.records import decode, records_of

RULES = zone_rules("Africa/Casablanca")


def start(timestamp: object) -> dict[str, Any]:
    fields = decode([records_of(json.dumps({"timestamp": timestamp}).encode())])
    return {name: column[0].as_py() for name, column in find_starts(fields, RULES).columns().items()}


def billing_month(
    timestamp: object, *, ingested: str = "2026-04-15T12:00:00", closed: tuple[str, ...] = (), first: str = "2024-01"
) -> str:
    fields = decode([records_of(json.dumps({"timestamp": timestamp}).encode())])
    months = billing_months(
        find_starts(fields, RULES),
        datetime.fromisoformat(ingested).replace(tzinfo=UTC),
        rules=RULES,
        first_month=first,
        is_closed=closed.__contains__,
    )
    return str(month_names(months)[0].as_py())


@pytest.mark.parametrize(
    ("timestamp", "instant", "offset", "day", "month"),
    [
        ("2026-02-28T23:30:00Z", "2026-02-28T23:30:00", 0, "2026-02-28", "2026-02"),  # Ramadan
        ("2026-01-31T23:30:00Z", "2026-01-31T23:30:00", 3600, "2026-02-01", "2026-02"),
        ("2026-10-31T23:30:00Z", "2026-10-31T23:30:00", 0, "2026-10-31", "2026-10"),  # after 2026-09-20
        ("2026-08-31T23:30:00Z", "2026-08-31T23:30:00", 3600, "2026-09-01", "2026-09"),
        ("2026-02-28T23:30:00", "2026-02-28T23:30:00", 0, "2026-02-28", "2026-02"),
        ("2026-02-01T00:00:00", "2026-01-31T23:00:00", 3600, "2026-02-01", "2026-02"),
        ("2026-03-01T03:00:00+05:30", "2026-02-28T21:30:00", 0, "2026-02-28", "2026-02"),
        ("2026-02-15T03:00:00+01:00", "2026-02-15T02:00:00", 0, "2026-02-15", "2026-02"),
        ("1900-01-01T00:00:00", "1900-01-01T00:30:20", -1820, "1900-01-01", "1900-01"),
    ],
)
def test_a_start_has_an_instant_an_offset_a_local_day_and_a_month(
    timestamp: str, instant: str, offset: int, day: str, month: str
) -> None:
    found = start(timestamp)
    assert found == {
        "event_start_utc": datetime.fromisoformat(instant).replace(tzinfo=UTC),
        "utc_offset_seconds": offset,
        "usage_date": date.fromisoformat(day),
        "is_ambiguous_time": False,
        "is_shifted_time": False,
        "usage_month": month,
    }


def test_only_times_without_offset_are_flagged() -> None:
    assert start("2026-02-15T02:30:00")["is_ambiguous_time"] is True
    assert start("2026-02-15T02:30:00+00:00")["is_ambiguous_time"] is False
    assert start("2026-03-22T02:30:00")["is_shifted_time"] is True
    assert start("2026-03-22T02:30:00Z")["is_shifted_time"] is False


@pytest.mark.parametrize(
    "timestamp",
    ["0000-12-31T23:59:59-01:00", "0001-01-01T00:00:00+01:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-01:00"],
)
def test_a_start_outside_the_calendar_is_unreadable(timestamp: str) -> None:
    assert {value for value in start(timestamp).values() if value is not False} == {None}


@pytest.mark.parametrize("timestamp", [None, "", "soon", 5, {"a": 1}])
def test_an_unreadable_start_has_no_month_of_usage_and_is_billed_by_the_month_of_ingest(timestamp: object) -> None:
    assert start(timestamp)["usage_month"] is None
    assert billing_month(timestamp) == "2026-04"


@pytest.mark.parametrize(
    ("timestamp", "month"),
    [
        ("2026-04-10T00:00:00Z", "2026-04"),
        ("2026-03-31T22:59:59Z", "2026-03"),
        ("2026-03-31T23:00:00Z", "2026-04"),  # local midnight
        ("2024-01-01T00:00:00", "2024-01"),
        ("2023-12-31T23:59:59", "2026-04"),  # before the first month
        ("2026-04-16T12:00:00Z", "2026-04"),  # just a day ahead
        ("2026-05-10T00:00:00Z", "2026-04"),  # in the future
    ],
)
def test_an_open_month_bills_its_own_records(timestamp: str, month: str) -> None:
    assert billing_month(timestamp) == month


@pytest.mark.parametrize(
    ("timestamp", "month"),
    [
        ("2026-04-30T23:30:00", "2026-04"),
        ("2026-05-01T12:00:00Z", "2026-05"),
        ("2026-05-01T12:00:00.000001Z", "2026-04"),
    ],
)
def test_a_start_up_to_a_day_after_ingest_has_its_own_month(timestamp: str, month: str) -> None:
    assert billing_month(timestamp, ingested="2026-04-30T12:00:00") == month


def test_a_late_record_goes_to_the_earliest_open_month_after_its_own() -> None:
    assert billing_month("2026-01-10T00:00:00", closed=("2026-01",)) == "2026-02"
    assert billing_month("2026-01-10T00:00:00", closed=("2026-01", "2026-02", "2026-04")) == "2026-03"
    assert (
        billing_month("2025-12-10T00:00:00", closed=("2025-12", "2026-01", "2026-02", "2026-03", "2026-04"))
        == "2026-05"
    )


def test_the_month_of_ingest_gives_way_too_when_it_is_closed() -> None:
    assert billing_month(None, closed=("2026-04",)) == "2026-05"


def test_the_month_of_ingest_is_local() -> None:
    assert billing_month(None, ingested="2026-01-31T23:30:00") == "2026-02"
    assert billing_month(None, ingested="2026-02-28T23:30:00") == "2026-02"
    assert billing_month(None, ingested="2026-10-31T23:30:00") == "2026-10"


def test_an_ingest_time_without_zone_is_refused() -> None:
    with pytest.raises(TypeError):
        microseconds_of(datetime(2026, 1, 1))
