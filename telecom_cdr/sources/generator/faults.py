"""Sound records made faulty, and records sent twice: what is written, and what can still be read of it.

Victims are billable records: answered, originating, at home. So the reasons of the fault are the only ones.
"""

import json
import random
from dataclasses import dataclass

from telecom_cdr.sources.generator.fault_rates import REASON_OF, Fault
from telecom_cdr.sources.generator.mutations import MUTATIONS, Case, Record, malform, pair_of_faults
from telecom_cdr.vocabulary import Reason, RecordType


@dataclass(frozen=True)
class Spoilt:
    """A spoilt record: its line without the line end, its reasons, and what can still be read of it."""

    line: bytes
    reasons: tuple[Reason, ...]
    record_id: str | None
    usage_month: str | None


@dataclass(frozen=True)
class Spoiler:
    """Spoils records of one month. Late is not before `first_month`, too old is: so a first month has none late."""

    month: str
    first_month: str

    def spoil(self, line: bytes, record_type: RecordType, fault: Fault, draw: random.Random) -> Spoilt:
        """Spoil one record, given without its line end."""
        if fault is Fault.MALFORMED_JSON:
            return Spoilt(malform(line, draw), (Reason.MALFORMED_JSON,), None, None)
        record = json.loads(line)
        kinds = pair_of_faults(record_type, draw) if fault is Fault.SEVERAL_FAULTS else (fault,)
        reasons: set[Reason] = set()
        for kind in kinds:
            MUTATIONS[kind](record, Case(record_type, draw, self.month, self.first_month))
            if kind in REASON_OF:
                reasons.add(REASON_OF[kind])
        record_id = record.get("record_ID")
        return Spoilt(
            line=json.dumps(record, ensure_ascii=False).encode(),
            reasons=tuple(reason for reason in Reason if reason in reasons),
            record_id=record_id if isinstance(record_id, str) and record_id.strip() else None,
            usage_month=self._usage_month(record, kinds),
        )

    def _usage_month(self, record: Record, kinds: tuple[Fault, ...]) -> str | None:
        timestamp = record.get("timestamp")
        if not isinstance(timestamp, str) or {Fault.MISSING_TIMESTAMP, Fault.INVALID_TIMESTAMP} & set(kinds):
            return None
        # Stamps that leave the month are written in local time; others may be instants near its edge.
        return timestamp[:7] if {Fault.FUTURE_TIMESTAMP, Fault.LATE, Fault.TOO_OLD} & set(kinds) else self.month


def repeat(line: bytes, record_type: RecordType, fault: Fault, draw: random.Random) -> bytes:
    """The line of a duplicate: the same bytes, or the same identity with other content that counts."""
    if fault is Fault.EXACT_DUPLICATE:
        return line
    record = json.loads(line)
    if record_type is RecordType.VOICE:
        record["duration_sec"] = int(float(record["duration_sec"])) + draw.randint(1, 60)
    elif record_type is RecordType.DATA:
        record["data_volume_mb"] = round(record["data_volume_mb"] + draw.randint(1, 500) / 1000, 6)
    else:
        city, cell = record["cell_id"].split("_")
        record["cell_id"] = f"{city}_{int(cell) + 40}"
    return json.dumps(record, ensure_ascii=False).encode()
