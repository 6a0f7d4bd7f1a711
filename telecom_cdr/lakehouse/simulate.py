"""What records would cost under a tariff, without a lake: the functions of the batch chain, on rows in memory.

Here: from lines of JSON and validated reference rows to one result for each record. Not here: reading the directory
(`reference.validation`), printing (`cli.simulate`), any rule of mediation or rating.

Each record is in its own usage month, which also bills it: no month is closed, none is the first, and none lies in the
future.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from telecom_cdr import mediation
from telecom_cdr.lakehouse.simulate_frames import Frames
from telecom_cdr.lakehouse.tariffs import Market, tariff_of
from telecom_cdr.rating.events import usage_events
from telecom_cdr.rating.usage import rate
from telecom_cdr.sources import Records
from telecom_cdr.sources.decode import Decoder
from telecom_cdr.sources.lines import split_lines
from telecom_cdr.sources.local_time import ZoneRules, zone_rules
from telecom_cdr.sources.starts import find_starts, month_number
from telecom_cdr.tables import reference as reference_tables
from telecom_cdr.tables.raw import CDRS
from telecom_cdr.tables.reference import csv_columns
from telecom_cdr.tables.staging import COPIES, NORMALISED

Row = dict[str, Any]

# Before every month that a record can have.
_FIRST_MONTH: Final = "0001-01"
# Of a record whose start is unreadable, which is refused.
_NO_MONTH: Final = "1970-01"
_SOURCE: Final = "simulate"
# Months that are rated at once.
_LONGEST_SPAN: Final = 24
_NOT_FOR_RULES: Final = frozenset({"payload", "message_key", "broker_utc"})
_RAW: Final = tuple(column for column in CDRS.columns if column.name not in _NOT_FOR_RULES)
_RATED: Final = (
    "charge_amount",
    "billed_units",
    "currency",
    "customer_id",
    "plan_code",
    "product_code",
    "zone",
    "usage_units",
    "charged_units",
    "allowances_used",
    "breakdown",
)


class Outcome(StrEnum):
    """What becomes of a record, beside `rated` and `unrated`."""

    REJECTED = "rejected"
    DUPLICATE = "duplicate"


def simulate(frames: Frames, reference: Mapping[str, pa.Table], text: bytes, market: Market) -> list[Row]:
    """What each record of a text of JSON lines would cost: one row a record, in order; blank lines are no records.

    `reference` holds the validated rows by table name. Keys of a row: `line` (from 1), `record_id`, `status` (rated,
    unrated, rejected, duplicate), `reason`, and what rating says of it, None where it says nothing.
    """
    raw = _raw_rows(text, zone_rules(market.timezone))
    if not raw.num_rows:
        return []
    judged = mediation.normalise(frames.frame(_RAW, raw), first_month=_FIRST_MONTH, home_operator=market.home_operator)
    # Arrow from here to there: what stands in a plan twice is computed twice.
    staged = judged.toArrow().sort_by("source_offset")
    copies = _copies(frames, staged)
    rated = _rated(frames, reference, market, staged, copies)
    kept = dict(zip(copies["source_offset"].to_pylist(), copies.to_pylist(), strict=True))
    rows = staged.select(["source_offset", "record_id", "reasons", "cdr_id"]).to_pylist()
    return [_result(row, kept.get(row["source_offset"]), rated) for row in rows]


def _raw_rows(text: bytes, rules: ZoneRules) -> pa.Table:
    lines = split_lines(text)
    records = Records(
        source_id=_SOURCE,
        source_partition=0,
        position_key=_SOURCE,
        first_offset=0,
        next_offset=lines.line_count,
        offsets=pa.array(lines.line_numbers),
        payloads=lines.payloads,
        is_text_start=True,
    )
    with Decoder() as decoder:
        fields = decoder.decode([records])
    starts = find_starts(fields, rules).columns()
    count = fields.num_rows
    received = {
        "source_id": pa.array([_SOURCE] * count, pa.string()),
        "source_offset": records.offsets,
        # A record that is taken at its own start is never in the future.
        "ingested_utc": pc.fill_null(starts["event_start_utc"], pa.scalar(0, starts["event_start_utc"].type)),
        "billing_month": pc.fill_null(starts["usage_month"], _NO_MONTH),
        **dict.fromkeys(("source_partition", "ingest_commit", "source_sequence"), pa.array(np.zeros(count, np.int64))),
    }
    decoded = {name: fields[name] for name in fields.column_names if name in CDRS.column_names}
    return pa.table({**received, **decoded, **starts})


def _copies(frames: Frames, staged: pa.Table) -> pa.Table:
    """The records that repeat another; the engine is asked only when there may be some."""
    identities = staged["cdr_id"].drop_null()
    if len(pc.unique(identities)) == len(identities):
        return pa.table({column.name: pa.array([], column.type.arrow) for column in COPIES.columns})
    return mediation.copies(frames.frame(NORMALISED.columns, staged)).toArrow()


def _rated(
    frames: Frames, reference: Mapping[str, pa.Table], market: Market, judged: pa.Table, copies: pa.Table
) -> dict[str, Row]:
    """What rating says of each usage event, by its identity."""
    valid = judged.filter(pc.is_valid(judged["cdr_id"]))
    tables = {table.name: frames.frame(csv_columns(table), reference[table.name]) for table in reference_tables.TABLES}
    repeated = frames.frame(COPIES.columns, copies)
    found: dict[str, Row] = {}
    for months in _spans(valid["usage_month"]):
        staged = frames.frame(NORMALISED.columns, valid.filter(pc.is_in(valid["usage_month"], pa.array(months))))
        events = usage_events(
            mediation.voice(staged, repeated), mediation.sms(staged, repeated), mediation.data(staged, repeated)
        )
        tariff = tariff_of(frames.session, events, tables, reference, market, reference_version=0)
        told = rate(events, tariff).select("cdr_id", "status", "reason", *_RATED)
        found |= {row["cdr_id"]: row for row in told.toArrow().to_pylist()}
    return found


def _spans(usage_months: pa.ChunkedArray) -> list[list[str]]:
    """The months that there are, in order, in groups: every hour of a group's years may be looked at.

    A month's charges depend on no other month: counters, allowances and sessions begin anew.
    """
    spans: list[list[str]] = []
    for month in sorted(pc.unique(usage_months).to_pylist()):
        if not spans or month_number(month) - month_number(spans[-1][0]) >= _LONGEST_SPAN:
            spans.append([])
        spans[-1].append(month)
    return spans


def _result(row: Row, copy: Row | None, rated: Mapping[str, Row]) -> Row:
    found = {"line": row["source_offset"] + 1, "record_id": row["record_id"], **dict.fromkeys(_RATED)}
    if row["reasons"]:
        return found | {"status": Outcome.REJECTED.value, "reason": row["reasons"]}
    if copy:
        differs = "; its fields differ" if copy["is_conflicting"] else ""
        reason = f"line {copy['kept_source_offset'] + 1} is kept{differs}"
        return found | {"status": Outcome.DUPLICATE.value, "reason": reason}
    return found | rated[row["cdr_id"]]
