"""What raw/files says of each file or topic range, gathered over the batches that hold it.

Here: counts, longest record, first and last event, state. Not here: the commit (`raw_writer`).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from telecom_cdr.lakehouse.catalog import Catalog, dataset
from telecom_cdr.lakehouse.raw_writer import Appended, DecodedBatch, RangeRow
from telecom_cdr.sources import RangeState, Records, TakenRange
from telecom_cdr.sources.local_time import Flags, Integers
from telecom_cdr.sources.starts import microseconds_of
from telecom_cdr.tables.raw import CDRS


@dataclass
class _Facts:
    record_count: int = 0
    line_count: int = 0
    malformed_count: int = 0
    longest_record_bytes: int = 0
    first_event: int | None = None
    last_event: int | None = None

    def add(self, records: Records, is_well_formed: Flags, instants: Integers) -> None:
        self.record_count += len(records.offsets)
        self.line_count += records.next_offset - records.first_offset
        self.malformed_count += int((~is_well_formed).sum())
        if len(records.offsets):
            self.longest_record_bytes = max(
                self.longest_record_bytes, pc.max(pc.binary_length(records.payloads)).as_py()
            )
        if len(instants):
            first, last = int(instants.min()), int(instants.max())
            self.first_event = first if self.first_event is None else min(self.first_event, first)
            self.last_event = last if self.last_event is None else max(self.last_event, last)

    def row(self, records: Records, taken: TakenRange, ingested: int) -> RangeRow:
        values = {
            "source_id": records.source_id,
            "source_partition": records.source_partition,
            "first_offset": taken.first_offset,
            "next_offset": records.next_offset,
            "name": taken.name,
            "byte_count": taken.byte_count,
            "record_count": self.record_count,
            "blank_line_count": self.line_count - self.record_count,
            "malformed_count": self.malformed_count,
            "longest_record_bytes": self.longest_record_bytes,
            "first_event_utc": self.first_event,
            "last_event_utc": self.last_event,
            "state": self._state(taken).value,
            "ingested_utc": ingested,
        }
        return RangeRow(records.position_key, records.next_offset, values)

    def _state(self, taken: TakenRange) -> RangeState:
        if not self.record_count:
            return RangeState.EMPTY
        return RangeState.TRUNCATED if taken.is_truncated else RangeState.COMPLETE


def range_in_raw(
    catalog: Catalog, source_id: str, partition: int, offsets: range, name: str, now: datetime
) -> dict[str, object]:
    """The row of raw/files of a range of a topic, by the rows of raw/cdrs; taken `now` where it holds none."""
    is_in_range = (
        (pc.field("source_id") == source_id)
        & (pc.field("source_partition") == partition)
        & (pc.field("source_offset") >= offsets.start)
        & (pc.field("source_offset") < offsets.stop)
    )
    columns = ["payload", "is_well_formed", "event_start_utc", "ingested_utc"]
    rows = dataset(catalog.delta(CDRS), catalog.path(CDRS)).to_table(columns=columns, filter=is_in_range)
    sizes = pc.binary_length(rows["payload"])
    events = pc.min_max(rows["event_start_utc"]).as_py()
    return {
        "source_id": source_id,
        "source_partition": partition,
        "first_offset": offsets.start,
        "next_offset": offsets.stop,
        "name": name,
        "byte_count": pc.sum(sizes, min_count=0).as_py(),
        "record_count": rows.num_rows,
        "blank_line_count": len(offsets) - rows.num_rows,
        "malformed_count": pc.sum(pc.invert(rows["is_well_formed"]), min_count=0).as_py(),
        "longest_record_bytes": pc.max(sizes).as_py() or 0,
        "first_event_utc": events["min"],
        "last_event_utc": events["max"],
        "state": (RangeState.COMPLETE if rows.num_rows else RangeState.EMPTY).value,
        "ingested_utc": pc.max(rows["ingested_utc"]).as_py() or now,
    }


class TakenRanges:
    """Gathers the facts of ranges."""

    def __init__(self) -> None:
        self._open: dict[str, _Facts] = {}

    def completed_by(self, batch: DecodedBatch, appended: Appended) -> Iterator[RangeRow]:
        """Add a batch; gives a row of raw/files for each range that it completes.

        A file is told whole, whichever commits took its rows; of a stream, what this commit took.
        """
        is_well_formed = batch.is_well_formed()
        ingested = microseconds_of(batch.ingested)
        first = 0
        for records, size in zip(batch.records, batch.sizes(), strict=True):
            rows = slice(first, first + size)
            first += size
            is_readable, instants = batch.starts.is_readable[rows], batch.starts.instant[rows]
            if records.is_stream:
                is_new = appended.is_new[rows]
                part = _new_part(records, is_new, appended.positions[records.position_key])
                facts = _Facts()
                facts.add(part, is_well_formed[rows][is_new], instants[is_readable & is_new])
            else:
                part, facts = records, self._open.setdefault(records.position_key, _Facts())
                facts.add(records, is_well_formed[rows], instants[is_readable])
            if part.completed:
                yield facts.row(part, part.completed, ingested)
                self._open.pop(part.position_key, None)


def _new_part(records: Records, is_new: Flags, position: int) -> Records:
    """What of a stream's records lies at the position or after it; not completed where nothing does."""
    first = max(records.first_offset, position)
    mask = pa.array(is_new)
    payloads = records.payloads.filter(mask)
    byte_count = pc.sum(pc.binary_length(payloads), min_count=0).as_py()
    completed = None
    if records.completed and records.next_offset > first:
        completed = replace(records.completed, first_offset=first, byte_count=byte_count)
    return replace(
        records, first_offset=first, offsets=records.offsets.filter(mask), payloads=payloads, completed=completed
    )
