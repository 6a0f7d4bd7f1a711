"""What a month's invoices start from: usage by product, and subscriptions in service, of postpaid plans.

One pass over the rated events; everything after it works on these few rows. Not here: what becomes a line.
"""

from typing import Final

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from telecom_cdr.billing.period import Period
from telecom_cdr.expressions import count_rows, is_true, money, round_half_up, sum_money, sum_units, text, units
from telecom_cdr.tables.model import AMOUNT, CHARGE_SUM
from telecom_cdr.vocabulary import PaymentType, RatingStatus, RecordType, SubscriptionStatus

_KEYS: Final = ("customer_id", "plan_code", "is_usage", "msisdn", "product_code", "usage_month")
_EVENT_WORDS: Final = {RecordType.VOICE: "call", RecordType.SMS: "message", RecordType.DATA: "session"}


def billed_entries(
    rated: DataFrame, subscriptions: DataFrame, rate_plans: DataFrame, products: DataFrame, period: Period
) -> DataFrame:
    """One row for each (customer, plan, product, usage month) used and each (customer, plan, number) in service.

    `listed_amount` is the usage rounded once to 2 decimals, or the monthly fee. `has_usage` says whether the number
    of a subscription has a rated event. `is_head` marks one row of each customer and plan.
    """
    plans = rate_plans.where(F.col("payment_type") == text(PaymentType.POSTPAID)).select(
        "plan_code",
        F.col("name").alias("plan_name"),
        "currency",
        F.col("prices_include_tax").cast("boolean").alias("is_tax_included"),
        F.col("monthly_fee").cast(AMOUNT.sql).alias("monthly_fee"),
    )
    sources = _usage(rated).unionByName(_in_service(subscriptions, period)).join(plans.select("plan_code"), "plan_code")
    number = Window.partitionBy("customer_id", "plan_code", "number")
    marked = sources.withColumn("has_usage", F.max(F.col("is_usage").cast("int")).over(number) == F.lit(1))
    entries = marked.groupBy(*_KEYS).agg(
        sum_units(F.col("event_count")).alias("event_count"),
        sum_units(F.col("billed_units")).alias("billed_units"),
        sum_money(F.col("unrounded_amount"), CHARGE_SUM).alias("unrounded_amount"),
        (F.max(F.col("has_usage").cast("int")) == F.lit(1)).cast("boolean").alias("has_usage"),
    )
    first = Window.partitionBy("customer_id", "plan_code").orderBy("is_usage", "msisdn", "product_code", "usage_month")
    rounded = round_half_up(F.col("unrounded_amount"), AMOUNT, scale_in=6, scale_out=2)
    listed = F.when(F.col("is_usage"), rounded).otherwise(F.col("monthly_fee")).cast(AMOUNT.sql)
    described = entries.join(plans, "plan_code").join(_names(products), "product_code", "left")
    return described.withColumns(
        {"listed_amount": listed, "is_head": F.row_number().over(first) == F.lit(1), "description": _description()}
    ).drop("monthly_fee", "plan_name", "_name", "_word")


def _usage(rated: DataFrame) -> DataFrame:
    """Rated usage of each number, product and usage month."""
    is_billed = (F.col("status") == text(RatingStatus.RATED)) & (F.col("payment_type") == text(PaymentType.POSTPAID))
    keys = ("customer_id", "plan_code", "served_msisdn", "product_code", "usage_month")
    return (
        rated.where(is_true(is_billed))
        .groupBy(*keys)
        .agg(
            count_rows().alias("event_count"),
            sum_units(F.col("billed_units")).alias("billed_units"),
            sum_money(F.col("charge_amount"), CHARGE_SUM).alias("unrounded_amount"),
        )
        .withColumnRenamed("served_msisdn", "number")
        .withColumns({"is_usage": F.lit(True).cast("boolean"), "msisdn": text(None)})
    )


def _in_service(subscriptions: DataFrame, period: Period) -> DataFrame:
    """Each customer, plan and number with an active subscription on any day of the month."""
    is_active = F.col("status") == text(SubscriptionStatus.ACTIVE)
    has_begun = F.col("valid_from").isNull() | (F.col("valid_from") <= F.lit(period.last_day))
    goes_on = F.col("valid_to").isNull() | (F.col("valid_to") > F.lit(period.first_day))
    return (
        subscriptions.where(is_true(is_active & has_begun & goes_on))
        .select("customer_id", "plan_code", F.col("msisdn").alias("number"))
        .distinct()
        .withColumns(
            {
                "product_code": text(None),
                "usage_month": text(period.month),
                "event_count": units(0),
                "billed_units": units(None),
                "unrounded_amount": money(None, CHARGE_SUM),
                "is_usage": F.lit(False).cast("boolean"),
                "msisdn": F.col("number"),
            }
        )
    )


def _names(products: DataFrame) -> DataFrame:
    words = F.when(F.lit(False), text(None))
    for service, word in _EVENT_WORDS.items():
        words = words.when(F.col("service_type") == text(service), text(word))
    return products.select(
        "product_code",
        F.coalesce(F.col("description"), F.col("product_code")).cast("string").alias("_name"),
        words.otherwise(text("event")).cast("string").alias("_word"),
    )


def _description() -> Column:
    """What the customer reads: `National voice, 12 calls`, or `Monthly fee, Plan one`."""
    plural = F.when(F.col("event_count") == units(1), text("")).otherwise(text("s"))
    count = F.concat(F.col("event_count").cast("string"), text(" "), F.col("_word"), plural)
    usage = F.concat(F.coalesce(F.col("_name"), F.col("product_code")), text(", "), F.coalesce(count, text("")))
    return (
        F.when(F.col("is_usage"), usage).otherwise(F.concat(text("Monthly fee, "), F.col("plan_name"))).cast("string")
    )
