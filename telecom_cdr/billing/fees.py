"""Fees: once a subscription, or once an invoice that has another line."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from telecom_cdr.expressions import is_true, money, text
from telecom_cdr.tables.model import AMOUNT
from telecom_cdr.vocabulary import FeeBasis

Row = Mapping[str, object]


@dataclass(frozen=True)
class Fee:
    """One fee; `plan_code` None is any plan."""

    code: str
    plan_code: str | None
    amount: Decimal
    per: FeeBasis
    only_with_usage: bool
    is_taxable: bool

    @property
    def is_of_plan(self) -> Column:
        """Whether the fee is for the plan of an entry."""
        return F.lit(True) if self.plan_code is None else F.col("plan_code") == text(self.plan_code)


def fees_of(rows: Iterable[Row]) -> tuple[Fee, ...]:
    """The fees of reference rows, by code; a fee of 0 is none."""
    fees = (
        Fee(
            code=str(row["fee_code"]),
            plan_code=None if row["plan_code"] is None else str(row["plan_code"]),
            amount=Decimal(str(row["amount"])),
            per=FeeBasis(str(row["per"])),
            only_with_usage=bool(row["only_with_usage"]),
            is_taxable=bool(row["taxable"]),
        )
        for row in rows
    )
    return tuple(sorted((fee for fee in fees if fee.amount), key=lambda fee: fee.code))


def with_lines_of_plan(entries: DataFrame, fees: Sequence[Fee]) -> DataFrame:
    """Add what fees per invoice ask for: whether plan and customer have lines and usage, and the first plan that has.

    `has_plan_line`, `has_plan_usage`, `has_any_usage`, `first_plan`. A discount never stands alone, so it needs no say.
    """
    of_plan, of_customer = Window.partitionBy("customer_id", "plan_code"), Window.partitionBy("customer_id")
    is_fee_line = [is_due(fee) for fee in fees if fee.per is FeeBasis.SUBSCRIPTION]
    is_own_line = F.col("is_usage") | (F.col("listed_amount") != money("0", AMOUNT))
    is_line = reduce(lambda left, right: left | right, is_fee_line, is_true(is_own_line))
    has_line = F.max(F.col("_is_line").cast("int")).over(of_plan) == F.lit(1)
    return (
        entries.withColumn("_is_line", is_line)
        .withColumns(
            {
                "has_plan_line": has_line,
                "has_plan_usage": F.max(F.col("is_usage").cast("int")).over(of_plan) == F.lit(1),
                "has_any_usage": F.max(F.col("is_usage").cast("int")).over(of_customer) == F.lit(1),
                "first_plan": F.min(F.when(F.col("_is_line"), F.col("plan_code"))).over(of_customer),
            }
        )
        .drop("_is_line")
    )


def is_due(fee: Fee) -> Column:
    """Whether an entry bears the fee: a subscription its own, the head row of a plan the one of the invoice."""
    if fee.per is FeeBasis.SUBSCRIPTION:
        has_usage = F.col("has_usage") if fee.only_with_usage else F.lit(True)
        return is_true(~F.col("is_usage") & fee.is_of_plan & has_usage)
    is_here = F.col("plan_code") == F.col("first_plan") if fee.plan_code is None else fee.is_of_plan
    used = "has_any_usage" if fee.plan_code is None else "has_plan_usage"
    has_usage = F.col(used) if fee.only_with_usage else F.lit(True)
    return is_true(F.col("is_head") & F.col("has_plan_line") & is_here & has_usage)
