"""Daily revenue: charges by local day and service."""

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from telecom_cdr import expressions as ex
from telecom_cdr.reporting.shared import NO_CURRENCY, charge_sum, of_month, unit_sum
from telecom_cdr.tables.reports import DAILY_REVENUE
from telecom_cdr.vocabulary import RatingStatus

_DAY = ("usage_date", "service_type")


def daily_revenue(rated: DataFrame, month: str) -> DataFrame:
    """One row for each local day, service and currency of a billing month; prepaid events too.

    An unrated event without a plan has no currency: it counts in the first one, by name, of its day and service; `XXX`
    when the day has none.
    """
    by_currency = (
        of_month(rated, month)
        .groupBy(*_DAY, "currency", "billing_month")
        .agg(
            ex.count_where(F.col("status") == F.lit(RatingStatus.RATED.value)).alias("event_count"),
            ex.count_where(F.col("status") == F.lit(RatingStatus.UNRATED.value)).alias("unrated_count"),
            charge_sum().alias("charge_amount"),
        )
    )
    first_of_day = F.min(F.col("currency")).over(Window.partitionBy(*_DAY))
    return (
        by_currency.withColumn("currency", ex.coalesce("string", F.col("currency"), first_of_day, ex.text(NO_CURRENCY)))
        .groupBy(*_DAY, "currency", "billing_month")
        .agg(
            unit_sum("event_count").alias("event_count"),
            unit_sum("unrated_count").alias("unrated_count"),
            charge_sum().alias("charge_amount"),
        )
        .select(*ex.declared(DAILY_REVENUE))
    )
