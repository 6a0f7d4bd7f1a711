"""Invoices: the lines of each customer added up, and the tax of each rate rounded once."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from telecom_cdr.billing.tax import tax_on_top
from telecom_cdr.expressions import coalesce, count_rows, declared, money, sum_money, sum_units, text
from telecom_cdr.tables.invoices import INVOICES
from telecom_cdr.tables.model import AMOUNT


def invoices(lines: DataFrame, customers: DataFrame, month: str) -> DataFrame:
    """One row of `invoices/invoices` for each customer with a line in the month.

    Prices with tax: the tax is what the nets leave of the gross. Without: net x rate, rounded once a rate.
    Exempt customers pay the net. Numbers are given when the month is closed.
    """
    by_rate = lines.groupBy("customer_id", "is_tax_included", "tax_rate").agg(
        count_rows().alias("line_count"),
        sum_money(F.col("net_amount"), AMOUNT).alias("net_amount"),
        sum_money(F.col("listed_amount"), AMOUNT).alias("listed_amount"),
        F.min("currency").cast("string").alias("currency"),
    )
    within = (F.col("listed_amount") - F.col("net_amount")).cast(AMOUNT.sql)
    on_top = tax_on_top(F.col("net_amount"), F.col("tax_rate"))
    taxed = by_rate.withColumn(
        "tax_amount", F.when(F.col("is_tax_included"), within).otherwise(on_top).cast(AMOUNT.sql)
    )
    totals = taxed.groupBy("customer_id").agg(
        sum_units(F.col("line_count")).alias("line_count"),
        sum_money(F.col("net_amount"), AMOUNT).alias("net_amount"),
        sum_money(F.col("tax_amount"), AMOUNT).alias("_tax"),
        F.min("currency").cast("string").alias("currency"),
    )
    exempt = customers.select("customer_id", coalesce("boolean", F.col("tax_exempt"), F.lit(False)).alias("_exempt"))
    known = totals.join(exempt, "customer_id", "left").withColumn(
        "is_tax_exempt", coalesce("boolean", F.col("_exempt"), F.lit(False))
    )
    due = known.withColumn(
        "tax_amount", F.when(F.col("is_tax_exempt"), money("0", AMOUNT)).otherwise(F.col("_tax")).cast(AMOUNT.sql)
    )
    return due.withColumns(
        {
            "invoice_number": text(None),
            "total_amount": (F.col("net_amount") + F.col("tax_amount")).cast(AMOUNT.sql),
            "billing_month": text(month),
        }
    ).select(*declared(INVOICES))
