"""Ranges of days: what makes a join on them give one row at most.

Here: the one way in which rating joins dated reference rows. Not here: which rows, and what they mean.
"""

from collections.abc import Sequence
from datetime import date

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from telecom_cdr.expressions import is_valid_on


def without_overlap(frame: DataFrame, keys: Sequence[str], tie: Sequence[str] = ()) -> DataFrame:
    """Dated rows whose ranges of one key do not overlap: a later start ends the range before it.

    The loader refuses overlaps; a join must not double an event even so. `tie` orders rows with one start.
    """
    since = F.coalesce(F.col("valid_from"), F.lit(date.min)).cast("date")
    by_start = Window.partitionBy(*keys).orderBy(since, *(F.col(name) for name in tie))
    successor = F.lead(since).over(by_start)
    is_cut = successor.isNotNull() & (F.col("valid_to").isNull() | (F.col("valid_to") > successor))
    valid_to = F.when(is_cut, successor).otherwise(F.col("valid_to")).cast("date")
    clipped = frame.withColumn("valid_to", valid_to)
    return clipped.where(F.col("valid_to").isNull() | (F.col("valid_to") > since))


def join_valid(events: DataFrame, dated: DataFrame, keys: Sequence[str], day: str = "usage_date") -> DataFrame:
    """Left join of events with dated rows on equal keys, valid on the event's day. Rows must not overlap.

    Columns of `dated` other than keys and validity are added to the events.
    """
    renamed = dated.withColumnsRenamed({name: f"_{name}" for name in (*keys, "valid_from", "valid_to")})
    condition: Column = is_valid_on(F.col(day), F.col("_valid_from"), F.col("_valid_to"))
    for key in keys:
        condition = (F.col(key) == F.col(f"_{key}")) & condition
    return events.join(renamed, condition, "left").drop(*(f"_{name}" for name in (*keys, "valid_from", "valid_to")))
