"""Whose event it is: the subscription of the served number on the day, and the facts of its plan."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from telecom_cdr.rating.validity import join_valid, without_overlap
from telecom_cdr.vocabulary import SubscriptionStatus


def with_subscription(events: DataFrame, subscriptions: DataFrame, rate_plans: DataFrame) -> DataFrame:
    """Add customer, plan and plan facts of the active subscription on the `tariff_date`; null when there is none.

    `is_known_number` is true when the number was ever anybody's, null otherwise.
    """
    known = subscriptions.select(
        F.col("msisdn").alias("served_msisdn"), F.lit(True).cast("boolean").alias("is_known_number")
    ).distinct()
    plans = rate_plans.select(
        "plan_code",
        "payment_type",
        "currency",
        F.col("prices_include_tax").cast("boolean").alias("is_tax_included"),
    )
    active = subscriptions.where(F.col("status") == F.lit(SubscriptionStatus.ACTIVE.value)).select(
        F.col("msisdn").alias("served_msisdn"), "customer_id", "plan_code", "valid_from", "valid_to"
    )
    owners = without_overlap(active, ["served_msisdn"], ["customer_id", "plan_code"]).join(plans, "plan_code", "inner")
    return join_valid(events, owners, ["served_msisdn"], day="tariff_date").join(known, "served_msisdn", "left")
