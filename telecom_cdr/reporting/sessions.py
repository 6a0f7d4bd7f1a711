"""Incomplete sessions: sessions that came in parts, and whose parts do not follow each other.

Sessions are those of rating: within a usage month. One that goes on over the end of a month lacks its last part in the
one and its first in the next. Not here: what a part costs (`rating`).
"""

from typing import Final

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from telecom_cdr import expressions as ex
from telecom_cdr.reporting.shared import NO_CURRENCY, charge_sum, event_count, masked, of_month, unit_sum
from telecom_cdr.tables.reports import INCOMPLETE_SESSIONS
from telecom_cdr.vocabulary import RatingStatus, RecordType

_SESSION: Final = ("service_type", "served_msisdn", "session_id", "usage_month", "_what", "_network")
_ORDER: Final = ("sequence_number", "event_start_utc", "cdr_id")
# Networks count from 0 or from 1.
_HIGHEST_FIRST: Final = 1
_MICROS: Final = 1_000_000
_OF_FIRST: Final = {
    "first_cdr_id": "cdr_id",
    "first_record_id": "record_id",
    "first_start_utc": "event_start_utc",
    "customer_id": "customer_id",
    "product_code": "product_code",
}


def incomplete_sessions(rated: DataFrame, month: str) -> DataFrame:
    """One row for each session of a billing month that lacks parts, or has too many.

    It lacks a sequence number between 1, or its lowest when that is less, and its highest; or no part says to be the
    last. It has too many when two parts share a number, or when one starts a second or more before the one before it
    ends. Unrated parts count; those billed in other months do not.
    """
    found = _sessions(_parts(of_month(rated, month)))
    is_incomplete = (
        (F.col("missing_count") > ex.units(0))
        | (F.col("repeated_count") > ex.units(0))
        | ~F.col("has_final")
        | (F.col("overlap_seconds") > ex.units(0))
    )
    return found.where(is_incomplete).select(*ex.declared(INCOMPLETE_SESSIONS))


def _parts(rated: DataFrame) -> DataFrame:
    """The parts of sessions, each with how long it overlaps the one before it, and whether it is the first."""
    is_data = F.col("service_type") == ex.text(RecordType.DATA)
    keyed = rated.where(F.col("session_id").isNotNull() & F.col("sequence_number").isNotNull()).withColumns(
        {
            "_what": ex.coalesce("string", F.when(is_data, F.col("product_code")).otherwise(F.col("called_number"))),
            "_network": F.when(F.col("is_roaming"), F.col("serving_plmn")).cast("string"),
            "_start": ex.micros(F.col("event_start_utc")),
        }
    )
    seconds = F.when(is_data, F.col("session_duration_seconds")).otherwise(F.col("usage_units"))
    length = ex.coalesce(ex.UNITS, seconds, ex.units(0)) * ex.units(_MICROS)
    in_order = Window.partitionBy(*_SESSION).orderBy(*_ORDER)
    return (
        keyed.withColumn("_end", (F.col("_start") + length).cast(ex.UNITS))
        .withColumns({"_end_before": F.lag("_end").over(in_order), "_place": F.row_number().over(in_order)})
        .withColumn("overlap_seconds", _whole_seconds(F.col("_end_before") - F.col("_start")))
    )


def _whole_seconds(micros: Column) -> Column:
    """Seconds that have passed whole: starts are measured finer than lengths. 0 for what is negative or null."""
    positive = F.when(micros > ex.units(0), micros).otherwise(ex.units(0))
    return ex.whole_steps(positive, ex.units(_MICROS))


def _sessions(parts: DataFrame) -> DataFrame:
    """One row a session, complete or not."""
    number, is_first = F.col("sequence_number"), F.col("_place") == F.lit(1)
    return (
        parts.groupBy(*_SESSION, "billing_month")
        .agg(
            *(F.max(F.when(is_first, F.col(column))).alias(name) for name, column in _OF_FIRST.items()),
            event_count().alias("part_count"),
            F.count_distinct(number).cast(ex.UNITS).alias("_number_count"),
            F.min(number).cast(ex.UNITS).alias("first_sequence_number"),
            F.max(number).cast(ex.UNITS).alias("last_sequence_number"),
            ex.count_where(F.col("is_final")).alias("_final_count"),
            unit_sum("overlap_seconds").alias("overlap_seconds"),
            unit_sum("usage_units").alias("usage_units"),
            ex.count_where(F.col("status") == ex.text(RatingStatus.UNRATED)).alias("unrated_count"),
            charge_sum().alias("charge_amount"),
            ex.coalesce("string", F.min("currency"), ex.text(NO_CURRENCY)).alias("currency"),
        )
        .withColumns(
            {
                "masked_msisdn": masked(F.col("served_msisdn")),
                "serving_plmn": F.col("_network"),
                "missing_count": _missing_count(),
                "repeated_count": (F.col("part_count") - F.col("_number_count")).cast(ex.UNITS),
                "has_first": (F.col("first_sequence_number") <= ex.units(_HIGHEST_FIRST)).cast("boolean"),
                "has_final": (F.col("_final_count") > ex.units(0)).cast("boolean"),
            }
        )
    )


def _missing_count() -> Column:
    """Numbers without a part; the largest bigint when they are more."""
    first = F.least(F.col("first_sequence_number"), ex.units(_HIGHEST_FIRST)).cast("decimal(20,0)")
    numbers = F.col("last_sequence_number").cast("decimal(20,0)") - first + F.lit(1).cast("decimal(20,0)")
    missing = numbers - F.col("_number_count").cast("decimal(20,0)")
    return F.least(missing.cast("decimal(38,0)"), F.lit(ex.LARGEST_UNITS).cast("decimal(38,0)")).cast(ex.UNITS)
