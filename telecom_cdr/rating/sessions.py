"""Sessions that arrive in parts: what came before each part, and when its session began.

A part is a record with a session and a sequence number. Here: the order of parts within a usage month, and what a
month's events say of themselves before a plan is made. Not here: what a part costs (`increments`, `pieces`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Self

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from telecom_cdr.expressions import UNITS, coalesce, count_where, is_true, sum_whole, text, units
from telecom_cdr.vocabulary import RecordType

# In a session's order; cdr_id makes it total.
SESSION_ORDER: Final = ("sequence_number", "event_start_utc", "cdr_id")
_TOTAL: Final = "decimal(38,0)"


@dataclass(frozen=True)
class EventFacts:
    """What must be known of the events before a plan is made: their usage months, days of UTC, and whether parts."""

    usage_months: tuple[str, ...] = ()
    first_day: date | None = None
    last_day: date | None = None
    has_parts: bool = False

    @classmethod
    def of(cls, rows: Iterable[Mapping[str, object]]) -> Self:
        """From the rows of `event_facts`."""
        found = list(rows)
        # An instant collected from an engine may carry the client's zone; a day more on each side costs nothing.
        starts = [at for row in found for at in (row["first_start"], row["last_start"]) if isinstance(at, datetime)]
        return cls(
            usage_months=tuple(sorted(str(row["usage_month"]) for row in found)),
            first_day=_days_on(min(starts).date(), -1) if starts else None,
            last_day=_days_on(max(starts).date(), 1) if starts else None,
            has_parts=any(row["part_count"] for row in found),
        )


def _days_on(day: date, days: int) -> date:
    try:
        return day + timedelta(days=days)
    except OverflowError:  # The first and the last day of the calendar have none beyond.
        return day


def event_facts(events: DataFrame) -> DataFrame:
    """One row a usage month of `usage_events`: the first and last start, and how many are parts of sessions."""
    return events.groupBy("usage_month").agg(
        F.min("event_start_utc").cast("timestamp").alias("first_start"),
        F.max("event_start_utc").cast("timestamp").alias("last_start"),
        count_where(_is_part()).alias("part_count"),
    )


def with_session(events: DataFrame, *, has_parts: bool) -> DataFrame:
    """Add what a session lends to its parts; every other event is a session of itself.

    `_session_key`; `session_units_before`, the usage of earlier parts, null for no part; `tariff_date` and
    `_tariff_start`, day and instant by which the tariff is looked up: those of the first part in the usage month.
    """
    if not has_parts:
        return _completed(
            events.withColumns(
                {
                    "_first_key": text(None),
                    "session_units_before": units(None),
                    "_first_date": F.lit(None).cast("date"),
                    "_first_start": F.lit(None).cast("timestamp"),
                }
            )
        )
    return _completed(_parts(events).join(events, "cdr_id", "right"))


def _is_part() -> Column:
    return F.col("session_id").isNotNull() & F.col("sequence_number").isNotNull()


def _parts(events: DataFrame) -> DataFrame:
    what = F.when(F.col("service_type") == text(RecordType.DATA), F.col("reported_product")).otherwise(
        F.col("called_number")
    )
    network = F.when(is_true(F.col("is_roaming")), F.col("serving_plmn"))
    key = F.concat_ws(
        "\x1f",
        F.col("service_type"),
        F.col("served_msisdn"),
        F.col("session_id"),
        F.col("usage_month"),
        coalesce("string", what, text("")),
        coalesce("string", network, text("")),
    )
    parts = events.where(_is_part() & (F.col("service_type") != text(RecordType.SMS))).select(
        *SESSION_ORDER, "usage_units", "usage_date", key.cast("string").alias("_first_key")
    )
    in_order = Window.partitionBy("_first_key").orderBy(*SESSION_ORDER)
    earlier = in_order.rowsBetween(Window.unboundedPreceding, -1)
    so_far = in_order.rowsBetween(Window.unboundedPreceding, 0)
    before = coalesce(_TOTAL, sum_whole(F.col("usage_units")).over(earlier), F.lit(0))
    return parts.select(
        "cdr_id",
        "_first_key",
        before.cast(UNITS).alias("session_units_before"),
        F.first("usage_date").over(so_far).cast("date").alias("_first_date"),
        F.first("event_start_utc").over(so_far).cast("timestamp").alias("_first_start"),
    )


def _completed(events: DataFrame) -> DataFrame:
    """Events that are no parts stand for themselves."""
    is_part = F.col("_first_key").isNotNull()
    return events.withColumns(
        {
            "_session_key": coalesce("string", F.col("_first_key"), F.col("cdr_id")),
            "tariff_date": coalesce("date", F.col("_first_date"), F.col("usage_date")),
            "_tariff_start": coalesce("timestamp", F.col("_first_start"), F.col("event_start_utc")),
            "session_id": F.when(is_part, F.col("session_id")).cast("string"),
            "sequence_number": F.when(is_part, F.col("sequence_number")).cast(UNITS),
        }
    ).drop("_first_key", "_first_date", "_first_start")
