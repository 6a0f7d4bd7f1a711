"""Ported numbers: which operator serves a called mobile number on the day, and so whether it is on the home network.

Mediation classified the number by the range of its original allocation; here reference data knows better. Not here:
numbers that were not ported, and any class but on-net and off-net.
"""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from telecom_cdr.expressions import is_true, text, trimmed
from telecom_cdr.rating.hold import Hold, as_it_is
from telecom_cdr.rating.validity import join_valid, without_overlap
from telecom_cdr.vocabulary import TrafficClass


def with_portability(
    events: DataFrame,
    number_portability: DataFrame,
    home_operator: str,
    *,
    has_ported_numbers: bool,
    hold: Hold = as_it_is,
) -> DataFrame:
    """Add `ported_operator`, null when the called number is not ported on the `tariff_date`, and let it decide
    `traffic_class` between onnet and offnet.

    Operators are compared without regard to case and blanks around. `has_ported_numbers`: whether the table has rows;
    without any, nothing is joined.
    """
    if not has_ported_numbers:
        return events.withColumn("ported_operator", text(None))
    dated = number_portability.select(
        F.col("msisdn").alias("_ported_number"),
        trimmed(F.col("operator")).alias("ported_operator"),
        "valid_from",
        "valid_to",
    )
    ported = hold(without_overlap(dated, ["_ported_number"], ["ported_operator"]))
    may_be_ported = F.col("traffic_class").isin(TrafficClass.ONNET.value, TrafficClass.OFFNET.value)
    asked = events.withColumn("_ported_number", F.when(may_be_ported, F.col("called_number")).cast("string"))
    found = join_valid(asked, ported, ["_ported_number"], day="tariff_date").drop("_ported_number")
    is_home = is_true(F.lower(F.col("ported_operator")) == text(home_operator.strip().lower()))
    by_operator = F.when(is_home, text(TrafficClass.ONNET)).otherwise(text(TrafficClass.OFFNET))
    traffic_class = F.when(F.col("ported_operator").isNotNull(), by_operator).otherwise(F.col("traffic_class"))
    return found.withColumn("traffic_class", traffic_class.cast("string"))
