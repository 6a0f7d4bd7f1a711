"""What must become of each record: the rows of the sidecar table, and the summary in `truth.json`.

Everything here follows from how the records were made, never from the rules of mediation.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from telecom_cdr.sources.generator.calendar import Flags, Ints
from telecom_cdr.sources.generator.fault_rates import Fault
from telecom_cdr.sources.generator.faults import Spoilt
from telecom_cdr.tables.mediated import DUPLICATES, EVENT_TABLES, QUARANTINE
from telecom_cdr.vocabulary import Reason, RecordType

# One row a record. `line` counts from 0, `table` is where mediation must put the record, `reasons` is empty for none.
SCHEMA: Final = pa.schema(
    [
        pa.field("file", pa.string(), nullable=False),
        pa.field("line", pa.int64(), nullable=False),
        pa.field("record_id", pa.string()),
        pa.field("record_type", pa.string(), nullable=False),
        pa.field("fault", pa.string()),
        pa.field("table", pa.string(), nullable=False),
        pa.field("reasons", pa.string(), nullable=False),
        pa.field("usage_month", pa.string()),
        pa.field("kept_file", pa.string()),
        pa.field("kept_line", pa.int64()),
        pa.field("is_conflicting", pa.bool_()),
    ]
)
_TYPES: Final = pa.array([each.value for each in RecordType])
# Sum of 1 for unanswered and 2 for a terminating leg -> reasons.
_NOT_BILLED: Final = pa.array(
    ["", Reason.UNANSWERED, Reason.TERMINATING_LEG, f"{Reason.UNANSWERED},{Reason.TERMINATING_LEG}"], pa.string()
)
_TABLES: Final = pa.array([*(EVENT_TABLES[each].path for each in RecordType), QUARANTINE.path])


@dataclass(frozen=True)
class Repetition:
    """A duplicate: its kind, and the position in the batch of the record that is kept."""

    fault: Fault
    kept: int


@dataclass
class BatchTruth:
    """The truth of a batch in order of making: its records, then the duplicates."""

    month: str
    record_type: Ints  # index into RecordType
    record_id: pa.StringArray
    is_unanswered: Flags
    is_terminating: Flags
    spoilt: dict[int, tuple[Fault, Spoilt]] = field(default_factory=dict)  # by position
    repeated: dict[int, Repetition] = field(default_factory=dict)

    def rows(self, order: Ints, files: list[str], first_position: int, records_per_file: int) -> pa.Table:
        """The rows in the order of the lines, the batch's first line being the month's `first_position`th."""
        rank = np.empty(len(order), np.int64)
        rank[order] = np.arange(len(order)) + first_position
        names = pa.array(files, pa.string())
        kept = np.full(len(order), -1, np.int64)
        for position, repetition in self.repeated.items():
            kept[position] = rank[repetition.kept]
        is_single = kept < 0
        columns = self._verdicts() | {
            "file": names.take(pa.array(rank // records_per_file)),
            "line": pa.array(rank % records_per_file),
            "kept_file": names.take(pa.array(kept // records_per_file, mask=is_single)),
            "kept_line": pa.array(kept % records_per_file, mask=is_single),
        }
        return pa.table([columns[name] for name in SCHEMA.names], schema=SCHEMA).take(pa.array(order))

    def _verdicts(self) -> dict[str, pa.Array]:
        """What does not depend on the order: plain records first, then the exceptions over them."""
        count = len(self.record_type)
        codes = self.is_unanswered + 2 * self.is_terminating
        table = np.where(codes > 0, len(_TABLES) - 1, self.record_type)
        refused = {at: spoilt for at, (_, spoilt) in self.spoilt.items() if spoilt.reasons}
        faults = {at: fault.value for at, (fault, _) in self.spoilt.items()}
        faults |= {at: repetition.fault.value for at, repetition in self.repeated.items()}
        outcomes = dict.fromkeys(refused, QUARANTINE.path) | dict.fromkeys(self.repeated, DUPLICATES.path)
        is_conflicting = {at: each.fault is Fault.CONFLICTING_DUPLICATE for at, each in self.repeated.items()}
        return {
            "record_id": _with(self.record_id, {at: spoilt.record_id for at, (_, spoilt) in self.spoilt.items()}),
            "record_type": _TYPES.take(pa.array(self.record_type)),
            "fault": _with(pa.nulls(count, pa.string()), faults),
            "table": _with(_TABLES.take(pa.array(table)), outcomes),
            "reasons": _with(
                _NOT_BILLED.take(pa.array(codes)), {at: ",".join(spoilt.reasons) for at, spoilt in refused.items()}
            ),
            "usage_month": _with(
                pa.array([self.month]).take(pa.array(np.zeros(count, np.int64))),
                {at: spoilt.usage_month for at, (_, spoilt) in self.spoilt.items()},
            ),
            "is_conflicting": _with(pa.nulls(count, pa.bool_()), is_conflicting),
        }


def _with(values: pa.Array, exceptions: dict[int, Any]) -> pa.Array:
    """The values with others at some positions."""
    positions = sorted(exceptions)
    mask = np.zeros(len(values), np.bool_)
    mask[positions] = True
    others = pa.array([exceptions[position] for position in positions], values.type)
    return pc.replace_with_mask(values, pa.array(mask), others)


@dataclass
class Summary:
    """Counts of a month, and every injected fault."""

    tables: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    injected: list[dict[str, Any]] = field(default_factory=list)

    def add(self, rows: pa.Table) -> None:
        """Count the rows of a batch. A record with two reasons counts under both."""
        self.tables.update(_counts(rows.column("table")))
        for reasons, count in _counts(rows.column("reasons")).items():
            for reason in filter(None, reasons.split(",")):
                self.reasons[reason] += count
        self.faults.update(_counts(rows.column("fault").drop_null()))
        self.injected += rows.filter(pc.is_valid(rows.column("fault"))).to_pylist()

    def as_json(self) -> dict[str, Any]:
        """The summary as `truth.json` carries it, in the order of the vocabulary."""
        return {
            "tables": {name: self.tables.get(name, 0) for name in [*_TABLES.to_pylist(), DUPLICATES.path]},
            "reasons": {reason.value: self.reasons[reason.value] for reason in Reason if self.reasons[reason.value]},
            "faults": {fault.value: self.faults[fault.value] for fault in Fault if self.faults[fault.value]},
            "injected": [{name: value for name, value in row.items() if value is not None} for row in self.injected],
        }


def _counts(column: pa.ChunkedArray) -> dict[str, int]:
    return {each["values"]: each["counts"] for each in pc.value_counts(column).to_pylist()}
