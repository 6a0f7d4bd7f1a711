"""What raw/files says of each file or topic range, gathered over the batches that hold it.

Here: counts, longest record, first and last event, state. Not here: the commit (`raw_writer`).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow.compute as pc

from telecom_cdr.lakehouse.raw_writer import DecodedBatch
from telecom_cdr.sources import RangeState, Records, TakenRange
from telecom_cdr.sources.local_time import Flags, Integers
from telecom_cdr.sources.starts import microseconds_of


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

    def row(self, records: Records, taken: TakenRange, ingested: int) -> dict[str, object]:
        return {
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

    def _state(self, taken: TakenRange) -> RangeState:
        if not self.record_count:
            return RangeState.EMPTY
        return RangeState.TRUNCATED if taken.is_truncated else RangeState.COMPLETE


class TakenRanges:
    """Gathers the facts of ranges, whichever commit took their rows."""

    def __init__(self) -> None:
        self._open: dict[str, _Facts] = {}

    def completed_by(self, batch: DecodedBatch) -> Iterator[dict[str, object]]:
        """Add a batch; gives a row of raw/files for each range that it completes."""
        is_well_formed = batch.is_well_formed()
        first = 0
        for records, size in zip(batch.records, batch.sizes(), strict=True):
            rows = slice(first, first + size)
            first += size
            facts = self._open.setdefault(records.position_key, _Facts())
            facts.add(records, is_well_formed[rows], batch.starts.instant[rows][batch.starts.is_readable[rows]])
            if records.completed:
                yield facts.row(records, records.completed, microseconds_of(batch.ingested))
                del self._open[records.position_key]
