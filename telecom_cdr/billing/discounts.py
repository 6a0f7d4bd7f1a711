"""Discounts: what each lowers, by how much, and how it is shared by the plans of a customer.

Each customer has slots: the discounts that may apply to them, in order of discount_code, beside each other on their
entries. So the plan grows with the discounts that one customer can have, not with the size of the table.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Final

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from telecom_cdr.billing.period import Period
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
# Columns of a slot that nothing needs once its shares are known.
_WORKING: Final = (
    *("plan_code", "product_code", "percent", "amount", "minimum_spend"),
    *("part", "base", "largest", "granted", "rounded", "total", "winner"),
)


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


def discount_slots(discounts: Iterable[Row], period: Period) -> tuple[Slot, ...]:
    """As many slots of each kind as any customer can need in a month. Usage first; each kind by number."""
    counts: dict[object, dict[tuple[str, object], int]] = {}
    for row in discounts:
        if period.ends_in(row):
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
    entries: DataFrame, customers: DataFrame, discounts: DataFrame, period: Period, slots: tuple[Slot, ...]
) -> DataFrame:
    """Add each slot's discount and the share of it that every plan gets, a positive amount on the plan's head row.

    Usage discounts each take from the undiscounted usage they match; invoice discounts, one after the other, from
    what is left of usage and monthly fees. Listed amounts, rounded once, never more than the base.
    """
    if not slots:
        return entries
    of_plan = Window.partitionBy(_CUSTOMER, "plan_code")
    usage = tuple(slot for slot in slots if slot.target is DiscountTarget.USAGE)
    is_line = F.col("is_usage") | (F.col("listed_amount") != money("0", AMOUNT))
    sums = {slot.name("part"): _matched_usage(slot) for slot in usage}
    sums["_balance"] = F.when(is_line, F.col("listed_amount"))
    filled = entries.join(_by_customer(customers, discounts, period, slots), _CUSTOMER, "left")
    summed = filled.withColumns({name: sum_over(column, AMOUNT, of_plan) for name, column in sums.items()})
    # Only head rows speak for their plan.
    headed = summed.withColumns({name: F.when(F.col("is_head"), F.col(name)).cast(AMOUNT.sql) for name in sums})
    discounted = _take(headed, usage)
    for slot in slots[len(usage) :]:
        part = F.when(_is_for_plan(slot), F.col("_balance")).cast(AMOUNT.sql)
        discounted = _take(discounted.withColumn(slot.name("part"), part), (slot,))
    return discounted.drop("_balance")


def _matched_usage(slot: Slot) -> Column:
    """The listed amount of an entry that a usage discount looks at."""
    is_for_product = slot.col("product_code").isNull() | (slot.col("product_code") == F.col("product_code"))
    return F.when(F.col("is_usage") & _is_for_plan(slot) & is_true(is_for_product), F.col("listed_amount"))


def _is_for_plan(slot: Slot) -> Column:
    return is_true(slot.col("plan_code").isNull() | (slot.col("plan_code") == F.col("plan_code")))


def _take(entries: DataFrame, slots: tuple[Slot, ...]) -> DataFrame:
    """Turn `part`, the base of each plan, into `share`, what the discount takes from it; lower `_balance` by it.

    Shares are in proportion to the parts; what rounding leaves goes to the largest. The slots do not see each other.
    """
    if not slots:
        return entries
    customer = Window.partitionBy(_CUSTOMER)
    steps: tuple[Callable[[Slot], Mapping[str, Column]], ...] = (
        lambda slot: {
            "base": sum_over(slot.col("part"), AMOUNT, customer),
            "largest": F.max(slot.col("part")).over(customer).cast(AMOUNT.sql),
        },
        lambda slot: {"granted": _granted(slot)},
        lambda slot: {"rounded": _rounded(slot)},
        lambda slot: {
            "total": sum_over(slot.col("rounded"), AMOUNT, customer),
            "winner": F.min(F.when(slot.col("part") == slot.col("largest"), F.col("plan_code"))).over(customer),
        },
        lambda slot: {"share": _with_residue(slot)},
    )
    for step in steps:
        entries = entries.withColumns(
            {slot.name(field): column for slot in slots for field, column in step(slot).items()}
        )
    nothing = money("0", AMOUNT)
    taken = reduce(lambda total, slot: total + coalesce(AMOUNT.sql, slot.share, nothing), slots, nothing)
    return entries.withColumn("_balance", (F.col("_balance") - taken).cast(AMOUNT.sql)).drop(
        *(slot.name(field) for slot in slots for field in _WORKING)
    )


def _granted(slot: Slot) -> Column:
    """What the discount takes in all from the base of a customer; null when nothing."""
    base = slot.col("base")
    nothing = money("0", AMOUNT)
    # Cents x millionths of a percent, over 100 x 10^6, is cents.
    product = whole(base, 2).cast(_CENTS) * whole(slot.col("percent"), _PERCENT_SCALE).cast("decimal(9,0)")
    percentage = from_whole(divide_half_up(product, F.lit(100 * 10**_PERCENT_SCALE)), AMOUNT, 2)
    stated = F.when(slot.col("percent").isNotNull(), percentage).otherwise(slot.col("amount")).cast(AMOUNT.sql)
    capped = F.least(stated, base).cast(AMOUNT.sql)
    is_earned = slot.col("minimum_spend").isNull() | (base >= slot.col("minimum_spend"))
    is_due = slot.col("discount_code").isNotNull() & (base > nothing) & is_earned
    return F.when(is_true(is_due), capped).cast(AMOUNT.sql)


def _rounded(slot: Slot) -> Column:
    """The plan's part of what is granted, to the cent."""
    base = F.when(slot.col("granted").isNotNull(), whole(slot.col("base"), 2)).otherwise(F.lit(1)).cast(_CENTS)
    product = whole(slot.col("granted"), 2).cast(_CENTS) * whole(slot.col("part"), 2).cast(_CENTS)
    return from_whole(divide_half_up(product, base), AMOUNT, 2)


def _with_residue(slot: Slot) -> Column:
    """The share; null when it is nothing."""
    is_winner = slot.col("part").isNotNull() & (F.col("plan_code") == slot.col("winner"))
    residue = F.when(is_winner, slot.col("granted") - slot.col("total")).otherwise(money("0", AMOUNT))
    share = (slot.col("rounded") + residue.cast(AMOUNT.sql)).cast(AMOUNT.sql)
    return F.when(share != money("0", AMOUNT), share).cast(AMOUNT.sql)


def _by_customer(customers: DataFrame, discounts: DataFrame, period: Period, slots: tuple[Slot, ...]) -> DataFrame:
    """One row a customer: the discounts that may apply to it, in their slots."""
    valid = discounts.where(is_valid_on(F.lit(period.last_day), F.col("valid_from"), F.col("valid_to")))
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
