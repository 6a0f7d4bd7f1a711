"""Steps: what the charged units of a piece cost at their positions, tier by tier, exact, rounded once a scope.

A flat rate is one step for all units, a package one for every started package. Here: amounts of pieces, and their
sums of an event. Not here: connect fee, limits and money allowances (`charge`).
"""

from collections.abc import Sequence
from typing import Final

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from telecom_cdr.expressions import UNITS, coalesce, divide_half_up, is_true, sum_whole, text, units, whole_steps
from telecom_cdr.rating.breakdown import only_if, piece, quoted
from telecom_cdr.rating.pieces import SCOPE_ORDER
from telecom_cdr.vocabulary import RateModel

_WIDE: Final = "decimal(38,0)"
_SUMMED: Final = "decimal(28,0)"
# Whole billionths to millionths, and to the last place of a piece.
_TO_CHARGE: Final = 1000
_TO_PIECE: Final = 1000
# Characters in front of a piece: its place and the tier.
_SORTED_BY: Final = 4 + 19


def step_costs(pieces: DataFrame, steps: DataFrame, carried: Sequence[str]) -> DataFrame:
    """One row an event: `carried` columns, and what its units cost.

    `_delta`: whole millionths of the rates whose positions run over the event or session; `_monthly`: of those that
    run over the month; both are differences of rounded totals. `_exact`: sum of the pieces as written; `_units_json`:
    these pieces.
    """
    costed = _costed(pieces.join(steps, _is_met(), "left"))
    in_order = Window.partitionBy("_scope").orderBy(*SCOPE_ORDER, "_low")
    so_far = in_order.rowsBetween(Window.unboundedPreceding, 0)
    total = sum_whole(F.col("_cost")).over(so_far).cast(_WIDE)
    divisor = (F.col("_denominator") * F.lit(_TO_CHARGE).cast("decimal(4,0)")).cast(_WIDE)
    before = (F.col("_total") - F.col("_cost")).cast(_WIDE)
    rounded = (
        costed.withColumn("_total", total)
        .withColumns({"_after": divide_half_up(F.col("_total"), divisor), "_before": divide_half_up(before, divisor)})
        .withColumn("_added", (F.col("_after") - F.col("_before")).cast(_SUMMED))
    )
    in_turn = F.sort_array(F.collect_list("_json"))
    written = F.array_join(F.transform(in_turn, lambda one: F.substring(one, _SORTED_BY + 1, 10**6)), "")
    nothing = F.lit(0).cast(_SUMMED)
    return rounded.groupBy("cdr_id").agg(
        *(F.max(name).alias(name) for name in carried if name != "cdr_id"),
        sum_whole(F.when(F.col("_is_monthly"), nothing).otherwise(F.col("_added"))).cast(_WIDE).alias("_delta"),
        sum_whole(F.when(F.col("_is_monthly"), F.col("_added")).otherwise(nothing)).cast(_WIDE).alias("_monthly"),
        sum_whole(F.col("_written")).cast(_WIDE).alias("_exact"),
        written.cast("string").alias("_units_json"),
    )


def _is_met() -> Column:
    """The steps that charged units of the piece stand on; of volume tiers the one reached, and the one left behind."""
    reaches = (F.col("_low") < F.col("_to")) & (F.col("_to") <= F.col("_high"))
    left = (F.col("_low") < F.col("_paid_to")) & (F.col("_paid_to") <= F.col("_high"))
    overlaps = (F.col("_low") < F.col("_to")) & (F.col("_from") < F.col("_high"))
    is_volume = F.col("rate_model") == text(RateModel.VOLUME)
    return (
        (F.col("_rate_id") == F.col("_step_of"))
        & (F.col("_charged") > units(0))
        & ((is_volume & (reaches | left)) | (~is_volume & overlaps))
    )


def _costed(met: DataFrame) -> DataFrame:
    """Add units and cost of each step met, in billionths by denominator, and the pieces in words."""
    is_volume = F.col("rate_model") == text(RateModel.VOLUME)
    is_package = F.col("rate_model") == text(RateModel.PACKAGE)
    is_left = is_volume & (F.col("_to") > F.col("_high"))
    was_here = F.col("_paid_to") > F.col("_low")
    first = F.greatest(F.col("_from"), F.col("_low"))
    last = F.least(F.col("_to"), F.col("_high"))
    count = (
        F.when(is_left, -F.col("_paid"))
        .when(is_volume & was_here, F.col("_charged"))
        .when(is_volume, F.col("_paid") + F.col("_charged"))
        .otherwise(last - first)
    )
    packages = _started(F.col("_to")) - F.greatest(
        whole_steps(F.col("_from"), F.col("_step_size")), _started(F.col("_paid_to"))
    )
    fees = F.when(is_left, units(-1)).when(was_here, units(0)).otherwise(units(1))
    position = F.when(is_volume & ~was_here, units(1)).otherwise(first + units(1))
    met = met.withColumns(
        {
            "_count": coalesce(UNITS, count, units(0)),
            "_packages": F.when(is_package, packages).cast(UNITS),
            "_fees": coalesce(UNITS, fees, units(0)),
            "_first": position.cast(UNITS),
            "_last": last.cast(UNITS),
            "_is_left": is_true(is_left),
        }
    )
    multiple = coalesce(UNITS, F.col("_packages"), F.col("_count"))
    by_units = (multiple.cast("decimal(15,0)") * F.col("_per_unit").cast("decimal(22,0)")).cast(_SUMMED)
    by_fee = (F.col("_fees").cast("decimal(2,0)") * F.col("_fee").cast(_SUMMED)).cast(_SUMMED)
    zero = F.lit(0).cast(_SUMMED)
    costs = {"_unit_cost": coalesce(_SUMMED, by_units, zero), "_fee_cost": coalesce(_SUMMED, by_fee, zero)}
    met = met.withColumns(costs).withColumns(
        {
            "_cost": (F.col("_unit_cost") + F.col("_fee_cost")).cast(_SUMMED),
            "_unit_amount": _last_places(F.col("_unit_cost")),
            "_fee_amount": _last_places(F.col("_fee_cost")),
        }
    )
    amount = (F.col("_unit_amount") + F.col("_fee_amount")).cast(_WIDE)
    return met.withColumns({"_written": amount, "_json": _words(is_package)})


def _started(position: Column) -> Column:
    """Packages begun by so many units."""
    return whole_steps(position + F.col("_step_size") - units(1), F.col("_step_size"))


def _last_places(cost: Column) -> Column:
    return divide_half_up((cost * F.lit(_TO_PIECE).cast("decimal(4,0)")).cast(_WIDE), F.col("_denominator"))


def _words(is_package: Column) -> Column:
    """The pieces of a step, behind what they are sorted by; null for none."""
    price = quoted(F.col("_step_price"))
    band = F.col("_band_json")
    tier = {"price": price, "unit_size": F.col("_step_size")}
    span = {"from_": F.col("_first"), "to": F.col("_last")}
    amount = F.col("_unit_amount")
    usage = piece("usage", amount, band=band, units=F.col("_count"), **span, **tier)
    package = piece("package", amount, band=band, packages=F.col("_packages"), units=F.col("_count"), **span, **tier)
    repricing = piece("repricing", amount, band=band, units=F.col("_count"), **tier)
    by_units = F.when(is_package, package).when(F.col("_is_left"), repricing).otherwise(usage)
    fee = piece("flat_fee", F.col("_fee_amount"), band=band, tier_from=F.col("_low") + units(1))
    sorted_by = F.concat(F.lpad(F.col("_place").cast("string"), 4, "0"), F.lpad(F.col("_low").cast("string"), 19, "0"))
    words = F.concat(sorted_by, by_units, only_if(F.col("_fee_amount") != F.lit(0).cast(_WIDE), fee))
    return F.when(F.col("_low").isNotNull(), words).cast("string")
