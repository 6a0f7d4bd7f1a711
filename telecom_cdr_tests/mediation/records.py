"""Raw records for the tests of mediation: fields by their JSON names, a valid record where nothing else is said."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from telecom_cdr.mediation import copies, data, duplicates, normalise, quarantine, sms, voice
from telecom_cdr.tables.model import Table
from telecom_cdr.tables.raw import CDRS, FIELDS
from telecom_cdr.tables.staging import NORMALISED

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

START = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
INGESTED = datetime(2026, 4, 1, 0, 0, tzinfo=UTC)
HOME = "Maroc Telecom"

_COMMON = {"record_ID": "R1", "timestamp": "2026-03-10T12:00:00Z", "cell_id": "RABAT_01", "technology": "4G"}
_DEFAULTS = {
    "voice": {"caller_id": "212661000001", "callee_id": "0661000002", "duration_sec": "60"},
    "sms": {"sender_id": "212661000001", "receiver_id": "0661000002"},
    "data": {"user_id": "212661000001", "data_volume_mb": "1.5", "session_duration_sec": "30", "product_code": "WEB"},
}

Row = dict[str, Any]


@dataclass(frozen=True)
class Raw:
    """One row of `raw/cdrs`: the fields' texts, and what ingest worked out."""

    texts: dict[str, str | None]
    mistyped: tuple[str, ...] = ()
    is_well_formed: bool = True
    start: datetime | None = START
    ingested: datetime = INGESTED
    usage_month: str | None = "2026-03"
    arrival: tuple[int, int, str, int, int] = field(default=(0, 0, "file", 0, 0))

    def row(self) -> Row:
        """The row with every declared column."""
        commit, sequence, source, partition, offset = self.arrival
        day = self.start.date() if self.start else None
        given = {
            "source_id": source,
            "source_partition": partition,
            "source_offset": offset,
            "ingest_commit": commit,
            "source_sequence": sequence,
            "ingested_utc": self.ingested,
            "payload": f"{source}/{partition}/{offset}".encode(),
            "is_well_formed": self.is_well_formed,
            "mistyped_fields": ",".join(self.mistyped) or None,
            "event_start_utc": self.start,
            "utc_offset_seconds": 0 if self.start else None,
            "usage_date": day,
            "is_ambiguous_time": False,
            "is_shifted_time": False,
            "usage_month": self.usage_month,
            "billing_month": "2026-03",
        }
        texts = {FIELDS[name].name: text for name, text in self.texts.items() if name not in self.mistyped}
        return dict.fromkeys(CDRS.column_names) | texts | given


def a_record(record_type: str | None = "voice", /, **fields: str | None) -> Raw:
    """A valid record of a type, with other fields where they are given; None leaves a field out."""
    own = _DEFAULTS.get(record_type or "", {})
    return Raw({"record_type": record_type} | _COMMON | own | fields)


def malformed() -> Raw:
    """A payload that is no JSON object: nothing of it can be read."""
    return Raw({}, is_well_formed=False, start=None, usage_month=None)


def starting(start: datetime | None, record: Raw) -> Raw:
    """The record with another start, in UTC; None is one that ingest could not read."""
    return replace(record, start=start, usage_month=f"{start:%Y-%m}" if start else None)


def mistyped(record: Raw, *names: str) -> Raw:
    """The record with objects, arrays or booleans in these fields."""
    return replace(record, mistyped=names)


def later(record: Raw, **delta: float) -> datetime:
    """An instant after the record's ingest."""
    return record.ingested + timedelta(**delta)


def in_order(records: Iterable[Raw]) -> list[Raw]:
    """The records as the lines of one file."""
    return [replace(record, arrival=(0, 0, "file", 0, offset)) for offset, record in enumerate(records)]


def received(engine: "SparkSession", records: Sequence[Raw]) -> "DataFrame":
    """The records as `raw/cdrs`, each at the position that it states."""
    schema = pa.schema([pa.field(one.name, one.type) for one in CDRS.arrow_schema])
    return _frame(engine, pa.Table.from_pylist([record.row() for record in records], schema=schema), CDRS)


def judged(engine: "SparkSession", records: Sequence[Raw], first_month: str = "2024-01") -> list[Row]:
    """The staged rows of records taken as the lines of one file, in their order."""
    staged = normalise(received(engine, in_order(records)), first_month=first_month, home_operator=HOME)
    rows: list[Row] = staged.toArrow().to_pylist()
    return sorted(rows, key=lambda row: row["source_offset"])


def stored(engine: "SparkSession", rows: "DataFrame") -> "DataFrame":
    """The rows worked out, as the staging table gives them back."""
    return _frame(engine, rows.toArrow(), NORMALISED)


def mediated(engine: "SparkSession", records: Sequence[Raw], first_month: str = "2024-01") -> dict[str, list[Row]]:
    """The five outputs for records at the positions that they state, each in order of position."""
    raw = received(engine, records)
    staged = stored(engine, normalise(raw, first_month=first_month, home_operator=HOME))
    found = copies(staged)
    outputs = {
        "voice": voice(staged, found),
        "sms": sms(staged, found),
        "data": data(staged, found),
        "quarantine": quarantine(staged, raw),
        "duplicates": duplicates(staged, found),
    }
    return {name: sorted(rows.toArrow().to_pylist(), key=_position) for name, rows in outputs.items()}


def _frame(engine: "SparkSession", rows: pa.Table, table: Table) -> "DataFrame":
    return engine.createDataFrame(rows, ", ".join(f"{column.name} {column.type.sql}" for column in table.columns))


def _position(row: Row) -> tuple[str, int, int]:
    return row["source_id"], row["source_partition"], row["source_offset"]
