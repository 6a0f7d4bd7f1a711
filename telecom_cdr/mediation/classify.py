"""Classify: the kind of destination of a called number, by the Moroccan numbering plan and the country codes.

The range of the original allocation decides the operator. Not here: zones and prices (`rating/`).
"""

from typing import Final

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from telecom_cdr.errors import InputError
from telecom_cdr.expressions import text
from telecom_cdr.facts.numbering_plan import HOME_COUNTRY_CODE, MOBILE_RANGES
from telecom_cdr.vocabulary import TrafficClass

_NATIONAL_START: Final = len(HOME_COUNTRY_CODE) + 1
_MOBILE_RANGE_LENGTH: Final = 6
_OTHER_RANGE_LENGTH: Final = 4


def with_traffic_class(rows: DataFrame, home_operator: str) -> DataFrame:
    """Add `traffic_class` and `number_range`, the prefix that decided it; both null without a called number.

    An event served abroad is `roaming`, whatever was called. Raises InputError for an operator without ranges.
    """
    if home_operator not in MOBILE_RANGES:
        known = ", ".join(MOBILE_RANGES)
        raise InputError(f"HOME_OPERATOR {home_operator!r} has no ranges in the numbering plan; use one of: {known}")
    called = F.col("called_number")
    is_short_code = called.isNotNull() & F.col("is_short_code")
    is_national = called.isNotNull() & (F.col("country_code") == HOME_COUNTRY_CODE)
    leading_digit = F.substring(called, _NATIONAL_START, 1)
    is_mobile = is_national & leading_digit.isin("6", "7")
    mobile_range = F.substring(called, 1, _MOBILE_RANGE_LENGTH)
    traffic_class = (
        F.when(called.isNull(), text(None))
        .when(F.col("is_roaming"), text(TrafficClass.ROAMING.value))
        .when(is_short_code, text(TrafficClass.SPECIAL.value))
        .when(is_mobile & mobile_range.isin(*MOBILE_RANGES[home_operator]), text(TrafficClass.ONNET.value))
        .when(is_mobile, text(TrafficClass.OFFNET.value))
        .when(is_national & (leading_digit == "5"), text(TrafficClass.FIXED.value))
        .when(is_national, text(TrafficClass.SPECIAL.value))
        .otherwise(text(TrafficClass.INTERNATIONAL.value))
    )
    number_range = (
        F.when(called.isNull(), text(None))
        .when(is_short_code, called)
        .when(is_mobile, mobile_range)
        .when(is_national, F.substring(called, 1, _OTHER_RANGE_LENGTH))
        .otherwise(F.col("country_code"))
    )
    return rows.withColumns(
        {"traffic_class": traffic_class.cast("string"), "number_range": number_range.cast("string")}
    )
