"""The report of sessions whose parts do not follow each other. Not here: the other reports."""

from typing import Final

import polars as pl

from benchmarks.with_polars.frames import text

_SESSION: Final = ("service_type", "served_msisdn", "session_id", "usage_month", "what", "serving_plmn")
_IN_SESSION: Final = ("sequence_number", "event_start_utc", "cdr_id")
_LARGEST: Final = 2**63 - 1
# Of the first part.
_FIRST: Final = {
    "first_cdr_id": "cdr_id",
    "first_record_id": "record_id",
    "first_start_utc": "event_start_utc",
    "customer_id": "customer_id",
    "product_code": "product_code",
}


def incomplete_sessions(usage: pl.LazyFrame) -> pl.LazyFrame:
    """One row for each session that lacks parts, or has too many."""
    is_data = pl.col("service_type") == "data"
    seconds = pl.when(is_data).then(pl.col("session_duration_seconds")).otherwise(pl.col("usage_units"))
    start, number = pl.col("event_start_utc"), pl.col("sequence_number")
    overlap = (pl.col("ends").shift(1).over(_SESSION) - start).dt.total_seconds()
    parts = (
        usage.filter(pl.col("session_id").is_not_null() & number.is_not_null())
        .with_columns(
            what=pl.when(is_data).then(pl.col("product_code")).otherwise(pl.col("called_number")),
            serving_plmn=pl.when(pl.col("is_roaming")).then(pl.col("serving_plmn")),
            ends=start + pl.duration(seconds=seconds.fill_null(0)),
        )
        .sort(_IN_SESSION)
        .with_columns(overlap_seconds=overlap.fill_null(0).clip(lower_bound=0))
    )
    sessions = parts.group_by(_SESSION, maintain_order=True).agg(
        *(pl.col(column).first().alias(name) for name, column in _FIRST.items()),
        pl.len().cast(pl.Int64).alias("part_count"),
        number.n_unique().cast(pl.Int64).alias("number_count"),
        number.min().alias("first_sequence_number"),
        number.max().alias("last_sequence_number"),
        pl.col("is_final").fill_null(False).any().alias("has_final"),
        pl.col("overlap_seconds", "usage_units").sum(),
        (pl.col("status") == "unrated").sum().cast(pl.Int64).alias("unrated_count"),
        pl.col("charge_amount").sum(),
        pl.col("currency").min(),
    )
    lowest = pl.min_horizontal(pl.col("first_sequence_number"), pl.lit(1, pl.Int64)).cast(pl.Int128)
    missing = pl.col("last_sequence_number").cast(pl.Int128) - lowest + 1 - pl.col("number_count")
    shown = pl.col("served_msisdn")
    masked = pl.concat_str([shown.str.slice(0, 4), pl.lit("*****"), shown.str.tail(2)])
    return sessions.with_columns(
        has_first=pl.col("first_sequence_number") <= 1,
        repeated_count=pl.col("part_count") - pl.col("number_count"),
        missing_count=pl.min_horizontal(missing, pl.lit(_LARGEST, pl.Int128)),
        charge_amount=pl.col("charge_amount").fill_null(0),
        currency=pl.col("currency").fill_null("XXX"),
        masked_msisdn=pl.when(shown.str.len_chars() > 6).then(masked).otherwise(text("*****")),
    ).filter(
        (pl.col("missing_count") > 0)
        | (pl.col("repeated_count") > 0)
        | ~pl.col("has_final")
        | (pl.col("overlap_seconds") > 0)
    )
