"""Mediation: every record ends in one place, with all of its reasons."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256

from telecom_cdr_tests.exact_model.clock import Start, local_month, read_start
from telecom_cdr_tests.exact_model.judgement import judge
from telecom_cdr_tests.exact_model.raw import Decoded, RawRecord, decode

Row = dict[str, object]

_NOT_BILLABLE = {"UNANSWERED", "TERMINATING_LEG"}
# What two copies of one record must share, else they conflict.
_COMPARED = (
    "record_type",
    "served_msisdn",
    "called_number",
    "event_start_utc",
    "duration_seconds",
    "volume_bytes",
    "session_duration_seconds",
    "technology",
    "cell_id",
    "product_code",
    "session_id",
    "sequence_number",
    "is_final",
    "imsi",
    "imei",
    "serving_plmn",
    "cause",
)


@dataclass(frozen=True)
class ModelSettings:
    """What an installation decides."""

    timezone: str = "Africa/Casablanca"
    first_month: str = "2024-01"
    home_operator: str = "Maroc Telecom"


@dataclass(frozen=True)
class Outcome:
    """Where one record ends: `voice`, `sms`, `data`, `quarantine` or `duplicates`, and its row there.

    `row` has the columns of that table; `event` is the normalised event of a valid record, duplicates included.
    """

    record: RawRecord
    table: str
    billing_month: str
    reasons: tuple[str, ...] = ()
    row: Row = field(default_factory=dict)
    event: Row | None = None


def mediate(records: Iterable[RawRecord], settings: ModelSettings) -> list[Outcome]:
    """The outcome of each record, in the order received."""
    kept: dict[str, Row] = {}
    outcomes = []
    for record in sorted(records, key=lambda candidate: candidate.arrival):
        decoded = decode(record)
        start = read_start(decoded.texts.get("timestamp"), settings.timezone)
        reasons, event = judge(decoded, start, record.ingested_utc, settings.first_month, settings.home_operator)
        common = _common(record, start, settings)
        if event is None:
            outcomes.append(_quarantined(record, decoded, reasons, common))
            continue
        event = {**common, **event, **_identity(decoded, str(common["usage_month"]))}
        first = kept.setdefault(str(event["cdr_id"]), event)
        outcomes.append(_unique(record, event) if first is event else _duplicate(record, event, first))
    return outcomes


def _common(record: RawRecord, start: Start | None, settings: ModelSettings) -> Row:
    return {
        "source_id": record.source_id,
        "source_partition": 0,
        "source_offset": record.offset,
        "ingest_commit": record.ingest_commit,
        "source_sequence": record.source_sequence,
        "event_start_utc": start.instant if start else None,
        "utc_offset_seconds": start.offset_seconds if start else None,
        "usage_date": start.day if start else None,
        "is_ambiguous_time": bool(start and start.is_ambiguous),
        "is_shifted_time": bool(start and start.is_shifted),
        "usage_month": start.month if start else None,
        "billing_month": _billing_month(record, start, settings),
    }


def _billing_month(record: RawRecord, start: Start | None, settings: ModelSettings) -> str:
    is_credible = (
        start is not None
        and start.month >= settings.first_month
        and start.instant <= record.ingested_utc + timedelta(days=1)
    )
    return start.month if start and is_credible else local_month(record.ingested_utc, settings.timezone)


def _identity(decoded: Decoded, usage_month: str) -> Row:
    node = decoded.texts.get("source_node", "")
    source_node = node if node.strip() else None
    record_id = decoded.texts["record_ID"]
    key = "\x1f".join((source_node or "", record_id, usage_month))
    return {"cdr_id": sha256(key.encode()).hexdigest(), "record_id": record_id, "source_node": source_node}


def _quarantined(record: RawRecord, decoded: Decoded, reasons: Sequence[str], common: Row) -> Outcome:
    row = {
        **{name: common[name] for name in common if not name.startswith(("is_", "utc_", "usage_date"))},
        "record_id": decoded.texts.get("record_ID"),
        "record_type": decoded.texts.get("record_type"),
        "disposition": "not_billable" if set(reasons) <= _NOT_BILLABLE else "refused",
        "reasons": ",".join(reasons),
        "payload": record.payload,
        "ingested_utc": record.ingested_utc,
    }
    return Outcome(record, "quarantine", str(common["billing_month"]), tuple(reasons), row)


def _unique(record: RawRecord, event: Row) -> Outcome:
    row = {name: value for name, value in event.items() if name != "record_type"}
    return Outcome(record, str(event["record_type"]), str(event["billing_month"]), (), row, event)


def _duplicate(record: RawRecord, event: Row, first: Row) -> Outcome:
    copied = ("cdr_id", "record_id", "source_node", "source_id", "source_partition", "source_offset")
    also = ("ingest_commit", "source_sequence", "record_type", "event_start_utc", "usage_month", "billing_month")
    row = {
        **{name: event[name] for name in (*copied, *also)},
        "kept_source_id": first["source_id"],
        "kept_source_partition": first["source_partition"],
        "kept_source_offset": first["source_offset"],
        "is_conflicting": any(event.get(name) != first.get(name) for name in _COMPARED),
    }
    return Outcome(record, "duplicates", str(event["billing_month"]), (), row, event)
