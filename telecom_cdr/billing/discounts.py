"""Discounts: what each lowers, by how much, and how it is shared by the plans of a customer.

Each customer has slots: the discounts that may apply to them, in order of discount_code, beside each other on their
entries. So the plan grows with the discounts that one customer can have, not with the size of the table.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from telecom_cdr.expressions import (
    coalesce,
    divide_half_up,
    from_whole,
    is_true,
    is_valid_on,
    money,
    sum_over,
    text,
    whole,
)
from telecom_cdr.tables.model import AMOUNT
from telecom_cdr.vocabulary import DiscountTarget

Row = Mapping[str, object]

_CENTS: Final = "decimal(18,0)"
_FIELDS: Final = {
    "discount_code": "string",
    "plan_code": "string",
    "product_code": "string",
    "percent": "decimal(9,6)",
    "amount": AMOUNT.sql,
    "minimum_spend": AMOUNT.sql,
}
_PERCENT_SCALE: Final = 6
_CUSTOMER: Final = "customer_id"


@dataclass(frozen=True)
class Slot:
    """One place for a discount of a customer: the number-th of its kind."""

    target: DiscountTarget
    number: int

    def name(self, field: str) -> str:
        """Name of the column that holds a field of the discount in this slot."""
        return f"_{self.target.value}_{self.number}_{field}"

    def col(self, field: str) -> Column:
        """The column of a field."""
        return F.col(self.name(field))

    @property
    def share(self) -> Column:
        """What the discount takes from the plan, on the head row of the plan; null when nothing."""
        return self.col("share")


def discount_slots(discounts: Iterable[Row], day: date) -> tuple[Slot, ...]:
    """As many slots of each kind as any customer can need on a day. Usage first; each kind by number."""
    counts: dict[object, dict[tuple[str, object], int]] = {}
    for row in discounts:
        valid_from, valid_to = row["valid_from"], row["valid_to"]
        if isinstance(valid_from, date) and valid_from <= day and not (isinstance(valid_to, date) and valid_to <= day):
            group = next(((name, row[name]) for name in (_CUSTOMER, "segment") if row[name] is not None), ("any", None))
            of_target = counts.setdefault(row["applies_to"], {})
            of_target[group] = of_target.get(group, 0) + 1
    return tuple(
        Slot(target, number)
        for target in (DiscountTarget.USAGE, DiscountTarget.INVOICE)
        for number in range(1, _needed(counts.get(target.value, {})) + 1)
    )


def _needed(groups: Mapping[tuple[str, object], int]) -> int:
    """A customer may have its own discounts, those of its segment, and those of everybody."""
    return sum(
        max((count for (kind, _), count in groups.items() if kind == wanted), default=0)
        for wanted in (_CUSTOMER, "segment", "any")
    )


def with_discounts(
    entries: DataFrame, customers: DataFrame, discounts: DataFrame, day: date, slots: tuple[Slot, ...]
) -> DataFrame:
    """Add each slot's discount and the share of it that every plan gets, a positive amount on the plan's head row.

    Usage discounts each take from the undiscounted usage they match; invoice discounts, one after the other, from
    what is left of usage and monthly fees. Listed amounts, rounded once, never more than the base.
    """
    if not slots:
        return entries
    filled = entries.join(_by_customer(customers, discounts, day, slots), _CUSTOMER, "left")
    of_plan = Window.partitionBy(_CUSTOMER, "plan_code")
    is_line = F.col("is_usage") | (F.col("listed_amount") != money("0", AMOUNT))
    charged = F.when(is_line, F.col("listed_amount"))
    filled = filled.withColumn("_balance", sum_over(charged, AMOUNT, of_plan))
    for slot in slots:
        is_plan = is_true(slot.col("plan_code").isNull() | (slot.col("plan_code") == F.col("plan_code")))
        if slot.target is DiscountTarget.USAGE:
            is_product = slot.col("product_code").isNull() | (slot.col("product_code") == F.col("product_code"))
            matched = F.when(F.col("is_usage") & is_plan & is_true(is_product), F.col("listed_amount"))
            filled = filled.withColumn("_matched", sum_over(matched, AMOUNT, of_plan))
        else:
            filled = filled.withColumn("_matched", F.when(is_plan, F.col("_balance")))
        filled = _share(filled, slot)
        left = F.col("_balance") - coalesce(AMOUNT.sql, slot.share, money("0", AMOUNT))
        filled = filled.withColumn("_balance", left.cast(AMOUNT.sql))
    return filled.drop("_balance", "_matched")


def _share(entries: DataFrame, slot: Slot) -> DataFrame:
    """Add the slot's share of each plan, in proportion to `_matched`; what rounding leaves goes to the largest base."""
    customer = Window.partitionBy(_CUSTOMER)
    based = entries.withColumn("_part", F.when(F.col("is_head"), F.col("_matched")).cast(AMOUNT.sql)).withColumns(
        {
            "_base": sum_over(F.col("_part"), AMOUNT, customer),
            "_largest": F.max("_part").over(customer).cast(AMOUNT.sql),
        }
    )
    granted = based.withColumn("_granted", _granted(slot))
    divisor = F.when(F.col("_base") > money("0", AMOUNT), whole(F.col("_base"), 2)).otherwise(F.lit(1)).cast(_CENTS)
    product = whole(F.col("_granted"), 2).cast(_CENTS) * whole(F.col("_part"), 2).cast(_CENTS)
    shared = granted.withColumn("_rounded", from_whole(divide_half_up(product, divisor), AMOUNT, 2)).withColumns(
        {
            "_total": sum_over(F.col("_rounded"), AMOUNT, customer),
            "_winner": F.min(F.when(F.col("_part") == F.col("_largest"), F.col("plan_code"))).over(customer),
        }
    )
    is_winner = F.col("_part").isNotNull() & (F.col("plan_code") == F.col("_winner"))
    with_residue = (F.col("_rounded") + F.col("_granted") - F.col("_total")).cast(AMOUNT.sql)
    share = F.when(is_winner, with_residue).otherwise(F.col("_rounded")).cast(AMOUNT.sql)
    is_something = share != money("0", AMOUNT)
    return shared.withColumn(slot.name("share"), F.when(is_something, share).cast(AMOUNT.sql)).drop(
        "_part", "_base", "_largest", "_granted", "_rounded", "_total", "_winner"
    )


def _granted(slot: Slot) -> Column:
    """What the discount takes in all from the base of a customer; null when nothing."""
    base = F.col("_base")
    nothing = money("0", AMOUNT)
    # Cents x millionths of a percent, over 100 x 10^6, is cents.
    product = whole(base, 2).cast(_CENTS) * whole(slot.col("percent"), _PERCENT_SCALE).cast("decimal(9,0)")
    percentage = from_whole(divide_half_up(product, F.lit(100 * 10**_PERCENT_SCALE)), AMOUNT, 2)
    stated = F.when(slot.col("percent").isNotNull(), percentage).otherwise(slot.col("amount")).cast(AMOUNT.sql)
    capped = F.when(stated > base, base).otherwise(stated).cast(AMOUNT.sql)
    is_earned = slot.col("minimum_spend").isNull() | (base >= slot.col("minimum_spend"))
    is_due = slot.col("discount_code").isNotNull() & (base > nothing) & is_earned & (capped != nothing)
    return F.when(is_true(is_due), capped).cast(AMOUNT.sql)


def _by_customer(customers: DataFrame, discounts: DataFrame, day: date, slots: tuple[Slot, ...]) -> DataFrame:
    """One row a customer: the discounts that may apply to it, in their slots."""
    valid = discounts.where(is_valid_on(F.lit(day), F.col("valid_from"), F.col("valid_to")))
    fields = [F.col(name).cast(kind).alias(name) for name, kind in _FIELDS.items()]
    wanted = valid.select(*fields, "applies_to", F.col("segment").alias("_wanted"), F.col(_CUSTOMER).alias("_named"))
    people = customers.select(_CUSTOMER, "segment")
    named = wanted.where(F.col("_named").isNotNull()).join(people, F.col("_named") == F.col(_CUSTOMER))
    open_to_all = wanted.where(F.col("_named").isNull()).crossJoin(people)
    is_in_segment = F.col("_wanted").isNull() | (F.col("_wanted") == F.col("segment"))
    order = Window.partitionBy(_CUSTOMER, "applies_to").orderBy("discount_code")
    ranked = (
        named.unionByName(open_to_all)
        .where(is_true(is_in_segment))
        .withColumn("_rank", F.row_number().over(order).cast("int"))
    )

    def placed(slot: Slot, field: str) -> Column:
        is_here = (F.col("applies_to") == text(slot.target)) & (F.col("_rank") == F.lit(slot.number))
        return F.max(F.when(is_here, F.col(field))).cast(_FIELDS[field]).alias(slot.name(field))

    return ranked.groupBy(_CUSTOMER).agg(*(placed(slot, field) for slot in slots for field in _FIELDS))
