"""What is received: lines of files, and the text of the fields that one JSON object declares."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

FIELDS = (
    "record_ID",
    "record_type",
    "timestamp",
    "cell_id",
    "technology",
    "caller_id",
    "callee_id",
    "duration_sec",
    "sender_id",
    "receiver_id",
    "user_id",
    "data_volume_mb",
    "session_duration_sec",
    "product_code",
    "session_id",
    "sequence_number",
    "is_final",
    "imsi",
    "imei",
    "serving_plmn",
    "direction",
    "cause",
    "source_node",
)
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class RawRecord:
    """One record as it came, with where and when it came."""

    source_sequence: int
    source_id: str
    offset: int
    payload: bytes
    ingested_utc: datetime
    ingest_commit: int

    @property
    def arrival(self) -> tuple[int, int, str, int, int]:
        """Order in which records are received."""
        return (self.ingest_commit, self.source_sequence, self.source_id, 0, self.offset)


@dataclass(frozen=True)
class Decoded:
    """The declared fields of one payload as text; a field that holds an object, array or boolean is mistyped."""

    is_well_formed: bool
    texts: Mapping[str, str]
    mistyped: frozenset[str]


class _Number(str):
    """The text of a JSON number: never a float."""

    __slots__ = ()


def raw_records(files: Mapping[str, bytes], ingested_utc: datetime, ingest_commit: int = 0) -> list[RawRecord]:
    """The records of the files of one ingest commit: files in name order, equal content once, blank lines left out."""
    records: list[RawRecord] = []
    seen: set[str] = set()
    for sequence, name in enumerate(sorted(files)):
        source_id = sha256(files[name]).hexdigest()
        if source_id in seen:
            continue
        seen.add(source_id)
        records += [
            RawRecord(sequence, source_id, offset, line, ingested_utc, ingest_commit)
            for offset, line in enumerate(files[name].split(b"\n"))
            if line.strip()
        ]
    return records


def decode(record: RawRecord) -> Decoded:
    """Read the payload as one JSON object in UTF-8; the first of two fields of one name counts, null is absence."""
    payload = record.payload.removeprefix(_BOM) if record.offset == 0 else record.payload
    try:
        document = json.loads(
            payload.decode("utf-8"), parse_int=_Number, parse_float=_Number, object_pairs_hook=_first_wins
        )
    except ValueError:
        return Decoded(False, {}, frozenset())
    if not isinstance(document, dict):
        return Decoded(False, {}, frozenset())
    texts: dict[str, str] = {}
    mistyped: set[str] = set()
    for field in FIELDS:
        value = document.get(field)
        if isinstance(value, str):
            texts[field] = str(value)
        elif isinstance(value, bool) and field == "is_final":
            texts[field] = "true" if value else "false"
        elif value is not None:
            mistyped.add(field)
    return Decoded(True, texts, frozenset(mistyped))


def _first_wins(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    return dict(reversed(pairs))
