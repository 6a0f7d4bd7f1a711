"""Pieces: which of an event's units each rate prices, and the positions that they take.

A call is cut where bands change its rate; any other event is one piece. Units are counted from the start of the
session. Here: units and positions. Not here: what a position costs (`steps`).
"""

from typing import Final

from pyspark.sql import Column, DataFrame, Window, WindowSpec
from pyspark.sql import functions as F

from telecom_cdr.expressions import UNITS, coalesce, sum_whole, text, units
from telecom_cdr.vocabulary import TierBasis, TierScope

_TOTAL: Final = "decimal(38,0)"
_PLACES: Final = ("_paid", "_from", "_to", "_paid_to")
_SESSION_ORDER: Final = ("_part", "event_start_utc", "cdr_id", "_place")
# Order of pieces in the scope that costs are summed over; `_turn` and `_scope_month` make it that of time or of parts.
SCOPE_ORDER: Final = ("_turn", "_scope_month", "event_start_utc", "cdr_id", "_place")


def with_pieces(events: DataFrame, terms: DataFrame, *, is_banded: bool, has_monthly: bool) -> DataFrame:
    """One row a piece, with the rate's terms, its units and their positions.

    `_place` from 0. `_charged`, `_free`: units that are paid for, and units that allowances gave. Units after
    `_from` up to `_to` are charged; `_paid` of them and before are charged in all, `_paid_to` is the last position
    charged before this piece.
    """
    cut = _cut(events) if is_banded else _whole(events)
    priced = _with_units(cut).join(terms, "_rate_id", "left")
    return _scoped(priced, has_monthly=has_monthly).drop("_free")


def _whole(events: DataFrame) -> DataFrame:
    nothing = units(None)
    return events.drop("_pieces").withColumns(
        {"_place": F.lit(0).cast("int"), "_from_second": units(0), "_next_second": nothing}
    )


def _cut(events: DataFrame) -> DataFrame:
    cut = events.select("*", F.posexplode_outer("_pieces").alias("_at", "_piece"))
    following = F.get("_pieces", (F.col("_at") + F.lit(1)).cast("int"))["from_second"]
    return cut.withColumns(
        {
            "_place": coalesce("int", F.col("_at"), F.lit(0)),
            "_from_second": coalesce(UNITS, F.col("_piece")["from_second"], units(0)),
            "_next_second": following.cast(UNITS),
            "_rate_id": coalesce("int", F.col("_piece")["rate_id"], F.col("_rate_id")),
        }
    ).drop("_at", "_piece", "_pieces")


def _with_units(pieces: DataFrame) -> DataFrame:
    """Billed units of each piece, in units of the session; what is billed beyond the real end is the last piece's."""
    before = coalesce(UNITS, F.col("session_units_before"), units(0))
    begins = F.col("_billed_before")
    ends = (begins + F.col("billed_units")).cast(UNITS)

    def within(second: Column) -> Column:
        return F.least(F.greatest((before + second).cast(UNITS), begins), ends).cast(UNITS)

    low = F.when(F.col("_place") == F.lit(0), begins).otherwise(within(F.col("_from_second"))).cast(UNITS)
    high = F.when(F.col("_next_second").isNull(), ends).otherwise(within(F.col("_next_second"))).cast(UNITS)
    # What allowances gave are the earliest units.
    first_charged = F.greatest(low, (begins + F.col("allowance_units")).cast(UNITS))
    charged = F.greatest((high - first_charged).cast(UNITS), units(0))
    return (
        pieces.withColumns({"_low": low, "_high": high, "_charged": charged.cast(UNITS)})
        .withColumn("_free", (F.col("_high") - F.col("_low") - F.col("_charged")).cast(UNITS))
        .drop("_low", "_high", "_from_second", "_next_second")
    )


def _scoped(pieces: DataFrame, *, has_monthly: bool) -> DataFrame:
    """Add the scope in which costs are summed up and rounded: the rate's usage of the month, or the session.

    And the positions in it: in a month those of the rate, in a session those of all its pieces.
    """
    is_monthly = F.col("tier_scope").eqNullSafe(text(TierScope.MONTH))
    of_month = F.concat_ws(
        "\x1f",
        F.col("customer_id"),
        F.col("served_msisdn"),
        F.col("plan_code"),
        F.col("_rate_id").cast("string"),
        F.col("usage_month"),
    )
    part = coalesce(UNITS, F.col("sequence_number"), units(0))
    scoped = pieces.withColumns(
        {
            "_is_monthly": is_monthly.cast("boolean"),
            "_scope": F.when(is_monthly, of_month).otherwise(F.col("_session_key")).cast("string"),
            "_part": part,
            "_turn": F.when(is_monthly, units(0)).otherwise(part).cast(UNITS),
            "_scope_month": F.when(is_monthly, F.col("billing_month")).otherwise(text("")).cast("string"),
        }
    )
    in_session = _placed(scoped, Window.partitionBy("_session_key").orderBy(*_SESSION_ORDER))
    if not has_monthly:
        return in_session.drop("_part")
    kept = in_session.withColumnsRenamed({name: f"_session{name}" for name in _PLACES})
    in_month = _placed(kept, Window.partitionBy("_scope").orderBy(*SCOPE_ORDER))
    chosen = {
        name: F.when(F.col("_is_monthly"), F.col(name)).otherwise(F.col(f"_session{name}")).cast(UNITS)
        for name in _PLACES
    }
    return in_month.withColumns(chosen).drop("_part", *(f"_session{name}" for name in _PLACES))


def _placed(pieces: DataFrame, in_order: WindowSpec) -> DataFrame:
    earlier = in_order.rowsBetween(Window.unboundedPreceding, -1)

    def before(name: str) -> Column:
        return coalesce(_TOTAL, sum_whole(F.col(name)).over(earlier), F.lit(0)).cast(UNITS)

    counted = pieces.withColumns({"_paid": before("_charged"), "_given": before("_free")})
    takes_all = F.col("tier_basis").eqNullSafe(text(TierBasis.ALL))
    begins = F.when(takes_all, F.col("_paid") + F.col("_given") + F.col("_free")).otherwise(F.col("_paid"))
    ends = (F.col("_from") + F.col("_charged")).cast(UNITS)
    placed = counted.withColumn("_from", begins.cast(UNITS)).withColumn("_to", ends)
    last_paid = F.max(F.when(F.col("_charged") > units(0), F.col("_to"))).over(earlier)
    paid_to = F.when(takes_all, coalesce(UNITS, last_paid, units(0))).otherwise(F.col("_from"))
    return placed.withColumn("_paid_to", paid_to.cast(UNITS)).drop("_given")
