"""From billed units to charges: the order of allowances, prices and money allowances, and which events need what.

Most events are flat and go straight through. Those whose charge hangs on other events or on positions are worked out
apart, in the few columns that decide, and joined back. Not here: the arithmetic (`charge`, `pieces`, `steps`).
"""

from dataclasses import dataclass
from typing import Final

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from telecom_cdr.expressions import UNITS, coalesce, sum_whole, text, units
from telecom_cdr.rating.allowances import (
    DECIDING,
    AllowanceFrames,
    is_covered,
    use_money,
    use_units,
    with_allowances,
)
from telecom_cdr.rating.charge import settle, with_charge, with_flat_costs
from telecom_cdr.rating.pieces import with_pieces
from telecom_cdr.rating.rates import RateFrames
from telecom_cdr.rating.sessions import SESSION_ORDER
from telecom_cdr.rating.steps import step_costs
from telecom_cdr.vocabulary import RateModel

_WIDE: Final = "decimal(38,0)"
# Characters of a hash that spread events evenly.
_SPREAD: Final = 2
_LIMITS: Final = ("connect_fee", "minimum_charge", "maximum_charge")
_POSITIONS: Final = ("sequence_number", "session_units_before", "_billed_before", "_rate_id", "_pieces")
_OF_UNITS: Final = ("_units_used", "_units_left", "allowance_units", "charged_units", "_paid_before")
_OF_COSTS: Final = ("_delta", "_monthly", "_exact", "_earlier", "_units_json")
_OF_MONEY: Final = ("_money_used", "_money_left", "_money_used_up", "_money_json")


@dataclass(frozen=True)
class Depth:
    """What a tariff and a month's events ask for beyond flat rates of single events."""

    has_parts: bool
    is_banded: bool
    has_steps: bool
    has_monthly: bool
    has_money: bool
    has_limits: bool

    @property
    def has_costs_apart(self) -> bool:
        """Whether some events are priced piece by piece."""
        return self.is_banded or self.has_steps or self.has_money


def charge_usage(billed: DataFrame, rates: RateFrames, allowances: AllowanceFrames, depth: Depth) -> DataFrame:
    """Add what every rated event has: units that allowances gave, charged units, charge and breakdown.

    All null where `billed_units` is null. Every event of a counter's period must be in `billed`.
    """
    covered = with_allowances(billed, allowances)
    apart = _apart(covered, rates, allowances, depth)
    if apart is None:
        return _finished(covered, depth, ())
    names = [name for name in (*_OF_UNITS, *_OF_COSTS, *_OF_MONEY) if name in _known(depth)]
    # The few are the left side: an engine may hold that one in memory.
    told = apart.select("cdr_id", *(F.col(name).alias(f"_apart{name}") for name in names))
    return _finished(told.join(covered, "cdr_id", "right"), depth, tuple(names))


def _known(depth: Depth) -> tuple[str, ...]:
    """Columns that are worked out apart."""
    costs = (*_OF_COSTS, *_OF_MONEY) if depth.has_costs_apart else ()
    return (*_OF_UNITS, *costs)


def _apart(covered: DataFrame, rates: RateFrames, allowances: AllowanceFrames, depth: Depth) -> DataFrame | None:
    """Events that others decide about, with what became of them; None when no event can be one."""
    is_apart = is_covered(allowances.passes)
    if depth.has_parts:
        is_apart = is_apart | F.col("session_units_before").isNotNull()
    if depth.is_banded or depth.has_steps:
        is_apart = is_apart | (F.col("rate_model") != text(RateModel.FLAT)) | F.col("_pieces").isNotNull()
    if not (allowances.passes or depth.has_parts or depth.has_costs_apart):
        return None
    columns = dict.fromkeys((*DECIDING, *_POSITIONS, *_LIMITS, "billed_units", *allowances.passes))
    events = covered.where(is_apart & F.col("billed_units").isNotNull()).select(*columns)
    used = use_units(events.withColumn("_needed", F.col("billed_units").cast(UNITS)), allowances)
    charged = used.withColumn("charged_units", F.col("_needed")).drop("_needed")
    given = (F.col("billed_units") - F.col("charged_units")).cast(UNITS)
    counted = charged.withColumn("allowance_units", given)
    paid = counted.withColumn("_paid_before", _before("charged_units", UNITS) if depth.has_parts else units(0))
    return _costs_apart(paid, rates, allowances, depth) if depth.has_costs_apart else paid


def _before(name: str, kind: str) -> Column:
    """Sum over the earlier parts of the session; an event by itself has none.

    Sorting costs most, and few events are parts: the others stand under short keys, in no order but that of a hash.
    """
    is_part = F.col("sequence_number").isNotNull()
    session = F.when(is_part, F.col("_session_key")).otherwise(F.substring("cdr_id", 1, _SPREAD)).cast("string")
    order = [F.when(is_part, F.col(column)) for column in SESSION_ORDER]
    earlier = Window.partitionBy(session).orderBy(*order).rowsBetween(Window.unboundedPreceding, -1)
    return coalesce(kind, F.when(is_part, sum_whole(F.col(name)).over(earlier)), F.lit(0))


def _costs_apart(events: DataFrame, rates: RateFrames, allowances: AllowanceFrames, depth: Depth) -> DataFrame:
    carried = tuple(dict.fromkeys((*DECIDING, "sequence_number", *_LIMITS, *_OF_UNITS, *allowances.money_passes)))
    terms = rates.terms.select("_rate_id", "rate_model", "tier_scope", "tier_basis", "_band_json", "_denominator")
    pieces = with_pieces(events, terms, is_banded=depth.is_banded, has_monthly=depth.has_monthly)
    costs = step_costs(pieces, rates.steps.withColumnRenamed("_rate_id", "_step_of"), carried)
    earlier = _before("_delta", _WIDE) if depth.has_parts else F.lit(0).cast(_WIDE)
    due = settle(costs.withColumn("_earlier", earlier), has_limits=depth.has_limits)
    needed = F.greatest(F.col("_due"), F.lit(0).cast(_WIDE)).cast(UNITS)
    paid = use_money(due.withColumn("_needed", needed), allowances)
    used_up = (F.greatest(F.col("_due"), F.lit(0).cast(_WIDE)) - F.col("_needed")).cast(_WIDE)
    return paid.withColumn("_money_used_up", used_up)


def _finished(usage: DataFrame, depth: Depth, names: tuple[str, ...]) -> DataFrame:
    """Every event with its charge: as worked out apart, else by the flat rate."""

    def apart(name: str, kind: str) -> Column:
        return (F.col(f"_apart{name}") if name in names else F.lit(None)).cast(kind)

    is_rated = F.col("billed_units").isNotNull()
    counted = usage.withColumns(
        {
            "allowance_units": F.when(is_rated, coalesce(UNITS, apart("allowance_units", UNITS), units(0))),
            "charged_units": coalesce(UNITS, apart("charged_units", UNITS), F.col("billed_units")),
            "_paid_before": coalesce(UNITS, apart("_paid_before", UNITS), units(0)),
            "allowances_used": apart("_units_used", "string"),
            "allowances_left": apart("_units_left", "string"),
            "money_allowances_used": apart("_money_used", "string"),
            "money_allowances_left": apart("_money_left", "string"),
            "_money_used_up": apart("_money_used_up", _WIDE),
            "_money_json": apart("_money_json", "string"),
        }
    )
    costed = with_flat_costs(counted, has_parts=depth.has_parts)
    if depth.has_costs_apart:
        kinds = dict.fromkeys(_OF_COSTS, _WIDE) | {"_units_json": "string"}
        costed = costed.withColumns(
            {name: coalesce(kind, apart(name, kind), F.col(name)) for name, kind in kinds.items()}
        )
    return with_charge(settle(costed, has_limits=depth.has_limits))
