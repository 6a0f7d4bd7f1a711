"""The rules as expressions: each raw row with its fields read as their types, its reasons, and its identity."""

import hashlib
from typing import Final

import polars as pl

from benchmarks.common.work import FIRST_MONTH
from benchmarks.with_polars.frames import Choice, joined, present, text, trimmed
from benchmarks.with_polars.numbers import unusual_numbers
from benchmarks.with_polars.people import READABLE_NETWORK, network, with_numbers_of_people, with_traffic_class

_COMMON: Final = (
    "record_ID|record_type|timestamp|cell_id|technology|session_id|sequence_number|is_final|imsi|imei|serving_plmn"
    "|direction|cause|source_node"
)
_OWN: Final = {
    "voice": "caller_id|callee_id|duration_sec",
    "sms": "sender_id|receiver_id",
    "data": "user_id|data_volume_mb|session_duration_sec|product_code",
}
_REACHING: Final = {"voice": "caller_id", "sms": "sender_id", "data": "user_id"}
_REACHED: Final = {"voice": "callee_id", "sms": "receiver_id"}
_DURATION: Final = {"voice": "duration_sec", "data": "session_duration_sec"}
_VOLUME: Final = {"data": "data_volume_mb"}
_GENERATIONS: Final = {
    name: generation
    for generation, names in {"2G": "2G GSM EDGE", "3G": "3G UMTS HSPA", "4G": "4G LTE", "5G": "5G NR"}.items()
    for name in names.split()
}
_LARGEST: Final = 2**63 - 1
_KEPT: Final = (
    *("file_no", "line_no", "ingested_utc", "record_id", "source_node", "record_type", "event_start_utc"),
    *("utc_offset_seconds", "usage_date", "is_ambiguous_time", "is_shifted_time", "served_msisdn", "called_number"),
    *("is_short_code", "traffic_class", "number_range", "duration_seconds", "volume_bytes", "product_code"),
    *("technology", "cell_id", "session_id", "sequence_number", "is_final", "imsi", "imei", "serving_plmn"),
    *("is_roaming", "cause", "warnings", "reasons", "disposition", "payload", "usage_month", "billing_month"),
)


def judge(raw: pl.DataFrame) -> pl.DataFrame:
    """The judged rows of raw ones: `payload` only where there are reasons, `cdr_id` where there are none."""
    texts = with_traffic_class(with_numbers_of_people(_applicable(_common(raw.lazy())))).collect()
    for name, source, places in (
        ("duration_seconds", "duration_text", None),
        ("volume_bytes", "volume_text", 6),
        ("sequence_number", "sequence_text", None),
    ):
        texts = texts.with_columns(unusual_numbers(texts[source], places).alias(name))
    judged = _judged(texts.lazy()).collect()
    identity = judged.select(
        pl.when(pl.col("reasons").is_null()).then(
            pl.concat_str(
                [pl.col("source_node").fill_null(""), pl.col("record_id"), pl.col("usage_month")], separator="\x1f"
            )
        )
    ).to_series()
    # Polars has no cryptographic hash.
    digests = [None if one is None else hashlib.sha256(one.encode()).hexdigest() for one in identity.to_list()]
    return judged.with_columns(pl.Series("cdr_id", digests, pl.String))


def _is_mistyped(*names: str) -> pl.Expr:
    return pl.col("mistyped_fields").str.contains(rf"(?:^|,)(?:{'|'.join(names)})(?:,|$)").fill_null(False)


def _common(raw: pl.LazyFrame) -> pl.LazyFrame:
    """What every record has."""
    optional = ("session_id", "imsi", "imei", "cause", "source_node")
    return raw.with_columns(
        *(present(pl.col(name)).alias(name) for name in optional),
        network(pl.col("serving_plmn")).alias("serving_plmn"),
        present(pl.col("direction")).str.to_lowercase().alias("direction"),
        trimmed(pl.col("technology")).str.to_uppercase().replace_strict(_GENERATIONS, default="UNKNOWN"),
        pl.when(pl.col("record_type").is_in(list(_REACHING))).then(pl.col("record_type")).alias("service"),
        present(pl.col("timestamp_text")).alias("timestamp_given"),
        present(pl.col("cell_id")).alias("cell_text"),
        present(pl.col("sequence_number")).alias("sequence_text"),
        present(pl.col("is_final")).alias("is_final_text"),
    ).with_columns(
        pl.col("technology").fill_null("UNKNOWN"),
        (~pl.col("serving_plmn").str.contains(r"\A604[0-9]{0,3}\z")).fill_null(False).alias("is_roaming"),
        pl.col("is_final_text")
        .replace_strict({"true": True, "false": False}, default=None, return_dtype=pl.Boolean)
        .alias("is_final"),
    )


def _by_type(fields: dict[str, str]) -> pl.Expr:
    chosen: Choice = pl.when(False).then(text(None))
    for kind, name in fields.items():
        chosen = chosen.when(pl.col("service") == kind).then(pl.col(name))
    return chosen.otherwise(text(None))


def _is_mistyped_of(fields: dict[str, str]) -> pl.Expr:
    chosen: Choice = pl.when(pl.col("mistyped_fields").is_null()).then(False)
    for kind, name in fields.items():
        chosen = chosen.when(pl.col("service") == kind).then(_is_mistyped(name))
    return chosen.otherwise(False)


def _applicable(rows: pl.LazyFrame) -> pl.LazyFrame:
    """The text of what was used and by whom; a terminating leg abroad serves the number reached."""
    is_reversed = (
        (pl.col("direction") == "mt") & pl.col("is_roaming") & pl.col("service").is_in(list(_REACHED))
    ).fill_null(False)
    has_mistyped: Choice = pl.when(pl.col("mistyped_fields").is_null()).then(False)
    for kind, names in _OWN.items():
        has_mistyped = has_mistyped.when(pl.col("service") == kind).then(_is_mistyped(_COMMON, names))

    def either(forwards: pl.Expr, backwards: pl.Expr) -> pl.Expr:
        return pl.when(is_reversed).then(backwards).otherwise(forwards)

    return rows.with_columns(
        present(either(_by_type(_REACHING), _by_type(_REACHED))).alias("served_text"),
        present(either(_by_type(_REACHED), _by_type(_REACHING))).alias("called_text"),
        present(_by_type(_DURATION)).alias("duration_text"),
        present(_by_type(_VOLUME)).alias("volume_text"),
        present(_by_type({"data": "product_code"})).alias("product_code"),
        either(_is_mistyped_of(_REACHING), _is_mistyped_of(_REACHED)).alias("is_served_mistyped"),
        either(_is_mistyped_of(_REACHED), _is_mistyped_of(_REACHING)).alias("is_called_mistyped"),
        _is_mistyped_of(_DURATION).alias("is_duration_mistyped"),
        _is_mistyped_of(_VOLUME).alias("is_volume_mistyped"),
        has_mistyped.otherwise(_is_mistyped(_COMMON)).alias("has_mistyped"),
    )


def _reasons() -> dict[str, pl.Expr]:
    """In the order in which they are listed."""
    service, start = pl.col("service"), pl.col("event_start_utc")
    duration, volume = pl.col("duration_seconds"), pl.col("volume_bytes")

    def missing(name: str) -> pl.Expr:
        return pl.col(f"{name}_text").is_null() & ~pl.col(f"is_{name}_mistyped")

    def unread(name: str, value: pl.Expr) -> pl.Expr:
        return pl.col(name).is_not_null() & value.is_null()

    sequence = pl.col("sequence_number")
    wrong_type = (
        pl.col("has_mistyped")
        | unread("duration_text", duration)
        | unread("volume_text", volume)
        | unread("sequence_text", sequence)
        | (sequence.abs() == _LARGEST).fill_null(False)
        | unread("is_final_text", pl.col("is_final"))
        | (~pl.col("direction").is_in(["mo", "mt"])).fill_null(False)
    )
    is_id_given = present(pl.col("record_id")).is_not_null() | _is_mistyped("record_ID")
    return {
        "UNKNOWN_RECORD_TYPE": service.is_null() & ~_is_mistyped("record_type"),
        "MISSING_RECORD_ID": ~is_id_given,
        "MISSING_TIMESTAMP": pl.col("timestamp_given").is_null() & ~_is_mistyped("timestamp"),
        "INVALID_TIMESTAMP": unread("timestamp_given", start),
        "FUTURE_TIMESTAMP": start > pl.col("ingested_utc") + pl.duration(hours=24),
        "TOO_OLD": pl.col("usage_month") < FIRST_MONTH,
        "MISSING_SERVED_NUMBER": service.is_not_null() & missing("served"),
        "INVALID_SERVED_NUMBER": unread("served_text", pl.col("served_msisdn")),
        "MISSING_CALLED_NUMBER": service.is_in(list(_REACHED)) & missing("called"),
        "INVALID_CALLED_NUMBER": unread("called_text", pl.col("called_number")),
        "MISSING_DURATION": service.is_in(list(_DURATION)) & missing("duration"),
        "NEGATIVE_DURATION": duration < 0,
        "EXCESSIVE_DURATION": duration > 86_400,
        "MISSING_VOLUME": (service == "data") & missing("volume"),
        # A negative volume too small for a byte is negative all the same; minus zero is not.
        "NEGATIVE_VOLUME": pl.col("volume_text").str.contains(r"\A-[0.]*[1-9]") & volume.is_not_null(),
        "EXCESSIVE_VOLUME": volume > 10**12,
        "INVALID_FIELD_TYPE": wrong_type,
        "UNANSWERED": (service == "voice") & (duration == 0),
        "TERMINATING_LEG": service.is_not_null() & (pl.col("direction") == "mt") & ~pl.col("is_roaming"),
    }


def _judged(rows: pl.LazyFrame) -> pl.LazyFrame:
    reasons = pl.col("reasons")
    is_not_billable = reasons.str.contains(r"\A(?:UNANSWERED|TERMINATING_LEG)(?:,(?:UNANSWERED|TERMINATING_LEG))*\z")
    malformed = text("MALFORMED_JSON")
    return (
        rows.with_columns(
            pl.when(pl.col("is_well_formed")).then(joined(_reasons())).otherwise(malformed).alias("reasons"),
            joined(
                {
                    "UNKNOWN_TECHNOLOGY": pl.col("technology") == "UNKNOWN",
                    "MISSING_CELL": pl.col("cell_text").is_null(),
                    "UNREADABLE_SERVING_PLMN": ~pl.col("serving_plmn").str.contains(READABLE_NETWORK),
                }
            ).alias("warnings"),
            pl.col("cell_text").fill_null("UNKNOWN").alias("cell_id"),
        )
        .with_columns(
            pl.when(reasons.is_null())
            .then(text(None))
            .when(is_not_billable)
            .then(text("not_billable"))
            .otherwise(text("refused"))
            .alias("disposition"),
            pl.when(reasons.is_not_null()).then(pl.col("payload")).alias("payload"),
        )
        .select(_KEPT)
    )
