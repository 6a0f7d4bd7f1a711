"""Tax: which rate a line bears, and its amount without tax.

Tax is rounded once for each rate of an invoice, never line by line; `invoices` adds it up.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from telecom_cdr.billing.period import Period
from telecom_cdr.errors import InputError
from telecom_cdr.expressions import divide_half_up, from_whole, money, sum_over, text, whole
from telecom_cdr.tables.model import AMOUNT, RATE
from telecom_cdr.vocabulary import STANDARD_TAX

Row = Mapping[str, object]

RATE_SCALE: Final = 6
_ONE: Final = 10**RATE_SCALE


def standard_tax_rate(rows: Iterable[Row], period: Period) -> Decimal:
    """The standard rate valid on the month's last day, a fraction: 0.2 is 20 %. InputError when there is none."""
    for row in rows:
        if row["tax_category"] == STANDARD_TAX and period.ends_in(row):
            return Decimal(str(row["rate"]))
    raise InputError(
        f"tax_rates.csv: no rate of tax_category {STANDARD_TAX} is valid on {period.last_day}: "
        f"{period.month} cannot be billed. Add the rate and load the reference data again."
    )


def with_tax(lines: DataFrame, standard_rate: Decimal) -> DataFrame:
    """Add `tax_category`, `tax_rate` and `net_amount` to numbered lines that say whether they are taxed.

    Prices with tax: the nets of a customer and rate add up to gross - tax, what rounding leaves going to the largest
    line, so that 99.99 stays 99.99. Prices without: the listed amount.
    """
    rated = lines.withColumns(
        {
            "tax_category": F.when(F.col("is_taxed"), text(STANDARD_TAX)).cast("string"),
            "tax_rate": F.when(F.col("is_taxed"), money(standard_rate, RATE))
            .otherwise(money("0", RATE))
            .cast(RATE.sql),
        }
    )
    group = Window.partitionBy("customer_id", "is_tax_included", "tax_rate")
    largest_first = group.orderBy(F.abs(F.col("listed_amount")).desc(), F.col("line_number"))
    totals = rated.withColumn("_net", _without_tax(F.col("listed_amount"))).withColumns(
        {
            "_gross": sum_over(F.col("listed_amount"), AMOUNT, group),
            "_nets": sum_over(F.col("_net"), AMOUNT, group),
            "_is_largest": F.row_number().over(largest_first) == F.lit(1),
        }
    )
    residue = F.col("_gross") - tax_within(F.col("_gross"), F.col("tax_rate")) - F.col("_nets")
    net = F.when(F.col("_is_largest"), F.col("_net") + residue).otherwise(F.col("_net"))
    net_amount = F.when(F.col("is_tax_included"), net).otherwise(F.col("listed_amount")).cast(AMOUNT.sql)
    return totals.withColumn("net_amount", net_amount).drop("_gross", "_net", "_nets", "_is_largest")


def tax_within(gross: Column, rate: Column) -> Column:
    """The tax that a gross amount holds, to 2 decimals: gross x rate / (1 + rate)."""
    product = whole(gross, 2).cast("decimal(20,0)") * whole(rate, RATE_SCALE).cast("decimal(9,0)")
    return from_whole(divide_half_up(product, _one_and(rate)), AMOUNT, 2)


def tax_on_top(net: Column, rate: Column) -> Column:
    """The tax on a net amount, to 2 decimals: net x rate."""
    product = whole(net, 2).cast("decimal(20,0)") * whole(rate, RATE_SCALE).cast("decimal(9,0)")
    return from_whole(divide_half_up(product, F.lit(_ONE)), AMOUNT, 2)


def _without_tax(listed: Column) -> Column:
    product = whole(listed, 2).cast("decimal(20,0)") * F.lit(_ONE).cast("decimal(7,0)")
    return from_whole(divide_half_up(product, _one_and(F.col("tax_rate"))), AMOUNT, 2)


def _one_and(rate: Column) -> Column:
    """1 + rate, in millionths."""
    return (whole(rate, RATE_SCALE).cast("decimal(9,0)") + F.lit(_ONE).cast("decimal(7,0)")).cast("decimal(11,0)")
