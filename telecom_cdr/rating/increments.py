"""Increments: how usage becomes billed units."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from telecom_cdr.expressions import UNITS, coalesce, round_up_to, units


def apply_increments(usage: DataFrame) -> DataFrame:
    """Add `billed_units`, usage rounded up to the units that are billed; null without increments.

    The first increment is billed whole, then every started next increment: 60/20 turns 61 s into 80 s.
    Zero usage stays zero. The increments of a session run on from part to part: a part is billed what it adds.
    `_billed_before` is what the session's earlier parts were billed, 0 without any.
    """
    before = coalesce(UNITS, F.col("session_units_before"), units(0))
    so_far = (before + F.col("usage_units")).cast(UNITS)
    stepped = usage.withColumns({"_billed_before": _billed(before), "_billed_so_far": _billed(so_far)})
    added = (F.col("_billed_so_far") - F.col("_billed_before")).cast(UNITS)
    return stepped.withColumn("billed_units", added).drop("_billed_so_far")


def _billed(used: Column) -> Column:
    is_within_first = used <= F.col("first_increment")
    beyond_first = (used - F.col("first_increment")).cast(UNITS)
    has_increments = F.col("first_increment").isNotNull() & F.col("next_increment").isNotNull()
    return (
        F.when(~has_increments, units(None))
        .when(used == units(0), units(0))
        .when(is_within_first, F.col("first_increment").cast(UNITS))
        .otherwise((F.col("first_increment") + round_up_to(beyond_first, F.col("next_increment"))).cast(UNITS))
        .cast(UNITS)
    )
