"""Revenue by rate plan: what its usage was charged, and what was invoiced."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from telecom_cdr import expressions as ex
from telecom_cdr.reporting.shared import (
    NO_CURRENCY,
    NO_PLAN,
    charge_sum,
    event_count,
    of_month,
    rated_of_month,
    subscriber_count,
)
from telecom_cdr.tables.model import AMOUNT, CHARGE_SUM
from telecom_cdr.tables.reports import REVENUE_BY_PLAN
from telecom_cdr.vocabulary import LineType, PaymentType

_NET_AMOUNTS = {
    "recurring_net_amount": LineType.RECURRING,
    "usage_net_amount": LineType.USAGE,
    "discount_net_amount": LineType.DISCOUNT,
    "fee_net_amount": LineType.FEE,
}


def revenue_by_plan(rated: DataFrame, lines: DataFrame, rate_plans: DataFrame, month: str) -> DataFrame:
    """One row for each plan with rated events or invoice lines in a billing month.

    Counts and charges are those of all rated events, prepaid ones too; net amounts are those of invoice lines, so that
    their sum is the sum of the invoices. Lines without a plan stand under `NONE`.
    """
    usage, invoiced = _usage_by_plan(rated_of_month(rated, month)), _lines_by_plan(of_month(lines, month))
    plans = rate_plans.select(
        F.col("plan_code").alias("_known_plan"), F.col("name"), F.col("payment_type"), F.col("currency")
    )
    both = usage.join(invoiced, F.col("_used_plan") == F.col("_invoiced_plan"), "full").withColumn(
        "plan_code", ex.coalesce("string", F.col("_used_plan"), F.col("_invoiced_plan"))
    )
    return (
        both.join(plans, F.col("plan_code") == F.col("_known_plan"), "left")
        .select(
            F.col("plan_code"),
            ex.coalesce("string", F.col("name"), F.col("plan_code")).alias("plan_name"),
            ex.coalesce("string", F.col("payment_type"), ex.text(PaymentType.POSTPAID)).alias("payment_type"),
            *(
                ex.coalesce(ex.UNITS, F.col(name), ex.units(0)).alias(name)
                for name in ("subscriber_count", "event_count")
            ),
            ex.coalesce(CHARGE_SUM.sql, F.col("charge_amount"), ex.money("0", CHARGE_SUM)).alias("charge_amount"),
            *(_or_zero(name) for name in (*_NET_AMOUNTS, "net_amount")),
            ex.coalesce(
                "string", F.col("currency"), F.col("_used_currency"), F.col("_invoiced_currency"), ex.text(NO_CURRENCY)
            ).alias("currency"),
            ex.text(month).alias("billing_month"),
        )
        .select(*ex.declared(REVENUE_BY_PLAN))
    )


def _usage_by_plan(usage: DataFrame) -> DataFrame:
    return usage.groupBy(ex.coalesce("string", F.col("plan_code"), ex.text(NO_PLAN)).alias("_used_plan")).agg(
        subscriber_count().alias("subscriber_count"),
        event_count().alias("event_count"),
        charge_sum().alias("charge_amount"),
        F.min(F.col("currency")).alias("_used_currency"),
    )


def _lines_by_plan(lines: DataFrame) -> DataFrame:
    sums = {
        name: ex.sum_money(F.when(F.col("line_type") == F.lit(line_type.value), F.col("net_amount")), AMOUNT)
        for name, line_type in _NET_AMOUNTS.items()
    }
    return lines.groupBy(ex.coalesce("string", F.col("plan_code"), ex.text(NO_PLAN)).alias("_invoiced_plan")).agg(
        *(total.alias(name) for name, total in sums.items()),
        ex.sum_money(F.col("net_amount"), AMOUNT).alias("net_amount"),
        F.min(F.col("currency")).alias("_invoiced_currency"),
    )


def _or_zero(name: str) -> Column:
    return ex.coalesce(AMOUNT.sql, F.col(name), ex.money("0", AMOUNT)).alias(name)
