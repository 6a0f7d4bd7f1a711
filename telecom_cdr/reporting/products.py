"""Product costs: what each product of each plan used, gave away and charged."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from telecom_cdr import expressions as ex
from telecom_cdr.reporting.shared import charge_sum, event_count, rated_of_month, unit_sum
from telecom_cdr.tables.model import CHARGE_SUM
from telecom_cdr.tables.reports import PRODUCT_COSTS

_SCALE = 6
_UNITS = ("usage_units", "billed_units", "allowance_units", "charged_units")


def product_costs(rated: DataFrame, month: str) -> DataFrame:
    """One row for each plan and product with rated events in a billing month; prepaid ones too.

    average_charge is charge_amount / event_count, rounded once to 6 decimals.
    """
    return (
        rated_of_month(rated, month)
        .groupBy("plan_code", "product_code", "service_type", "currency", "billing_month")
        .agg(
            event_count().alias("event_count"),
            *(unit_sum(name).alias(name) for name in _UNITS),
            charge_sum().alias("charge_amount"),
        )
        .withColumn("average_charge", _charge_an_event())
        .select(*ex.declared(PRODUCT_COSTS))
    )


def _charge_an_event() -> Column:
    millionths = ex.divide_half_up(ex.whole(F.col("charge_amount"), _SCALE), F.col("event_count"))
    return ex.from_whole(millionths, CHARGE_SUM, _SCALE)
