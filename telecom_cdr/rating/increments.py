"""Increments: how usage becomes billed units."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from telecom_cdr.expressions import UNITS, round_up_to, units


def apply_increments(usage: DataFrame) -> DataFrame:
    """Add `billed_units`, usage rounded up to the units that are billed; null without increments.

    The first increment is billed whole, then every started next increment: 60/20 turns 61 s into 80 s.
    Zero usage stays zero.
    """
    is_unused = F.col("usage_units") == units(0)
    is_within_first = F.col("usage_units") <= F.col("first_increment")
    beyond_first = (F.col("usage_units") - F.col("first_increment")).cast(UNITS)
    has_increments = F.col("first_increment").isNotNull() & F.col("next_increment").isNotNull()
    billed = (
        F.when(~has_increments, units(None))
        .when(is_unused, units(0))
        .when(is_within_first, F.col("first_increment").cast(UNITS))
        .otherwise((F.col("first_increment") + round_up_to(beyond_first, F.col("next_increment"))).cast(UNITS))
    )
    return usage.withColumn("billed_units", billed.cast(UNITS))
