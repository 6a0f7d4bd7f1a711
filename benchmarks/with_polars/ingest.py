"""Files to raw: lines decoded once, starts resolved, each batch written; the batch is handed on to mediation."""

import json
from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import polars as pl

from benchmarks.common.lines import Batch, read_batches
from benchmarks.common.work import FIRST_MONTH, TIMEZONE, Work
from benchmarks.with_polars.frames import Writer, frame_of, text
from telecom_cdr.sources.local_time import DAY, FIRST_MICROSECOND, LAST_MICROSECOND, SECOND, zone_rules
from telecom_cdr.tables.raw import CDRS, FIELDS, FILES

_BATCH_BYTES: Final = 128 * 2**20
# A flat object in which only `is_final` is a boolean: nearly every line. Others are read one by one.
_STRING: Final = r'"[^"\\\x00-\x1f]*"'
_NUMBER: Final = r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"
_MEMBER: Final = rf'(?:"is_final": ?(?:true|false)|{_STRING}: ?(?:{_STRING}|{_NUMBER}|null))'
_PLAIN: Final = rf"\A\{{{_MEMBER}(?:, ?{_MEMBER})*\}}\z"
_OBJECT: Final = pl.Struct(dict.fromkeys(FIELDS, pl.String))
_OFFSET: Final = "(?:[Zz]|[+-](?:[01][0-9]|2[0-3])(?::?[0-5][0-9])?)"
_TIMESTAMP: Final = (
    r"\A[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])[Tt ]"
    rf"(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:[.][0-9]{{1,9}})?)?{_OFFSET}?\z"
)


# Files have neither.
_NO_BROKER: Final = (
    pl.lit(None, pl.Binary).alias("message_key"),
    pl.lit(None, pl.Datetime("us", "UTC")).alias("broker_utc"),
)


def ingest(work: Work, writer: Writer) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    """Write raw batch by batch; gives each batch, and the files so far with number and hash."""
    taken: list[dict[str, Any]] = []
    for batch in read_batches(work.source, _BATCH_BYTES):
        rows = _dated(_decoded(frame_of(batch.lines)), work)
        taken += _facts(batch, rows)
        files = pl.DataFrame([{"file_no": row["file_no"], "source_id": row["source_id"]} for row in taken])
        files = files.with_columns(pl.col("file_no").cast(pl.Int32))
        for month in rows["billing_month"].unique().sort().to_list():
            of_month = rows.lazy().filter(pl.col("billing_month") == month)
            writer.add(CDRS, month, positioned(of_month, files).with_columns(*_NO_BROKER), codec="zstd")
        yield rows, files
    writer.commit(CDRS)
    now = pl.lit(work.now).cast(pl.Datetime("us", "UTC"))
    writer.add(FILES, None, pl.LazyFrame(taken, infer_schema_length=None).with_columns(ingested_utc=now))
    writer.commit(FILES)


def positioned(rows: pl.LazyFrame, files: pl.DataFrame) -> pl.LazyFrame:
    """Add the declared position of each row."""
    return rows.join(files.lazy(), on="file_no").with_columns(
        source_partition=pl.lit(0),
        source_offset=pl.col("line_no"),
        ingest_commit=pl.lit(1),
        source_sequence=pl.col("file_no"),
    )


def _decoded(lines: pl.DataFrame) -> pl.DataFrame:
    """Fields as text, the verdict on well-formedness, and the names of mistyped fields."""
    is_plain = lines.select(pl.col("line").str.contains(_PLAIN).fill_null(False)).to_series()
    plain = (
        lines.lazy()
        .filter(is_plain)
        .with_columns(pl.col("line").str.json_decode(_OBJECT))
        .unnest("line")
        .with_columns(is_well_formed=pl.lit(True), mistyped_fields=text(None))
        .collect()
    )
    others = lines.filter(~is_plain)
    read = pl.DataFrame([_read(line) for line in others["line"].to_list()], schema=_READ_SCHEMA)
    unusual = others.drop("line").hstack(read).select(plain.columns)
    return pl.concat([plain, unusual]).rename({name: column.name for name, column in FIELDS.items()})


_READ_SCHEMA: Final = {
    **dict.fromkeys(FIELDS, pl.String),
    "is_well_formed": pl.Boolean,
    "mistyped_fields": pl.String,
}


def _read(line: str | None) -> dict[str, object]:
    """One unusual line: numbers as they are written, wrong types named."""
    record = None
    if line is not None:
        try:
            record = json.loads(line, parse_int=_Number, parse_float=_Number, parse_constant=_refuse)
        except (ValueError, RecursionError):
            record = None
    if not isinstance(record, dict):
        return {"is_well_formed": False}
    texts: dict[str, object] = {"is_well_formed": True}
    mistyped = []
    for name in FIELDS:
        value = record.get(name)
        if isinstance(value, (dict, list)) or (isinstance(value, bool) and name != "is_final"):
            mistyped.append(name)
        elif isinstance(value, bool):
            texts[name] = "true" if value else "false"
        elif value is not None:
            texts[name] = str(value)
    return {**texts, "mistyped_fields": ",".join(mistyped) or None}


class _Number(str):
    """A JSON number by its characters."""


def _refuse(constant: str) -> object:
    raise ValueError(f"{constant} is no JSON")


def _dated(rows: pl.DataFrame, work: Work) -> pl.DataFrame:
    """Add the instant, the offset, the local date and both months."""
    rules = zone_rules(TIMEZONE)
    clocks = rows.lazy().select(_clock().alias("clock"), _written_offset().alias("written")).collect()
    has_clock, is_local = clocks["clock"].is_not_null().to_numpy(), clocks["written"].is_null().to_numpy()
    clock = clocks["clock"].fill_null(0).to_numpy()
    written = clocks["written"].fill_null(0).to_numpy()
    local = rules.resolve(clock)
    instant = np.where(is_local, local.instant, clock - written * SECOND)
    offset = np.where(is_local, local.offset, rules.offset_at(instant))
    wall = instant + offset * SECOND
    lowest, highest = np.minimum(np.minimum(clock, instant), wall), np.maximum(np.maximum(clock, instant), wall)
    is_readable = has_clock & (lowest >= FIRST_MICROSECOND) & (highest <= LAST_MICROSECOND)
    now = int(work.now.timestamp() * SECOND)
    arrival = now + int(rules.offset_at(np.array([now]))[0]) * SECOND
    arrival_month = str(np.datetime64(arrival, "us").astype("datetime64[M]"))
    found = pl.DataFrame(
        {
            "is_readable": is_readable,
            "start_us": instant,
            "utc_offset_seconds": offset,
            "wall": wall,
            "is_ambiguous_time": is_readable & is_local & local.is_ambiguous,
            "is_shifted_time": is_readable & is_local & local.is_shifted,
        }
    )
    readable = pl.col("is_readable")
    date = pl.when(readable).then(pl.col("wall")).cast(pl.Datetime("us")).dt.date()
    is_own = readable & (pl.col("usage_month") >= FIRST_MONTH) & (pl.col("start_us") <= now + DAY)
    return (
        rows.hstack(found)
        .lazy()
        .with_columns(
            date.alias("usage_date"),
            pl.when(readable).then(pl.col("start_us")).cast(pl.Datetime("us", "UTC")).alias("event_start_utc"),
            pl.when(readable).then(pl.col("utc_offset_seconds")).cast(pl.Int32),
            pl.lit(now).cast(pl.Datetime("us", "UTC")).alias("ingested_utc"),
        )
        .with_columns(_month_of(pl.col("usage_date")).alias("usage_month"))
        .with_columns(pl.when(is_own).then(pl.col("usage_month")).otherwise(text(arrival_month)).alias("billing_month"))
        .drop("wall")
        .collect()
    )


def _clock() -> pl.Expr:
    """The date and time as written, in microseconds since 1970; null where they cannot be read."""
    stamp = pl.col("timestamp_text")
    has_seconds = stamp.str.slice(16, 1) == ":"
    # The first second of a fraction's sixth place: more places are cut off.
    fraction = stamp.str.extract(r"\.([0-9]{1,9})").str.slice(0, 6).str.pad_end(6, "0").cast(pl.Int64)
    seconds = (
        stamp.str.slice(11, 2).cast(pl.Int64, strict=False) * 3600
        + stamp.str.slice(14, 2).cast(pl.Int64, strict=False) * 60
        + pl.when(has_seconds).then(stamp.str.slice(17, 2).cast(pl.Int64, strict=False)).otherwise(0)
    )
    day = stamp.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False).cast(pl.Int32).cast(pl.Int64)
    micros = (day * 86_400 + seconds) * SECOND + pl.when(stamp.str.slice(19, 1) == ".").then(fraction).otherwise(0)
    return pl.when(stamp.str.contains(_TIMESTAMP)).then(micros)


def _written_offset() -> pl.Expr:
    """Seconds of the offset that a readable timestamp states; null where it states none."""
    stamp = pl.col("timestamp_text")
    sign = stamp.str.extract(r"([+-])[0-9]{2}(?::?[0-9]{2})?\z")
    hours = stamp.str.extract(r"[+-]([0-9]{2})(?::?[0-9]{2})?\z").cast(pl.Int64)
    minutes = stamp.str.extract(r"[+-][0-9]{2}:?([0-9]{2})\z").cast(pl.Int64).fill_null(0)
    stated = (hours * 3600 + minutes * 60) * pl.when(sign == "-").then(-1).otherwise(1)
    is_utc = stamp.str.ends_with("Z") | stamp.str.ends_with("z")
    return pl.when(stamp.str.len_bytes() <= 19).then(pl.lit(None, pl.Int64)).when(is_utc).then(0).otherwise(stated)


def _month_of(day: pl.Expr) -> pl.Expr:
    return day.dt.to_string("%Y-%m")


def _facts(batch: Batch, rows: pl.DataFrame) -> list[dict[str, Any]]:
    counted = {
        row["file_no"]: row
        for row in rows.group_by("file_no")
        .agg(
            (~pl.col("is_well_formed")).sum().alias("malformed"),
            pl.col("event_start_utc").min().alias("first"),
            pl.col("event_start_utc").max().alias("last"),
        )
        .to_dicts()
    }
    facts = []
    for file in batch.files:
        known = counted.get(file.number, {"malformed": 0, "first": None, "last": None})
        ending = "complete" if file.is_complete else "truncated"
        facts.append(
            {
                "file_no": file.number,
                "source_id": file.source_id,
                "source_partition": 0,
                "first_offset": 0,
                "next_offset": file.line_count,
                "name": file.name,
                "byte_count": file.byte_count,
                "record_count": file.line_count,
                "blank_line_count": 0,
                "malformed_count": known["malformed"],
                "longest_record_bytes": file.longest_line,
                "first_event_utc": known["first"],
                "last_event_utc": known["last"],
                "state": ending if file.line_count else "empty",
            }
        )
    return facts
