"""The charge of an event: what its units cost becomes a charge with connect fee, limits, allowances and breakdown.

All amounts are whole millionths until the end, so that each is rounded once. Here: the flat model, for which no
position matters, and what all models share. Not here: tiers and bands (`pieces`, `steps`), free units (`allowances`).
"""

from typing import Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from telecom_cdr.expressions import coalesce, divide_half_up, from_whole, money, text, units, whole
from telecom_cdr.rating.breakdown import flat_piece, listed, only_if, piece
from telecom_cdr.rating.rate_book import PRICE_SCALE
from telecom_cdr.tables.model import CHARGE
from telecom_cdr.vocabulary import RateModel

CHARGE_SCALE: Final = 6
_WIDE: Final = "decimal(38,0)"
_TO_PIECE: Final = 10**6


def with_flat_costs(usage: DataFrame, *, has_parts: bool) -> DataFrame:
    """Add what the charged units of a flat rate cost, in the columns of `steps.step_costs`.

    `_earlier`: what the session's earlier charged units cost, `_paid_before` of them, in millionths.
    """
    is_flat = F.col("rate_model").eqNullSafe(text(RateModel.FLAT)) & F.col("charged_units").isNotNull()
    price = whole(F.col("price"), PRICE_SCALE).cast("decimal(18,0)")
    per_size = F.lit(10 ** (PRICE_SCALE - CHARGE_SCALE)).cast("decimal(4,0)")
    divisor = (F.col("unit_size").cast("decimal(19,0)") * per_size).cast(_WIDE)

    def cost(of: Column) -> Column:
        return F.when(is_flat, divide_half_up((of.cast("decimal(19,0)") * price).cast(_WIDE), divisor)).cast(_WIDE)

    before, charged = F.col("_paid_before"), F.col("charged_units")
    so_far = cost((before + charged).cast("bigint") if has_parts else charged)
    timed = usage.withColumns({"_so_far": so_far, "_earlier": cost(before) if has_parts else F.lit(0).cast(_WIDE)})
    exact = (charged.cast("decimal(15,0)") * price).cast("decimal(33,0)") * F.lit(1000).cast("decimal(4,0)")
    written = divide_half_up(exact.cast(_WIDE), F.col("unit_size").cast("decimal(19,0)"))
    costed = timed.withColumns(
        {
            "_delta": (F.col("_so_far") - F.col("_earlier")).cast(_WIDE),
            "_monthly": F.lit(0).cast(_WIDE),
            "_exact": F.when(is_flat, written).cast(_WIDE),
        }
    )
    words = flat_piece(charged, before, F.col("_exact"), F.col("_flat_opening"), F.col("_flat_closing"))
    return costed.withColumn("_units_json", only_if(charged > units(0), words)).drop("_so_far")


def settle(usage: DataFrame, *, has_limits: bool) -> DataFrame:
    """Add `_due`, whole millionths before money allowances, `_connect_due` and `_limited`, what limits added to it.

    Connect fee + cost of the units, at least the minimum, at most the maximum, of the session so far, less the same
    before the event. Nothing charged costs nothing: no fee and no minimum. `has_limits`: whether a rate has either.
    """
    nothing = F.lit(0).cast(_WIDE)
    before, charged = F.col("_paid_before"), F.col("charged_units")
    is_first = before == units(0)
    connect = whole(F.col("connect_fee"), CHARGE_SCALE)
    connect_due = F.when(is_first & (charged > units(0)), connect).otherwise(nothing)
    unlimited = (F.col("_connect_due") + F.col("_delta") + F.col("_monthly")).cast(_WIDE)
    if not has_limits:
        connected = usage.withColumn("_connect_due", connect_due.cast(_WIDE))
        return connected.withColumns({"_due": unlimited, "_limited": nothing})
    so_far = (F.col("_earlier") + F.col("_delta") + connect).cast(_WIDE)
    # Step by step: one nested expression would repeat itself many times over in the plan.
    limited = usage.withColumns(
        {
            "_connect_due": connect_due.cast(_WIDE),
            "_limit_before": _within_limits((F.col("_earlier") + connect).cast(_WIDE)),
            "_limit_so_far": _within_limits(so_far),
        }
    )
    paid_before = F.when(is_first, nothing).otherwise(F.col("_limit_before"))
    paid = F.when((before + charged) == units(0), nothing).otherwise(F.col("_limit_so_far"))
    settled = limited.withColumn("_due", (paid - paid_before + F.col("_monthly")).cast(_WIDE))
    return settled.withColumn("_limited", (F.col("_due") - unlimited).cast(_WIDE)).drop(
        "_limit_before", "_limit_so_far"
    )


def _within_limits(amount: Column) -> Column:
    """At least the minimum, then at most the maximum."""
    minimum = whole(F.col("minimum_charge"), CHARGE_SCALE)
    maximum = whole(F.col("maximum_charge"), CHARGE_SCALE)
    raised = F.greatest(amount, minimum).cast(_WIDE)
    return F.least(raised, maximum).cast(_WIDE)


def with_charge(usage: DataFrame) -> DataFrame:
    """Add `charge_amount`, `money_allowance_amount` and `breakdown`; null where `charged_units` is null.

    `_money_used_up`: whole millionths that money allowances paid.
    """
    is_rated = F.col("charged_units").isNotNull()
    paid = coalesce(_WIDE, F.col("_money_used_up"), F.lit(0))
    charge = from_whole((F.col("_due") - paid).cast(_WIDE), CHARGE, CHARGE_SCALE)
    return usage.withColumns(
        {
            "charge_amount": F.when(is_rated, charge).otherwise(money(None, CHARGE)).cast(CHARGE.sql),
            "money_allowance_amount": F.when(is_rated, from_whole(paid, CHARGE, CHARGE_SCALE)).cast(CHARGE.sql),
            "breakdown": F.when(is_rated, listed(_pieces())).cast("string"),
        }
    )


def _pieces() -> Column:
    """Every piece of the charge in words; the last one is what rounding once has moved."""
    nothing = F.lit(0).cast(_WIDE)
    limited = F.col("_limited")
    rounding = (_at_piece_scale(F.col("_delta") + F.col("_monthly")) - F.col("_exact")).cast(_WIDE)
    words = (
        only_if(F.col("_connect_due") > nothing, piece("connect_fee", _at_piece_scale(F.col("_connect_due")))),
        F.col("_units_json"),
        only_if(limited > nothing, piece("minimum", _at_piece_scale(limited))),
        only_if(limited < nothing, piece("maximum", _at_piece_scale(limited))),
        coalesce("string", F.col("_money_json"), text("")),
        only_if(rounding != nothing, piece("rounding", rounding)),
    )
    return F.concat(*words).cast("string")


def _at_piece_scale(millionths: Column) -> Column:
    return (millionths.cast("decimal(28,0)") * F.lit(_TO_PIECE).cast("decimal(7,0)")).cast(_WIDE)
