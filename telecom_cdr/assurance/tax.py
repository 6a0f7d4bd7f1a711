"""The tax that follows from an invoice's lines, worked out apart from `billing`."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from telecom_cdr import expressions as ex
from telecom_cdr.tables.model import AMOUNT

_RATE_SCALE = 6
_WHOLE_RATE = 10**_RATE_SCALE


def expected_tax(lines: DataFrame) -> DataFrame:
    """Tax of each customer who pays tax: customer_id, tax_amount.

    Rounded once a rate: prices without tax pay round2(sum of nets * rate); prices with tax hold
    round2(gross * rate / (1 + rate)): 120.00 at 0.2 holds 20.00.
    """
    amounts = lines.groupBy("customer_id", "is_tax_included", "tax_rate").agg(
        ex.sum_money(F.col("listed_amount"), AMOUNT).alias("listed_amount"),
        ex.sum_money(F.col("net_amount"), AMOUNT).alias("net_amount"),
    )
    tax = F.when(F.col("is_tax_included"), _tax_within()).otherwise(_tax_on_top()).cast(AMOUNT.sql)
    return (
        amounts.select("customer_id", tax.alias("tax_amount"))
        .groupBy("customer_id")
        .agg(ex.sum_money(F.col("tax_amount"), AMOUNT).alias("tax_amount"))
    )


def _tax_on_top() -> Column:
    product = _times_rate(F.col("net_amount"))
    return ex.from_whole(ex.divide_half_up(product, F.lit(_WHOLE_RATE).cast("decimal(7,0)")), AMOUNT, 2)


def _tax_within() -> Column:
    one_and_rate = (ex.whole(F.col("tax_rate"), _RATE_SCALE) + F.lit(_WHOLE_RATE)).cast("decimal(38,0)")
    return ex.from_whole(ex.divide_half_up(_times_rate(F.col("listed_amount")), one_and_rate), AMOUNT, 2)


def _times_rate(amount: Column) -> Column:
    # 18 digits of cents by 9 of rate: far within 38.
    cents = ex.whole(amount, 2).cast("decimal(18,0)")
    rate = ex.whole(F.col("tax_rate"), _RATE_SCALE).cast("decimal(9,0)")
    return (cents * rate).cast("decimal(38,0)")
