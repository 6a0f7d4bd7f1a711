"""The rules of mediation for one record: every reason against it, and the normalised event when there is none."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from telecom_cdr_tests.exact_model.clock import Start
from telecom_cdr_tests.exact_model.numbers import (
    PhoneNumber,
    classify,
    is_called_number,
    is_served_number,
    read_integer,
    read_network,
    read_number,
    read_phone_number,
    round_half_up,
)
from telecom_cdr_tests.exact_model.raw import Decoded

Row = dict[str, object]

REASONS = (
    "MALFORMED_JSON",
    "UNKNOWN_RECORD_TYPE",
    "MISSING_RECORD_ID",
    "MISSING_TIMESTAMP",
    "INVALID_TIMESTAMP",
    "FUTURE_TIMESTAMP",
    "TOO_OLD",
    "MISSING_SERVED_NUMBER",
    "INVALID_SERVED_NUMBER",
    "MISSING_CALLED_NUMBER",
    "INVALID_CALLED_NUMBER",
    "MISSING_DURATION",
    "NEGATIVE_DURATION",
    "EXCESSIVE_DURATION",
    "MISSING_VOLUME",
    "NEGATIVE_VOLUME",
    "EXCESSIVE_VOLUME",
    "INVALID_FIELD_TYPE",
    "UNANSWERED",
    "TERMINATING_LEG",
)
_OWN_FIELDS = {
    "voice": ("caller_id", "callee_id", "duration_sec"),
    "sms": ("sender_id", "receiver_id"),
    "data": ("user_id", "data_volume_mb", "session_duration_sec", "product_code"),
}
_GENERATIONS = {
    **{name: name for name in ("2G", "3G", "4G", "5G")},
    "GSM": "2G",
    "EDGE": "2G",
    "UMTS": "3G",
    "HSPA": "3G",
    "LTE": "4G",
    "NR": "5G",
}
_LONGEST_SECONDS = 24 * 3600
_LARGEST_BYTES = 10**12
_LARGEST_BIGINT = 2**63 - 1


@dataclass
class _Record:
    """One well-formed record while it is judged: reasons gather, fields that can be read become the event."""

    decoded: Decoded
    reasons: set[str] = field(default_factory=set)
    event: Row = field(default_factory=dict)

    def text(self, name: str, missing: str | None = None) -> str | None:
        """The field's text; None when it is missing, which may be a reason, or of the wrong type, which always is."""
        if name in self.decoded.mistyped:
            self.reasons.add("INVALID_FIELD_TYPE")
            return None
        value = self.decoded.texts.get(name, "")
        if value.strip():
            return value
        if missing:
            self.reasons.add(missing)
        return None

    def expect(self, condition: bool, reason: str) -> None:
        """Add the reason unless the condition holds."""
        if not condition:
            self.reasons.add(reason)


def judge(
    decoded: Decoded, start: Start | None, ingested: datetime, first_month: str, home_operator: str
) -> tuple[tuple[str, ...], Row | None]:
    """All reasons in the order of `REASONS`, and the event of a record without any."""
    if not decoded.is_well_formed:
        return ("MALFORMED_JSON",), None
    record = _Record(decoded)
    kind = record.text("record_type")
    record.text("record_ID", "MISSING_RECORD_ID")
    _judge_time(record, start, ingested, first_month)
    direction, is_roaming = _judge_common(record)
    if kind in _OWN_FIELDS:
        record.event["record_type"] = kind
        is_swapped = direction == "mt" and is_roaming
        record.expect(direction != "mt" or is_roaming, "TERMINATING_LEG")
        _judge_own(record, kind, is_swapped, is_roaming, home_operator)
    elif "record_type" not in decoded.mistyped:
        record.reasons.add("UNKNOWN_RECORD_TYPE")
    reasons = tuple(reason for reason in REASONS if reason in record.reasons)
    return reasons, None if reasons else record.event


def _judge_time(record: _Record, start: Start | None, ingested: datetime, first_month: str) -> None:
    if record.text("timestamp", "MISSING_TIMESTAMP") is None:
        return
    if start is None:
        record.reasons.add("INVALID_TIMESTAMP")
        return
    record.expect(start.instant <= ingested + timedelta(hours=24), "FUTURE_TIMESTAMP")
    record.expect(start.month >= first_month, "TOO_OLD")


def _judge_common(record: _Record) -> tuple[str | None, bool]:
    """The fields that every record may have. Gives direction and whether the record is of a visited network."""
    event = record.event
    generation = _GENERATIONS.get((record.text("technology") or "").strip().upper())
    cell = record.text("cell_id")
    written = record.text("serving_plmn")
    network = read_network(written) if written else None
    event["serving_plmn"] = network or written
    warnings = {
        "UNKNOWN_TECHNOLOGY": generation is None,
        "MISSING_CELL": cell is None,
        "UNREADABLE_SERVING_PLMN": written is not None and network is None,
    }
    given = ",".join(name for name, is_given in warnings.items() if is_given)
    event.update(technology=generation or "UNKNOWN", cell_id=cell or "UNKNOWN", warnings=given or None)
    for name in ("session_id", "imsi", "imei", "cause"):
        event[name] = record.text(name)
    record.text("source_node")
    sequence = record.text("sequence_number")
    number = read_integer(sequence) if sequence else None
    event["sequence_number"] = number
    record.expect(sequence is None or (number is not None and abs(number) <= _LARGEST_BIGINT), "INVALID_FIELD_TYPE")
    final = record.text("is_final")
    event["is_final"] = None if final is None else final == "true"
    record.expect(final in (None, "true", "false"), "INVALID_FIELD_TYPE")
    direction = (record.text("direction") or "").lower() or None
    record.expect(direction in (None, "mo", "mt"), "INVALID_FIELD_TYPE")
    event["is_roaming"] = written is not None and not (network or "").startswith("604")
    return direction, bool(event["is_roaming"])


def _judge_own(record: _Record, kind: str, is_swapped: bool, is_roaming: bool, home_operator: str) -> None:
    if kind == "data":
        _judge_served(record, "user_id")
        _judge_seconds(record, "session_duration_sec", "session_duration_seconds")
        _judge_volume(record)
        record.event["product_code"] = record.text("product_code")
        return
    served, called = _OWN_FIELDS[kind][:2]
    _judge_served(record, called if is_swapped else served)
    _judge_called(record, served if is_swapped else called, is_roaming, home_operator)
    if kind == "sms":
        record.event["message_count"] = 1
        return
    seconds = _judge_seconds(record, "duration_sec", "duration_seconds")
    record.expect(seconds != 0, "UNANSWERED")


def _judge_served(record: _Record, name: str) -> None:
    text = record.text(name, "MISSING_SERVED_NUMBER")
    number = read_phone_number(text) if text else None
    record.expect(text is None or (number is not None and is_served_number(number)), "INVALID_SERVED_NUMBER")
    record.event["served_msisdn"] = number.digits if number else None


def _judge_called(record: _Record, name: str, is_roaming: bool, home_operator: str) -> None:
    text = record.text(name, "MISSING_CALLED_NUMBER")
    if text is None:
        return
    number = read_phone_number(text)
    if number is None or not is_called_number(number):
        record.reasons.add("INVALID_CALLED_NUMBER")
        return
    record.event.update(_destination(number, is_roaming, home_operator))


def _destination(number: PhoneNumber, is_roaming: bool, home_operator: str) -> Row:
    traffic_class, number_range = classify(number, home_operator)
    return {
        "called_number": number.digits,
        "is_short_code": number.is_short_code,
        "traffic_class": "roaming" if is_roaming else traffic_class,
        "number_range": number_range,
    }


def _judge_seconds(record: _Record, name: str, column: str) -> int | None:
    text = record.text(name, "MISSING_DURATION")
    if text is None:
        return None
    seconds = read_integer(text)
    if seconds is None:
        record.reasons.add("INVALID_FIELD_TYPE")
        return None
    record.expect(seconds >= 0, "NEGATIVE_DURATION")
    record.expect(seconds <= _LONGEST_SECONDS, "EXCESSIVE_DURATION")
    record.event[column] = seconds
    return seconds


def _judge_volume(record: _Record) -> None:
    text = record.text("data_volume_mb", "MISSING_VOLUME")
    if text is None:
        return
    megabytes = read_number(text)
    if megabytes is None:
        record.reasons.add("INVALID_FIELD_TYPE")
        return
    volume = int(round_half_up(megabytes * 1_000_000, 0))
    record.expect(megabytes >= 0, "NEGATIVE_VOLUME")
    record.expect(volume <= _LARGEST_BYTES, "EXCESSIVE_VOLUME")
    record.event["volume_bytes"] = volume
