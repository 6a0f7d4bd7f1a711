"""Allowances: which units are free, and how much of a charge is paid.

What a counter holds is used up in the order of the events' time, an event's allowances in the order of priority, one
window a pass. Units and money alike: money is counted in millionths. Not here: what covers what (`allowance_book`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from typing import Final

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from telecom_cdr.expressions import UNITS, coalesce, divide_half_up, is_true, sum_whole, text, units, whole_steps
from telecom_cdr.tables.books import ALLOWANCE, QUANTITY
from telecom_cdr.vocabulary import AllowancePeriod

# Order in which a counter is used: late events after all others of their month, then time; cdr_id makes it total.
USE_ORDER: Final = ("billing_month", "event_start_utc", "cdr_id")
# With the allowances that cover an event, all that decides which counters it uses, and when.
DECIDING: Final = (*USE_ORDER, "customer_id", "served_msisdn", "plan_code", "usage_date", "usage_month", "_session_key")
_DETAILS: Final = tuple(column for column in ALLOWANCE.names if column != "_allowance_id")
_TOTAL: Final = "decimal(38,0)"


@dataclass(frozen=True)
class AllowanceFrames:
    """The allowance book as frames; no service days when no allowance goes by them."""

    anywhere: DataFrame
    of_zones: DataFrame
    allowances: DataFrame
    service: DataFrame | None
    unit_passes: tuple[str, ...]
    money_passes: tuple[str, ...]

    @property
    def passes(self) -> tuple[str, ...]:
        """Every pass."""
        return (*self.unit_passes, *self.money_passes)


def with_allowances(usage: DataFrame, book: AllowanceFrames) -> DataFrame:
    """Add the allowance of each pass that covers the event, whether by a row of its zone or of any zone."""
    if not book.passes:
        return usage

    def under(frame: DataFrame, prefix: str) -> DataFrame:
        return frame.withColumnsRenamed({name: f"{prefix}{name}" for name in book.passes})

    keys = ["plan_code", "product_code"]
    joined = usage.join(under(book.anywhere.drop("zone"), "_any"), keys, "left").join(
        under(book.of_zones, "_zone"), [*keys, "zone"], "left"
    )
    found = {name: coalesce("int", F.col(f"_zone{name}"), F.col(f"_any{name}")) for name in book.passes}
    return joined.withColumns(found).drop(*(f"{scope}{name}" for scope in ("_zone", "_any") for name in book.passes))


def is_covered(passes: tuple[str, ...]) -> Column:
    """Whether an allowance of one of the passes covers the event."""
    return reduce(lambda left, right: left | right, (F.col(name).isNotNull() for name in passes), F.lit(False))


def use_units(events: DataFrame, book: AllowanceFrames) -> DataFrame:
    """Take from `_needed` units what allowances give; add `_units_used` and `_units_left`, `CODE=units,…`, or null."""
    used = reduce(lambda frame, name: _use(frame, name, book), book.unit_passes, events)
    return _told(used, book.unit_passes, "_units", lambda amount: amount.cast("string"))


def use_money(events: DataFrame, book: AllowanceFrames) -> DataFrame:
    """Take from `_needed` millionths what allowances pay; add `_money_used` and `_money_left`, `CODE=amount,…` or null.

    `_money_json`: the pieces of a breakdown, each behind a comma.
    """
    used = reduce(lambda frame, name: _use(frame, name, book), book.money_passes, events)
    pieces = [
        F.when(
            F.col(f"_taken{name}") > units(0),
            F.concat(
                text(',{"kind":"money_allowance","code":'),
                F.col(f"_json{name}"),
                text(',"amount":"-'),
                in_currency(F.col(f"_taken{name}")),
                text('000000"}'),
            ),
        )
        for name in book.money_passes
    ]
    told = F.concat_ws("", *pieces).cast("string") if pieces else text("")
    return _told(used.withColumn("_money_json", told), book.money_passes, "_money", in_currency)


def in_currency(millionths: Column) -> Column:
    """Whole millionths, not negative, as an amount with six decimals."""
    whole = whole_steps(millionths, units(10**6)).cast("string")
    return F.concat(whole, text("."), F.lpad((millionths % units(10**6)).cast("string"), 6, "0")).cast("string")


def _told(used: DataFrame, passes: tuple[str, ...], name: str, words: Callable[[Column], Column]) -> DataFrame:
    """What each pass took and left, in words; the columns of the passes are dropped."""

    def listed(column: str) -> Column:
        entries = [
            F.when(F.col(f"_taken{one}") > units(0), F.concat(F.col(f"_told{one}"), text("="), words(amount)))
            for one in passes
            for amount in (F.col(f"{column}{one}"),)
        ]
        told = F.concat_ws(",", *entries).cast("string") if entries else text("")
        return F.when(told != text(""), told).cast("string")

    helpers = [f"{column}{one}" for one in passes for column in ("_taken", "_rest", "_told", "_json")]
    return used.withColumns({f"{name}_used": listed("_taken"), f"{name}_left": listed("_rest")}).drop(*helpers)


def _use(events: DataFrame, name: str, book: AllowanceFrames) -> DataFrame:
    """One pass: take from each counter what is left of it, in order of use.

    Each event takes what it needs or what remains, so what is gone before an event is the sum of the needs before it.
    """
    details = book.allowances.withColumnRenamed("_allowance_id", name)
    covered = _with_quantity(events.join(details, name, "left"), book.service)
    needed = F.when(F.col(name).isNotNull(), F.col("_needed")).otherwise(units(0)).cast("decimal(20,0)")
    # An allowance is of one plan; whole numbers sort faster than text.
    number = F.when(F.col("_user") != text(""), F.col("_user")).cast(UNITS)
    counter = Window.partitionBy("customer_id", number, name, "_counter_period")
    earlier = counter.orderBy(*USE_ORDER).rowsBetween(Window.unboundedPreceding, -1)
    gone = coalesce(_TOTAL, sum_whole(F.col("_asked")).over(earlier), F.lit(0))
    left = F.greatest((F.col("_quantity").cast(_TOTAL) - F.col("_gone")).cast(_TOTAL), F.lit(0).cast(_TOTAL))
    taken = coalesce(UNITS, F.least(F.col("_left"), F.col("_asked").cast(_TOTAL)), units(0))
    return (
        covered.withColumns({"_asked": needed, "_counter_period": _counter_period()})
        .withColumn("_gone", gone)
        .withColumn("_left", left.cast(_TOTAL))
        .withColumn(f"_taken{name}", taken)
        .withColumns(
            {
                f"_rest{name}": (F.col("_left") - F.col(f"_taken{name}")).cast(UNITS),
                f"_told{name}": F.col("_code").cast("string"),
                f"_json{name}": F.col("_code_json").cast("string"),
                "_needed": (F.col("_needed") - F.col(f"_taken{name}")).cast(UNITS),
            }
        )
        .drop("_asked", "_counter_period", "_gone", "_left", "_user", name, *_DETAILS)
    )


def _with_quantity(covered: DataFrame, service: DataFrame | None) -> DataFrame:
    """Add `_user`, whose counter it is, and the share of the quantity that the days of service earn."""
    user = F.when(is_true(F.col("_is_shared")), text("")).otherwise(F.col("served_msisdn")).cast("string")
    shared = covered.withColumn("_user", user)
    if service is None:
        return shared
    earned = divide_half_up(
        (F.col("_quantity").cast(QUANTITY.sql) * F.col("_service_days").cast("decimal(3,0)")).cast(_TOTAL),
        F.col("_month_days").cast("decimal(3,0)"),
    )
    is_by_days = is_true(F.col("_is_prorated")) & F.col("_service_days").isNotNull()
    quantity = F.when(is_by_days, earned.cast(QUANTITY.sql)).otherwise(F.col("_quantity")).cast(QUANTITY.sql)
    served = shared.join(service, ["customer_id", "_user", "plan_code", "usage_month"], "left")
    return served.withColumn("_quantity", quantity).drop("_service_days", "_month_days")


def _counter_period() -> Column:
    """Name of the period whose counter an event uses."""
    return (
        F.when(F.col("_period") == text(AllowancePeriod.EVENT), F.col("_session_key"))
        .when(F.col("_period") == text(AllowancePeriod.DAY), F.col("usage_date").cast("string"))
        .otherwise(F.col("usage_month"))
        .cast("string")
    )
