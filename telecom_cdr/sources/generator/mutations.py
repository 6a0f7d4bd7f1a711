"""How a fault changes a record: one function a kind, on the parsed record. Which are expected: `fault_rates.py`."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from telecom_cdr.sources.generator.fault_rates import Fault, types_of
from telecom_cdr.vocabulary import RecordType

Record = dict[str, Any]

_SERVED_FIELD: Final = {RecordType.VOICE: "caller_id", RecordType.SMS: "sender_id", RecordType.DATA: "user_id"}
_CALLED_FIELD: Final = {RecordType.VOICE: "callee_id", RecordType.SMS: "receiver_id"}
_DURATION_FIELD: Final = {RecordType.VOICE: "duration_sec", RecordType.DATA: "session_duration_sec"}


@dataclass(frozen=True)
class Case:
    """What a mutation may depend on."""

    record_type: RecordType
    draw: random.Random
    month: str
    first_month: str


_Mutation = Callable[[Record, Case], None]
_FieldOf = Callable[[Case], str]


def _named(name: str) -> _FieldOf:
    return lambda case: name


def _served(case: Case) -> str:
    return _SERVED_FIELD[case.record_type]


def _called(case: Case) -> str:
    return _CALLED_FIELD[case.record_type]


def _duration(case: Case) -> str:
    return _DURATION_FIELD[case.record_type]


def _missing(field: _FieldOf) -> _Mutation:
    """Absent, null, empty or blank."""

    def mutate(record: Record, case: Case) -> None:
        form = case.draw.randrange(4)
        if form == 0:
            record.pop(field(case), None)
        else:
            record[field(case)] = (None, "", "  ")[form - 1]

    return mutate


def _one_of(field: _FieldOf, *values: Any) -> _Mutation:
    def mutate(record: Record, case: Case) -> None:
        record[field(case)] = case.draw.choice(values)

    return mutate


def _negative(field: _FieldOf) -> _Mutation:
    def mutate(record: Record, case: Case) -> None:
        record[field(case)] = -case.draw.randint(1, 3600)

    return mutate


def _excessive_duration(record: Record, case: Case) -> None:
    record[_duration(case)] = case.draw.choice((86_401, 90_000, 1_000_000, case.draw.randint(86_401, 10**9)))


def _excessive_volume(record: Record, case: Case) -> None:
    record["data_volume_mb"] = case.draw.choice((1_000_000.000001, 1_000_001, 25_000_000.5, 1e12))


def _unknown_type(record: Record, case: Case) -> None:
    values = (None, "", "VOICE", "Sms", "mms", "video", "unknown")
    record["record_type"] = case.draw.choice(values)


def _wrong_type(record: Record, case: Case) -> None:
    """An object, array or boolean where a text or number belongs, or a number that is none."""
    served = _served(case)
    choices: list[tuple[str, Any]] = [("record_ID", ["A", 1]), ("timestamp", {"at": 1}), ("cell_id", ["FES_01"])]
    choices += [(served, {"number": record[served]}), (served, [record[served]]), ("direction", "sideways")]
    if case.record_type in _DURATION_FIELD:
        choices += [(_duration(case), value) for value in ("abc", 35.5, [35], True, "1 min", "12345678901234567")]
    if case.record_type is RecordType.DATA:
        choices += [("data_volume_mb", value) for value in ("12,5", {"mb": 1}, 123456.78901234567, "0x10")]
        choices += [("is_final", "maybe"), ("sequence_number", "first"), ("sequence_number", 1.5)]
    field, value = case.draw.choice(choices)
    record[field] = value


def _future(record: Record, case: Case) -> None:
    """So far ahead that it is future whenever it is ingested."""
    record["timestamp"] = f"{case.draw.randint(2090, 2099)}-{case.draw.randint(1, 12):02d}-{_day_and_time(case.draw)}"


def _late(record: Record, case: Case) -> None:
    """One to three months ago, not before the first month."""
    earlier = case.month
    months: list[str] = []
    while len(months) < 3 and earlier > case.first_month:
        earlier = (date.fromisoformat(f"{earlier}-01") - timedelta(days=1)).isoformat()[:7]
        months.append(earlier)
    record["timestamp"] = f"{case.draw.choice(months)}-{_day_and_time(case.draw)}"


def _too_old(record: Record, case: Case) -> None:
    """Before the first month: years, or seconds."""
    last_day = date.fromisoformat(f"{case.first_month}-01") - timedelta(days=1)
    if case.draw.random() < 0.3:
        record["timestamp"] = f"{last_day.isoformat()}T23:59:{case.draw.randrange(60):02d}"
    else:
        year = last_day.year - case.draw.randint(1, 20)
        record["timestamp"] = f"{year:04d}-{case.draw.randint(1, 12):02d}-{_day_and_time(case.draw)}"


def _day_and_time(draw: random.Random) -> str:
    return f"{draw.randint(1, 28):02d}T{draw.randrange(24):02d}:{draw.randrange(60):02d}:{draw.randrange(60):02d}"


_BAD_TIMES: Final = (
    *("31/01/2024 10:00:00", "2024-02-30T10:00:00", "2024-13-01T00:00:00", "2024-01-05T24:00:00", "1704067200"),
    *("2024-01-05", "20240105T101500", "yesterday", "2024-01-05T10:15:60", " 2024-01-05T10:15:00"),
)
# Too short, no Moroccan range, another country, no digits.
_BAD_SERVED: Final = ("0612", "061234567", "212799999999", "0732345678", "+33612345678", "UNKNOWN", "06123456789012")
# Unknown country code, too short, too long, no digits.
_BAD_CALLED: Final = ("+999123456789", "12", "+2126", "0612345678901234", "anonymous", "123456", "00")

MUTATIONS: Final[dict[Fault, _Mutation]] = {
    Fault.MISSING_RECORD_ID: _missing(_named("record_ID")),
    Fault.MISSING_TIMESTAMP: _missing(_named("timestamp")),
    Fault.MISSING_SERVED_NUMBER: _missing(_served),
    Fault.MISSING_CALLED_NUMBER: _missing(_called),
    Fault.MISSING_DURATION: _missing(_duration),
    Fault.MISSING_VOLUME: _missing(_named("data_volume_mb")),
    Fault.MISSING_CELL: _missing(_named("cell_id")),
    Fault.MISSING_TECHNOLOGY: _missing(_named("technology")),
    Fault.MISSING_PRODUCT: _missing(_named("product_code")),
    Fault.INVALID_TIMESTAMP: _one_of(_named("timestamp"), *_BAD_TIMES),
    Fault.INVALID_SERVED_NUMBER: _one_of(_served, *_BAD_SERVED),
    Fault.INVALID_CALLED_NUMBER: _one_of(_called, *_BAD_CALLED),
    Fault.NEGATIVE_DURATION: _negative(_duration),
    Fault.EXCESSIVE_DURATION: _excessive_duration,
    Fault.NEGATIVE_VOLUME: _one_of(_named("data_volume_mb"), -0.5, -12, -0.0000001, "-3.25"),
    Fault.EXCESSIVE_VOLUME: _excessive_volume,
    Fault.UNKNOWN_TECHNOLOGY: _one_of(_named("technology"), "WIFI", "6G", "LTE-A", "GPRS", "N/A", "4 G"),
    Fault.UNKNOWN_RECORD_TYPE: _unknown_type,
    Fault.WRONG_FIELD_TYPE: _wrong_type,
    Fault.FUTURE_TIMESTAMP: _future,
    Fault.LATE: _late,
    Fault.TOO_OLD: _too_old,
}

# Faults that can meet in one record, by the field that they spoil: one of each field at most.
_PAIRABLE: Final[tuple[tuple[Fault, ...], ...]] = (
    (Fault.MISSING_RECORD_ID,),
    (Fault.MISSING_TIMESTAMP, Fault.INVALID_TIMESTAMP, Fault.FUTURE_TIMESTAMP, Fault.TOO_OLD),
    (Fault.MISSING_SERVED_NUMBER, Fault.INVALID_SERVED_NUMBER),
    (Fault.MISSING_CALLED_NUMBER, Fault.INVALID_CALLED_NUMBER),
    (Fault.MISSING_DURATION, Fault.NEGATIVE_DURATION, Fault.EXCESSIVE_DURATION),
    (Fault.MISSING_VOLUME, Fault.NEGATIVE_VOLUME, Fault.EXCESSIVE_VOLUME),
)


def pair_of_faults(record_type: RecordType, draw: random.Random) -> tuple[Fault, ...]:
    """Two faults that a record of the type can have at once."""
    groups = [group for group in _PAIRABLE if record_type in types_of(group[0])]
    return tuple(draw.choice(group) for group in draw.sample(groups, 2))


def malform(line: bytes, draw: random.Random) -> bytes:
    """Cut short, bytes that are no text, two records in a line, or JSON that is no object."""
    form = draw.randrange(6)
    if form <= 1:
        return line[: draw.randint(1, len(line) - 1)].rstrip()
    if form == 2:
        return line.replace(b'"record_type": "', b'"record_type": "\xff\xfe', 1)
    if form == 3:
        return b"\x00\x9c" + bytes(draw.choice(b"#%&(;<>?@\x80\xc3\xff") for _ in range(draw.randint(5, 80)))
    if form == 4:
        return line + line
    return draw.choice((b"[" + line + b"]", b'"CDR"', b"null", b"END OF FILE"))
