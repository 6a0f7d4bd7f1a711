"""Allowances: which billed units are free.

Units of a subscription are used up in the order of the events' time, an event's allowances in the order of priority.
One window a level (see `allowance_levels`). Money and shared allowances belong here too.
"""

from collections.abc import Sequence
from functools import reduce
from typing import Final

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from telecom_cdr.expressions import UNITS, coalesce, text, units
from telecom_cdr.rating.allowance_levels import AllowanceLevel
from telecom_cdr.rating.hold import Hold, as_it_is
from telecom_cdr.vocabulary import AllowancePeriod

_COUNT: Final = "decimal(20,0)"
_TOTAL: Final = "decimal(38,0)"
# Order in which a counter is used: late events after all others of their month, then time; cdr_id makes it total.
_USE_ORDER: Final = ("billing_month", "event_start_utc", "cdr_id")
# With the allowances that cover an event, all that decides what they give to it.
_DECIDING: Final = (
    *_USE_ORDER,
    "customer_id",
    "served_msisdn",
    "plan_code",
    "usage_date",
    "usage_month",
    "billed_units",
)


def apply_allowances(
    usage: DataFrame,
    allowances: DataFrame,
    products: DataFrame,
    levels: Sequence[AllowanceLevel],
    hold: Hold = as_it_is,
) -> DataFrame:
    """Split `billed_units` into `allowance_units` and `charged_units`; add `allowances_used`, `CODE=units,…`.

    All null where `billed_units` is null. Every event of a counter's period must be in `usage`.
    """
    passes = range(1, max((level.level for level in levels), default=0) + 1)
    if not passes:
        return _with_result(usage.withColumns({"_given": units(None), "_used": text(None)}))
    matched = _with_allowances(usage, _levelled(allowances, products, levels), passes, hold)
    # An engine sorts whole rows for a window, so that only the events and the columns that decide go through it.
    helpers = [f"_{name}_{level}" for level in passes for name in ("code", "quantity", "period")]
    is_covered = F.coalesce(*(F.col(f"_code_{level}") for level in passes)).isNotNull()
    used = _used_up(matched.where(is_covered).select(*_DECIDING, *helpers), passes)
    # The few are the left side: an engine may hold that one in memory.
    return _with_result(used.join(usage, "cdr_id", "right"))


def _with_result(usage: DataFrame) -> DataFrame:
    """Turn what allowances gave, null where none covers the event, into the columns that every event has."""
    given = coalesce(UNITS, F.col("_given"), units(0))
    result = {
        "charged_units": (F.col("billed_units") - given).cast(UNITS),
        "allowance_units": F.when(F.col("billed_units").isNotNull(), given).otherwise(units(None)).cast(UNITS),
        "allowances_used": F.col("_used"),
    }
    return usage.withColumns(result).drop("_given", "_used")


def _used_up(events: DataFrame, passes: Sequence[int]) -> DataFrame:
    """What allowances give to events of which each has one: `cdr_id`, `_given` units, and `_used` in words."""
    used = reduce(_use, passes, events.withColumn("charged_units", F.col("billed_units").cast(UNITS)))
    given = (F.col("billed_units") - F.col("charged_units")).cast(UNITS)
    words = [F.when(F.col(f"_used_{level}") > units(0), _words(level)) for level in passes]
    in_words = F.when(given > units(0), F.concat_ws(",", *words))
    return used.select("cdr_id", given.alias("_given"), in_words.cast("string").alias("_used"))


def _words(level: int) -> Column:
    return F.concat(F.col(f"_code_{level}"), text("="), F.col(f"_used_{level}").cast("string"))


def _use(usage: DataFrame, level: int) -> DataFrame:
    """One pass: take from each counter what is left of it, in order of use.

    Each event takes what it needs or what remains, so what is gone before an event is the sum of the needs before it.
    """
    needed = F.when(F.col(f"_code_{level}").isNotNull(), F.col("charged_units")).otherwise(units(0)).cast(_COUNT)
    counter = Window.partitionBy("customer_id", "served_msisdn", "plan_code", f"_code_{level}", "_counter_period")
    earlier = counter.orderBy(*_USE_ORDER).rowsBetween(Window.unboundedPreceding, -1)
    needed_before = coalesce(_TOTAL, F.sum("_needed").over(earlier), F.lit(0))
    is_per_event = F.col(f"_period_{level}") == text(AllowancePeriod.EVENT)
    gone = F.when(is_per_event, F.lit(0).cast(_TOTAL)).otherwise(F.col("_needed_before")).cast(_TOTAL)
    left = (F.col(f"_quantity_{level}").cast(_TOTAL) - gone).cast(_TOTAL)
    taken = (
        F.when(F.col(f"_code_{level}").isNull() | F.col("charged_units").isNull() | (left <= F.lit(0)), units(0))
        .when(left < F.col("charged_units").cast(_TOTAL), left.cast(UNITS))
        .otherwise(F.col("charged_units").cast(UNITS))
    )
    return (
        usage.withColumns({"_needed": needed, "_counter_period": _counter_period(level)})
        .withColumn("_needed_before", needed_before)
        .withColumn(f"_used_{level}", taken.cast(UNITS))
        .withColumn("charged_units", (F.col("charged_units") - F.col(f"_used_{level}")).cast(UNITS))
        .drop("_needed", "_counter_period", "_needed_before")
    )


def _counter_period(level: int) -> Column:
    """Name of the period whose counter an event uses."""
    is_daily = F.col(f"_period_{level}") == text(AllowancePeriod.DAY)
    return F.when(is_daily, F.col("usage_date").cast("string")).otherwise(F.col("usage_month")).cast("string")


def _levelled(allowances: DataFrame, products: DataFrame, levels: Sequence[AllowanceLevel]) -> DataFrame:
    """One row for each product that an allowance row covers, with its level."""
    level: Column = F.when(F.lit(False), F.lit(0))
    for known in levels:
        is_it = (F.col("plan_code") == text(known.plan_code)) & (F.col("allowance_code") == text(known.allowance_code))
        level = level.when(is_it, F.lit(known.level))
    sold = products.select(F.col("product_code").alias("_sold"))
    is_covered = F.col("product_code").isNull() | (F.col("product_code") == F.col("_sold"))
    return (
        allowances.withColumn("_level", level.otherwise(F.lit(None).cast("int")).cast("int"))
        .join(sold, is_covered, "inner")
        .withColumn("product_code", F.col("_sold"))
        .drop("_sold")
    )


def _with_allowances(usage: DataFrame, levelled: DataFrame, passes: Sequence[int], hold: Hold) -> DataFrame:
    """Add the allowance of each level that covers the event, whether by a row of its zone or of any zone."""
    anywhere = _by_level(levelled.where(F.col("zone").isNull()), ["plan_code", "product_code"], passes, "any")
    of_zones = _by_level(
        levelled.where(F.col("zone").isNotNull()), ["plan_code", "product_code", "zone"], passes, "zone"
    )
    joined = usage.join(hold(anywhere), ["plan_code", "product_code"], "left").join(
        hold(of_zones), ["plan_code", "product_code", "zone"], "left"
    )
    types = {"code": "string", "quantity": _COUNT, "period": "string"}
    pairs = [(name, kind, level) for level in passes for name, kind in types.items()]
    return joined.withColumns(
        {
            f"_{name}_{level}": coalesce(kind, F.col(f"_zone_{name}_{level}"), F.col(f"_any_{name}_{level}"))
            for name, kind, level in pairs
        }
    ).drop(*(f"_{scope}_{name}_{level}" for scope in ("zone", "any") for name, _, level in pairs))


def _by_level(levelled: DataFrame, keys: Sequence[str], passes: Sequence[int], scope: str) -> DataFrame:
    """One row a key, with the code, quantity and period of each level beside each other."""
    columns = {"code": ("allowance_code", "string"), "quantity": ("quantity", _COUNT), "period": ("period", "string")}
    return levelled.groupBy(*keys).agg(
        *(
            F.max(F.when(F.col("_level") == F.lit(level), F.col(source).cast(kind)))
            .cast(kind)
            .alias(f"_{scope}_{name}_{level}")
            for level in passes
            for name, (source, kind) in columns.items()
        )
    )
