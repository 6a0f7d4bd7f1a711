"""Rows and source positions of the raw layer, in one Delta commit.

Here: what makes ingest exactly-once. Not here: where records come from (`sources`), the loop over them (`ingest`).

Positions are Delta application transactions. They are read, and the append is committed, on one handle, and nothing
may be committed in between: a commit that lost is built anew from the new positions, never sent again as it is.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, Transaction, write_deltalake
from deltalake.exceptions import CommitFailedError
from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from telecom_cdr.lakehouse.catalog import Catalog
from telecom_cdr.lakehouse.raw_files import files_of_one_commit, write_file
from telecom_cdr.settings import Settings
from telecom_cdr.sources import Records
from telecom_cdr.sources.local_time import Flags, Integers, ZoneRules, zone_rules
from telecom_cdr.sources.starts import Starts, billing_months, microseconds_of, month_name
from telecom_cdr.tables.model import BINARY, INTEGER, LONG, TIMESTAMP, Table
from telecom_cdr.tables.raw import CDRS, FILES, GAPS

# Below every month.
_NO_MONTH: Final = np.iinfo(np.int64).min

# Each attempt that fails means that another ingest got on.
_on_lost_commit = retry(
    retry=retry_if_exception_type(CommitFailedError),
    wait=wait_random_exponential(multiplier=0.05, max=2),
    stop=stop_after_attempt(50),
    reraise=True,
)


@dataclass(frozen=True)
class DecodedBatch:
    """One batch, decoded: what its rows hold whichever commit takes them."""

    records: Sequence[Records]
    fields: pa.Table
    starts: Starts
    ingested: datetime

    def offsets(self) -> Integers:
        """Source offset of each row."""
        return np.concatenate([records.offsets.to_numpy() for records in self.records])

    def sequence(self) -> Integers:
        """Place of each row's source in the batch."""
        return np.repeat(np.arange(len(self.records)), self.sizes())

    def is_well_formed(self) -> Flags:
        """Whether each row is one JSON object."""
        flags: Flags = self.fields["is_well_formed"].to_numpy()
        return flags

    def sizes(self) -> list[int]:
        """Rows of each piece."""
        return [len(records.offsets) for records in self.records]


@dataclass(frozen=True)
class Appended:
    """What one commit took of a batch: new rows of each billing month, which rows they are, and where it began.

    `positions` are those before the commit, by position key.
    """

    months: Counter[str]
    is_new: Flags
    positions: dict[str, int]


@dataclass(frozen=True)
class RangeRow:
    """A row of raw/files or raw/gaps, and the position that its commit moves to the end of the range."""

    position_key: str
    next_offset: int
    values: dict[str, object]


class RawWriter:
    """Appends to raw/cdrs and raw/files."""

    def __init__(self, catalog: Catalog, rules: ZoneRules, first_month: str) -> None:
        self._catalog = catalog
        self._rules = rules
        self._first_month = first_month

    @classmethod
    def of(cls, catalog: Catalog, settings: Settings) -> "RawWriter":
        """A writer with an installation's zone and first month."""
        return cls(catalog, zone_rules(settings.timezone), settings.first_month)

    @_on_lost_commit
    def append(self, batch: DecodedBatch) -> Appended:
        """Commit the rows that no earlier commit took, with their positions."""
        handle = self._catalog.delta(CDRS)
        positions = {records.position_key: position(handle, records) for records in batch.records}
        taken = np.array([positions[records.position_key] for records in batch.records], np.int64)
        is_new = batch.offsets() >= np.repeat(taken, batch.sizes())
        has_new = bool(is_new.any())
        moved = {
            records.position_key: records.next_offset
            for records in batch.records
            if records.next_offset > positions[records.position_key]
            and (records.is_stream or (has_new and len(records.offsets)))
        }
        counts: Counter[str] = Counter()
        if not moved:
            return Appended(counts, is_new, positions)
        folder = Path(self._catalog.path(CDRS))
        with files_of_one_commit(folder) as added:
            for month, part in self._by_month(batch, is_new, commit=handle.version() + 1):
                counts[month] = part.num_rows
                added.append(write_file(folder, month, [part], kind="ingested", is_change=True))
            handle.create_write_transaction(
                [*added],
                mode="append",
                schema=handle.schema(),
                partition_by=list(CDRS.partition_by),
                commit_properties=_commit(moved, {"ingest": str(counts.total())}),
            )
        return Appended(counts, is_new, positions)

    def record_taken(self, ranges: Sequence[RangeRow]) -> list[RangeRow]:
        """Commit rows of raw/files; gives those that no earlier commit recorded."""
        return self._record(FILES, ranges)

    def record_gaps(self, gaps: Sequence[RangeRow]) -> list[RangeRow]:
        """Commit rows of raw/gaps; gives those that no earlier commit recorded."""
        return self._record(GAPS, gaps)

    @_on_lost_commit
    def _record(self, table: Table, rows: Sequence[RangeRow]) -> list[RangeRow]:
        handle = self._catalog.delta(table)
        new = [row for row in rows if not is_recorded(handle, row)]
        if new:
            added = pa.Table.from_pylist([row.values for row in new], schema=_schema(table))
            moved = {row.position_key: row.next_offset for row in new}
            write_deltalake(handle, added, mode="append", commit_properties=_commit(moved, {}))
        return new

    def _by_month(self, batch: DecodedBatch, is_new: Flags, commit: int) -> Iterator[tuple[str, pa.Table]]:
        """The new rows of a batch, month by month."""
        if not is_new.any():
            return
        rows, months = self._rows(batch, commit)
        months = np.where(is_new, months, _NO_MONTH)
        for month in np.unique(months[is_new]).tolist():
            of_month = months == month
            yield month_name(month), rows if of_month.all() else rows.filter(pa.array(of_month))

    def _rows(self, batch: DecodedBatch, commit: int) -> tuple[pa.Table, Integers]:
        """The columns of raw/cdrs without the partition, and the billing month of each row."""
        count = batch.fields.num_rows
        closed = self._catalog.closed_months()
        months = billing_months(
            batch.starts,
            batch.ingested,
            rules=self._rules,
            first_month=self._first_month,
            is_closed=closed.__contains__,
        )
        columns: dict[str, pa.Array | pa.ChunkedArray] = {
            "source_id": _repeated([records.source_id for records in batch.records], batch.sequence()),
            "source_partition": pa.array(
                np.repeat([records.source_partition for records in batch.records], batch.sizes()), INTEGER.arrow
            ),
            "source_offset": pa.array(batch.offsets()),
            "ingest_commit": pa.array(np.full(count, commit), LONG.arrow),
            "source_sequence": pa.array(batch.sequence(), INTEGER.arrow),
            "ingested_utc": pa.array(np.full(count, microseconds_of(batch.ingested))).cast(TIMESTAMP.arrow),
            "message_key": _of_broker([records.message_keys for records in batch.records], batch.sizes(), BINARY.arrow),
            "broker_utc": _of_broker(
                [records.broker_times for records in batch.records], batch.sizes(), TIMESTAMP.arrow
            ),
            "payload": pa.chunked_array([records.payloads for records in batch.records]),
            **{name: batch.fields[name] for name in batch.fields.column_names if name in CDRS.column_names},
            **batch.starts.columns(),
        }
        return pa.table(columns), months


def position(handle: DeltaTable, records: Records) -> int:
    """Offset that the next record of this partition has, by the handle's version; 0 when none was taken."""
    return handle.transaction_version(records.position_key) or 0


def is_taken_whole(handle: DeltaTable, source_id: str) -> bool:
    """Whether raw/files, by the handle's version, says that this content was taken to its end."""
    return handle.transaction_version(source_id) is not None


def is_recorded(handle: DeltaTable, row: RangeRow) -> bool:
    """Whether the table, by the handle's version, tells of this range."""
    position = handle.transaction_version(row.position_key)
    return position is not None and position >= row.next_offset


def _commit(moved: dict[str, int], metadata: dict[str, str]) -> CommitProperties:
    # No retries inside the writer: it would send rows that carry the number of another commit.
    return CommitProperties(
        custom_metadata=metadata,
        max_commit_retries=0,
        app_transactions=[Transaction(key, offset) for key, offset in moved.items()],
    )


def _of_broker(parts: Sequence[pa.Array | None], sizes: Sequence[int], kind: pa.DataType) -> pa.ChunkedArray:
    """What a broker says of each row; null for sources without one."""
    return pa.chunked_array(
        [pa.nulls(size, kind) if part is None else part for part, size in zip(parts, sizes, strict=True)], kind
    )


def _repeated(values: list[str], places: Integers) -> pa.Array:
    return pa.array(values, pa.string()).take(pa.array(places))


def _schema(table: Table) -> pa.Schema:
    return pa.schema([field.with_metadata(None) for field in table.arrow_schema])
