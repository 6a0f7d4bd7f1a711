"""Top customers: the hundred highest invoices of a month."""

from typing import Final

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from telecom_cdr import expressions as ex
from telecom_cdr.reporting.shared import days_of, masked, of_month, rated_of_month
from telecom_cdr.tables.reports import TOP_CUSTOMERS
from telecom_cdr.vocabulary import SubscriptionStatus

LISTED_CUSTOMERS: Final = 100


def top_customers(
    invoices: DataFrame,
    lines: DataFrame,
    rated: DataFrame,
    customers: DataFrame,
    subscriptions: DataFrame,
    month: str,
) -> DataFrame:
    """One row for each of the hundred customers with the highest invoice total of a billing month.

    Ranked by total, equal totals by customer_id. subscription_count: numbers with rated events or a line of their own.
    masked_msisdn: the lowest number that was active on a day of the month, else the lowest of that count.
    """
    order = (F.col("total_amount").desc(), F.col("customer_id").asc())
    leading = of_month(invoices, month).orderBy(*order).limit(LISTED_CUSTOMERS)
    ranked = leading.select("*", F.row_number().over(Window.partitionBy("billing_month").orderBy(*order)).alias("rank"))
    known = customers.select(F.col("customer_id").alias("_customer"), "segment", "region")
    used = _used_numbers(of_month(lines, month), rated_of_month(rated, month))
    active = _active_numbers(subscriptions, month)
    return (
        ranked.join(known, F.col("customer_id") == F.col("_customer"), "left")
        .join(used, F.col("customer_id") == F.col("_user"), "left")
        .join(active, F.col("customer_id") == F.col("_subscriber"), "left")
        .withColumn("masked_msisdn", masked(ex.coalesce("string", F.col("_first_active"), F.col("_first_used"))))
        .withColumn("subscription_count", ex.coalesce(ex.UNITS, F.col("_number_count"), ex.units(0)))
        .select(*ex.declared(TOP_CUSTOMERS))
    )


def _used_numbers(lines: DataFrame, rated: DataFrame) -> DataFrame:
    on_lines = lines.select(F.col("customer_id").alias("_user"), F.col("msisdn").alias("_number"))
    in_usage = rated.select(F.col("customer_id").alias("_user"), F.col("served_msisdn").alias("_number"))
    numbers = on_lines.unionByName(in_usage).where(F.col("_number").isNotNull())
    return numbers.groupBy("_user").agg(
        F.count_distinct(F.col("_number")).cast(ex.UNITS).alias("_number_count"),
        F.min(F.col("_number")).alias("_first_used"),
    )


def _active_numbers(subscriptions: DataFrame, month: str) -> DataFrame:
    first_day, day_after = days_of(month)
    has_begun = F.col("valid_from").isNull() | (F.col("valid_from") < F.lit(day_after))
    has_not_ended = F.col("valid_to").isNull() | (F.col("valid_to") > F.lit(first_day))
    is_active = F.col("status") == F.lit(SubscriptionStatus.ACTIVE.value)
    active = subscriptions.where(ex.all_of([is_active, has_begun, has_not_ended]))
    return active.groupBy(F.col("customer_id").alias("_subscriber")).agg(F.min(F.col("msisdn")).alias("_first_active"))
