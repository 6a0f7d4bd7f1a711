"""Sessions whose parts do not follow each other, by DataFrames and by the SQL beside them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from telecom_cdr.reporting import incomplete_sessions
from telecom_cdr.tables.rated import USAGE
from telecom_cdr_tests.reporting.by_sql import rows_by_sql
from telecom_cdr_tests.table_rows import MONTH, frame_of, rows

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

Row = dict[str, Any]

OTHER_MONTH = "2025-12"
NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
LAST: Row = {"is_final": True}
CALLED: Row = {"service_type": "voice", "product_code": "VOICE", "session_duration_seconds": None, "usage_units": 10}
NOBODY: Row = {"status": "unrated", "customer_id": None, "charge_amount": None, "currency": None}


def _part(number: int, session_id: str | None, sequence: int | None, second: int = 0, **values: Any) -> Row:
    """A part of ten seconds of a data session; it starts so many seconds after noon."""
    return {
        "cdr_id": f"cdr{number:02d}",
        "record_id": f"R{number}",
        "service_type": "data",
        "status": "rated",
        "served_msisdn": "212612345678",
        "customer_id": "C1",
        "plan_code": "GOLD",
        "currency": "MAD",
        "product_code": "DATA",
        "session_id": session_id,
        "sequence_number": sequence,
        "event_start_utc": NOON + timedelta(seconds=second),
        "session_duration_seconds": 10,
        "is_final": False,
        "usage_units": 1000,
        "charge_amount": Decimal("0.01"),
        **values,
    }


PARTS = [
    # Whole ones, counted from 0 and from 1, with starts measured finer than lengths.
    _part(1, "FROM0", 0),
    _part(2, "FROM0", 1, 10, **LAST),
    _part(3, "FROM1", 1),
    _part(4, "FROM1", 2, 10, **LAST, event_start_utc=NOON + timedelta(seconds=9, microseconds=1)),
    # The same session elsewhere is another one.
    _part(5, "FROM1", 1, **LAST, served_msisdn="212612345679"),
    _part(6, "FROM1", 1, **LAST, product_code="DATA_2"),
    _part(7, "FROM1", 1, **LAST, is_roaming=True, serving_plmn="20801"),
    _part(8, "FROM1", 1, **LAST, usage_month=OTHER_MONTH),
    # At home all networks are one.
    _part(9, "AT_HOME", 1),
    _part(10, "AT_HOME", 2, 10, **LAST, serving_plmn="60401"),
    # No parts, and parts of another month.
    _part(11, "NO_PART", None),
    _part(12, None, 7),
    _part(13, "BILLED_BEFORE", 7, billing_month=OTHER_MONTH),
    # What is wrong with one each.
    _part(20, "GAP", 1),
    _part(21, "GAP", 5, 50, **LAST),
    _part(22, "NO_FIRST", 3, **LAST),
    _part(23, "NO_FINAL", 1),
    _part(24, "NO_FINAL", 2, 20, is_final=None),
    _part(25, "REPEAT", 1, **LAST),
    _part(26, "REPEAT", 1, 10),
    _part(27, "REPEAT", 1, 20),
    _part(28, "OVERLAP", 1),
    _part(29, "OVERLAP", 2, 7),
    _part(30, "OVERLAP", 3, 16, **LAST),
    _part(31, "BACKWARDS", 1, 100),
    _part(32, "BACKWARDS", 2, 50, **LAST),
    _part(33, "CALL", 1, **CALLED, called_number="212662000009"),
    _part(34, "CALL", 2, 4, **CALLED, **LAST, called_number="212662000009"),
    _part(35, "CALL", 9, **CALLED, **LAST, called_number="190"),
    _part(36, "FAR", -(2**62)),
    _part(37, "FAR", 2**62, 20, **LAST),
    _part(38, "UNRATED", 2, **LAST, **NOBODY),
    _part(39, "ABROAD", 1, is_roaming=True, serving_plmn="20801", currency="EUR", customer_id="C3"),
]
# First part -> missing, repeated, first, final, overlap.
INCOMPLETE = {
    "cdr20": (3, 0, True, True, 0),
    "cdr22": (2, 0, False, True, 0),
    "cdr23": (0, 0, True, False, 0),
    "cdr25": (0, 2, True, True, 0),
    "cdr28": (0, 0, True, True, 4),
    "cdr31": (0, 0, True, True, 60),
    "cdr33": (0, 0, True, True, 6),
    "cdr35": (8, 0, False, True, 0),
    "cdr36": (2**63 - 1, 0, True, True, 0),
    "cdr38": (1, 0, False, True, 0),
    "cdr39": (0, 0, True, False, 0),
}
_FAULTS = ("missing_count", "repeated_count", "has_first", "has_final", "overlap_seconds")


@pytest.fixture(scope="module")
def found(engine: "SparkSession") -> dict[str, Row]:
    reported = rows(incomplete_sessions(frame_of(engine, USAGE, *PARTS), MONTH))
    assert len({row["first_cdr_id"] for row in reported}) == len(reported)
    return {row["first_cdr_id"]: row for row in reported}


def test_sessions_that_lack_parts_or_have_too_many_are_reported(found: dict[str, Row]) -> None:
    assert {first: tuple(row[name] for name in _FAULTS) for first, row in found.items()} == INCOMPLETE


def test_a_session_has_the_sums_of_its_parts_and_the_facts_of_its_first(found: dict[str, Row]) -> None:
    row = found["cdr28"]
    assert (row["part_count"], row["first_sequence_number"], row["last_sequence_number"]) == (3, 1, 3)
    assert (row["usage_units"], row["charge_amount"], row["currency"]) == (3000, Decimal("0.03"), "MAD")
    assert (row["first_record_id"], row["session_id"], row["customer_id"]) == ("R28", "OVERLAP", "C1")
    assert (row["first_start_utc"], row["product_code"], row["serving_plmn"]) == (NOON, "DATA", None)
    assert (row["masked_msisdn"], row["unrated_count"], row["usage_month"]) == ("2126*****78", 0, MONTH)


def test_sessions_abroad_and_unrated_ones_are_reported_too(found: dict[str, Row]) -> None:
    assert (found["cdr39"]["serving_plmn"], found["cdr39"]["currency"]) == ("20801", "EUR")
    unrated = found["cdr38"]
    assert (unrated["unrated_count"], unrated["charge_amount"], unrated["currency"]) == (1, 0, "XXX")


def test_both_engines_and_the_sql_report_the_same(spark: "SparkSession", found: dict[str, Row]) -> None:
    frame = frame_of(spark, USAGE, *PARTS)
    assert {row["first_cdr_id"]: row for row in rows(incomplete_sessions(frame, MONTH))} == found
    _, by_sql = rows_by_sql("incomplete_sessions", {"rated/usage": frame})
    assert {row["first_cdr_id"]: row for row in by_sql} == found
