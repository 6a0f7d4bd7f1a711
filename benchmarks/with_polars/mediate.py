"""The five mediated tables of a month, from the judged rows of all batches."""

from typing import Final

import polars as pl

from benchmarks.common.work import Work
from benchmarks.with_polars.frames import Writer
from benchmarks.with_polars.ingest import positioned
from telecom_cdr.tables.mediated import DATA, DUPLICATES, QUARANTINE, SMS, VOICE

_ROW: Final = ("file_no", "line_no")
# What a copy must share with the record kept.
_COMPARED: Final = (
    *("record_type", "served_msisdn", "called_number", "duration_seconds", "volume_bytes", "technology", "cell_id"),
    *("product_code", "session_id", "sequence_number", "is_final", "imsi", "imei", "serving_plmn", "cause"),
    "event_start_utc",
)


def find_copies(judged: pl.LazyFrame) -> pl.DataFrame:
    """The rows that repeat another of their month: their place, that of the row kept, and whether they differ."""
    # Nearly every identity is single: a hash finds the few that may not be, and only those are compared.
    valid = judged.filter(pl.col("cdr_id").is_not_null()).with_columns(identity=pl.col("cdr_id").hash())
    identities = valid.select("identity").collect(engine="streaming")["identity"]
    repeated = identities.filter(identities.is_duplicated()).unique().to_frame().lazy()
    suspects = valid.join(repeated, on="identity", how="semi").collect(engine="streaming").sort(_ROW)
    same = ("billing_month", "cdr_id")
    differs = pl.any_horizontal(pl.col(name).ne_missing(pl.col(name).first().over(same)) for name in _COMPARED)
    return (
        suspects.with_columns(
            *(pl.col(name).first().over(same).alias(f"kept_{name}") for name in _ROW),
            differs.alias("is_conflicting"),
            pl.int_range(pl.len()).over(same).alias("copy_number"),
        )
        .filter(pl.col("copy_number") > 0)
        .select(*_ROW, "kept_file_no", "kept_line_no", "is_conflicting")
    )


def mediate(judged: pl.LazyFrame, copies: pl.DataFrame, files: pl.DataFrame, work: Work, writer: Writer) -> None:
    """Write the five tables of each month."""
    for month in work.months:
        of_month = judged.filter(pl.col("billing_month") == month)
        for table, kind in {VOICE: "voice", SMS: "sms", DATA: "data"}.items():
            events = events_of(of_month, copies).filter(pl.col("record_type") == kind)
            writer.add(
                table,
                month,
                positioned(events, files).with_columns(
                    message_count=pl.lit(1), session_duration_seconds=pl.col("duration_seconds")
                ),
            )
        writer.add(QUARANTINE, month, positioned(of_month.filter(pl.col("reasons").is_not_null()), files))
        kept = files.lazy().rename({"file_no": "kept_file_no", "source_id": "kept_source_id"})
        repeated = of_month.join(copies.lazy(), on=_ROW).join(kept, on="kept_file_no")
        writer.add(
            DUPLICATES,
            month,
            positioned(repeated, files).with_columns(
                kept_source_partition=pl.lit(0), kept_source_offset=pl.col("kept_line_no")
            ),
        )
    writer.commit(VOICE, SMS, DATA, QUARANTINE, DUPLICATES)


def events_of(judged: pl.LazyFrame, copies: pl.DataFrame) -> pl.LazyFrame:
    """The valid rows that repeat no other."""
    return judged.filter(pl.col("reasons").is_null()).join(copies.lazy(), on=_ROW, how="anti")
