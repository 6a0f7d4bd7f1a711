"""Every reason: what gives it, what just does not, and how reasons stand together. All cases are judged in one go."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from telecom_cdr.vocabulary import NOT_BILLABLE_REASONS, Reason
from telecom_cdr_tests.mediation.records import INGESTED, Raw, Row, a_record, judged, malformed, mistyped, starting

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_DAY = timedelta(hours=24)
_TICK = timedelta(microseconds=1)
_EVERYTHING_WRONG = starting(
    INGESTED + timedelta(days=2),
    a_record("data", record_ID="", user_id="12", data_volume_mb="-1", session_duration_sec="99999", is_final="maybe"),
)

CASES: dict[str, tuple[Raw, str | None]] = {
    "valid call": (a_record(), None),
    "valid message": (a_record("sms"), None),
    "valid session": (a_record("data"), None),
    "malformed": (malformed(), "MALFORMED_JSON"),
    "malformed with fields": (replace(a_record(record_ID=None), is_well_formed=False), "MALFORMED_JSON"),
    "no type": (a_record(None), "UNKNOWN_RECORD_TYPE"),
    "blank type": (a_record(" "), "UNKNOWN_RECORD_TYPE"),
    "other type": (a_record("mms"), "UNKNOWN_RECORD_TYPE"),
    "type in capitals": (a_record("VOICE"), "UNKNOWN_RECORD_TYPE"),
    "type with a blank": (a_record("voice "), "UNKNOWN_RECORD_TYPE"),
    "unknown type has no number or duration to miss": (a_record("fax", duration_sec="-5"), "UNKNOWN_RECORD_TYPE"),
    "unknown type, also without ID and time": (
        starting(None, a_record("fax", record_ID=None, timestamp=None)),
        "UNKNOWN_RECORD_TYPE,MISSING_RECORD_ID,MISSING_TIMESTAMP",
    ),
    "unknown type is no leg": (a_record("fax", direction="mt"), "UNKNOWN_RECORD_TYPE"),
    "mistyped type": (mistyped(a_record(), "record_type"), "INVALID_FIELD_TYPE"),
    "no ID": (a_record(record_ID=None), "MISSING_RECORD_ID"),
    "empty ID": (a_record(record_ID=""), "MISSING_RECORD_ID"),
    "blank ID": (a_record(record_ID=" \t\u00a0\u3000"), "MISSING_RECORD_ID"),
    "ID with blanks around": (a_record(record_ID=" R1 "), None),
    "mistyped ID": (mistyped(a_record(), "record_ID"), "INVALID_FIELD_TYPE"),
    "no time": (starting(None, a_record(timestamp=None)), "MISSING_TIMESTAMP"),
    "blank time": (starting(None, a_record(timestamp=" ")), "MISSING_TIMESTAMP"),
    "unreadable time": (starting(None, a_record(timestamp="yesterday")), "INVALID_TIMESTAMP"),
    "mistyped time": (starting(None, mistyped(a_record(), "timestamp")), "INVALID_FIELD_TYPE"),
    "24 h ahead": (starting(INGESTED + _DAY, a_record()), None),
    "more than 24 h ahead": (starting(INGESTED + _DAY + _TICK, a_record()), "FUTURE_TIMESTAMP"),
    "first month": (starting(datetime(2024, 1, 1, tzinfo=UTC), a_record()), None),
    "before the first month": (starting(datetime(2023, 12, 31, 23, tzinfo=UTC), a_record()), "TOO_OLD"),
    "year 1": (replace(starting(datetime(1, 1, 2, tzinfo=UTC), a_record()), usage_month="0001-01"), "TOO_OLD"),
    "no caller": (a_record(caller_id=None), "MISSING_SERVED_NUMBER"),
    "blank sender": (a_record("sms", sender_id=" "), "MISSING_SERVED_NUMBER"),
    "no user": (a_record("data", user_id=None), "MISSING_SERVED_NUMBER"),
    "foreign caller": (a_record(caller_id="33612345678"), "INVALID_SERVED_NUMBER"),
    "caller is a short code": (a_record(caller_id="1234"), "INVALID_SERVED_NUMBER"),
    "caller of an unassigned range": (a_record(caller_id="212683345678"), "INVALID_SERVED_NUMBER"),
    "caller of dashes": (a_record(caller_id="---"), "INVALID_SERVED_NUMBER"),
    "mistyped caller": (mistyped(a_record(), "caller_id"), "INVALID_FIELD_TYPE"),
    "no callee": (a_record(callee_id=None), "MISSING_CALLED_NUMBER"),
    "blank receiver": (a_record("sms", receiver_id=""), "MISSING_CALLED_NUMBER"),
    "callee too short": (a_record(callee_id="+212661"), "INVALID_CALLED_NUMBER"),
    "callee of 16 digits": (a_record(callee_id="+2126610000021234"), "INVALID_CALLED_NUMBER"),
    "callee of no country": (a_record(callee_id="+2101234567"), "INVALID_CALLED_NUMBER"),
    "mistyped callee": (mistyped(a_record(), "callee_id"), "INVALID_FIELD_TYPE"),
    "a session calls nobody": (a_record("data", callee_id="x", receiver_id="x"), None),
    "no duration": (a_record(duration_sec=None), "MISSING_DURATION"),
    "no session duration": (a_record("data", session_duration_sec=" "), "MISSING_DURATION"),
    "a message has no duration": (a_record("sms", duration_sec="-1"), None),
    "mistyped duration": (mistyped(a_record(), "duration_sec"), "INVALID_FIELD_TYPE"),
    "negative duration": (a_record(duration_sec="-1"), "NEGATIVE_DURATION"),
    "negative session": (a_record("data", session_duration_sec="-1"), "NEGATIVE_DURATION"),
    "24 h": (a_record(duration_sec="86400"), None),
    "more than 24 h": (a_record(duration_sec="86401"), "EXCESSIVE_DURATION"),
    "session of more than 24 h": (a_record("data", session_duration_sec="86401"), "EXCESSIVE_DURATION"),
    "no volume": (a_record("data", data_volume_mb=None), "MISSING_VOLUME"),
    "negative volume": (a_record("data", data_volume_mb="-0.0000001"), "NEGATIVE_VOLUME"),
    "1 TB": (a_record("data", data_volume_mb="1000000"), None),
    "1 TB and a byte": (a_record("data", data_volume_mb="1000000.000001"), "EXCESSIVE_VOLUME"),
    "1 TB once rounded": (a_record("data", data_volume_mb="1000000.0000004"), None),
    "1 TB and a byte once rounded": (a_record("data", data_volume_mb="1000000.0000005"), "EXCESSIVE_VOLUME"),
    "mistyped volume": (mistyped(a_record("data"), "data_volume_mb"), "INVALID_FIELD_TYPE"),
    "zero volume and session": (a_record("data", data_volume_mb="0", session_duration_sec="0"), None),
    "unanswered": (a_record(duration_sec="0"), "UNANSWERED"),
    "unanswered, minus zero": (a_record(duration_sec="-0"), "UNANSWERED"),
    "terminating leg": (a_record(direction="mt"), "TERMINATING_LEG"),
    "terminating leg in capitals": (a_record(direction="MT"), "TERMINATING_LEG"),
    "originating leg": (a_record(direction="Mo"), None),
    "terminating leg at a home network": (a_record(direction="mt", serving_plmn="60401"), "TERMINATING_LEG"),
    "terminating leg abroad": (
        a_record(direction="mt", serving_plmn="20801", caller_id="+33612345678", callee_id="0661000001"),
        None,
    ),
    "terminating message abroad": (
        a_record("sms", direction="mt", serving_plmn="20801", sender_id="190", receiver_id="0661000001"),
        None,
    ),
    "terminating session abroad": (a_record("data", direction="mt", serving_plmn="20801"), None),
    "terminating session at home": (a_record("data", direction="mt"), "TERMINATING_LEG"),
    "terminating leg of a network that cannot be read": (a_record(direction="mt", serving_plmn="abc"), None),
    "terminating leg abroad at a foreign number": (
        a_record(direction="mt", serving_plmn="20801", callee_id="+33612345678"),
        "INVALID_SERVED_NUMBER",
    ),
    "terminating leg abroad without a callee": (
        a_record(direction="mt", serving_plmn="20801", callee_id=None),
        "MISSING_SERVED_NUMBER",
    ),
    "terminating leg abroad without a caller": (
        a_record(direction="mt", serving_plmn="20801", caller_id=" "),
        "MISSING_CALLED_NUMBER",
    ),
    "terminating leg abroad, both numbers mistyped": (
        mistyped(a_record(direction="mt", serving_plmn="20801"), "caller_id", "callee_id"),
        "INVALID_FIELD_TYPE",
    ),
    "unanswered terminating leg abroad": (
        a_record(duration_sec="0", direction="mt", serving_plmn="20801"),
        "UNANSWERED",
    ),
    "mistyped network": (mistyped(a_record(), "serving_plmn"), "INVALID_FIELD_TYPE"),
    "unanswered terminating leg": (a_record(duration_sec="0", direction="mt"), "UNANSWERED,TERMINATING_LEG"),
    "unknown direction": (a_record(direction="up"), "INVALID_FIELD_TYPE"),
    "blank direction": (a_record(direction=" "), None),
    "sequence number in words": (a_record(sequence_number="one"), "INVALID_FIELD_TYPE"),
    "sequence number with a fraction": (a_record(sequence_number="1.5"), "INVALID_FIELD_TYPE"),
    "sequence number beyond a bigint": (a_record(sequence_number="1e30"), "INVALID_FIELD_TYPE"),
    "sequence number of 19 digits": (a_record(sequence_number="9e18"), None),
    "negative sequence number": (a_record(sequence_number="-3"), None),
    "is_final true": (a_record(is_final="true"), None),
    "is_final 1": (a_record(is_final="1"), "INVALID_FIELD_TYPE"),
    "mistyped cell": (mistyped(a_record(), "cell_id"), "INVALID_FIELD_TYPE"),
    "mistyped product of a session": (mistyped(a_record("data"), "product_code"), "INVALID_FIELD_TYPE"),
    "mistyped field of another type": (mistyped(a_record(), "user_id", "data_volume_mb"), None),
    "mistyped field whose name begins like another": (mistyped(a_record("sms"), "duration_sec"), None),
    "unknown technology and cell": (a_record(technology="6G", cell_id=None), None),
    "all reasons together": (
        _EVERYTHING_WRONG,
        "MISSING_RECORD_ID,FUTURE_TIMESTAMP,INVALID_SERVED_NUMBER,EXCESSIVE_DURATION,NEGATIVE_VOLUME,INVALID_FIELD_TYPE",
    ),
    "all fields of a call missing": (
        starting(None, a_record(record_ID=None, timestamp=None, caller_id=None, callee_id=None, duration_sec=None)),
        "MISSING_RECORD_ID,MISSING_TIMESTAMP,MISSING_SERVED_NUMBER,MISSING_CALLED_NUMBER,MISSING_DURATION",
    ),
    "all fields of a call bad": (
        starting(
            datetime(2020, 1, 1, tzinfo=UTC),
            a_record(caller_id="x", callee_id="x", duration_sec="-1", direction="mt", is_final="x"),
        ),
        "TOO_OLD,INVALID_SERVED_NUMBER,INVALID_CALLED_NUMBER,NEGATIVE_DURATION,INVALID_FIELD_TYPE,TERMINATING_LEG",
    ),
}


@pytest.fixture(scope="module")
def rows(engine: "SparkSession") -> dict[str, Row]:
    return dict(zip(CASES, judged(engine, [record for record, _ in CASES.values()]), strict=True))


@pytest.mark.parametrize("case", CASES)
def test_a_record_gets_all_of_its_reasons_in_order(rows: dict[str, Row], case: str) -> None:
    assert rows[case]["reasons"] == CASES[case][1]


def test_only_records_with_nothing_to_bill_are_not_billable(rows: dict[str, Row]) -> None:
    not_billable = {case for case, row in rows.items() if row["disposition"] == "not_billable"}
    expected = {
        case
        for case, (_, reasons) in CASES.items()
        if reasons and {Reason(reason) for reason in reasons.split(",")} <= set(NOT_BILLABLE_REASONS)
    }
    assert not_billable == expected
    refused = {case for case, row in rows.items() if row["disposition"] == "refused"}
    assert refused == {case for case, (_, reasons) in CASES.items() if reasons} - expected


def test_only_valid_records_have_an_identity(rows: dict[str, Row]) -> None:
    assert {case for case, row in rows.items() if row["cdr_id"]} == {case for case, row in CASES.items() if not row[1]}


def test_every_reason_has_a_case() -> None:
    given = {reason for _, reasons in CASES.values() if reasons for reason in reasons.split(",")}
    assert given == {reason.value for reason in Reason}


def test_what_is_missing_or_unknown_about_the_radio_is_a_warning(rows: dict[str, Row]) -> None:
    assert rows["unknown technology and cell"]["warnings"] == "UNKNOWN_TECHNOLOGY,MISSING_CELL"
    assert rows["unknown technology and cell"]["cell_id"] == "UNKNOWN"
    assert rows["valid call"]["warnings"] is None
