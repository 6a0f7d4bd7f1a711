"""The charge of an event: charged units into money, exact, rounded once.

Here: the flat model, and the place of the others. Not here: which units are charged (`allowances`).
"""

from typing import Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from telecom_cdr.expressions import divide_half_up, from_whole, money, units, whole
from telecom_cdr.tables.model import CHARGE

_PRICE_SCALE: Final = 9
_CHARGE_SCALE: Final = 6
_WIDE: Final = "decimal(38,0)"


def apply_charge(usage: DataFrame) -> DataFrame:
    """Add `charge_amount`: connect fee + charged units x price / unit size, at least the minimum, at most the maximum.

    Half a millionth is rounded away from zero, once. Nothing charged costs nothing: no fee and no minimum.
    Null where `charged_units` is null.
    """
    # Step by step: one nested expression would repeat itself many times over in the plan.
    steps = {"_for_units": _for_units(), "_raised": _raised(), "_capped": _capped()}
    for name, step in steps.items():
        usage = usage.withColumn(name, step.cast(_WIDE))
    charge = (
        F.when(F.col("charged_units").isNull(), money(None, CHARGE))
        .when(F.col("charged_units") == units(0), money("0", CHARGE))
        .otherwise(from_whole(F.col("_capped"), CHARGE, _CHARGE_SCALE))
    )
    return usage.withColumn("charge_amount", charge.cast(CHARGE.sql)).drop(*steps)


def _for_units() -> Column:
    """The price of the charged units, in whole millionths.

    Fee, minimum and maximum are whole millionths themselves, so rounding this alone rounds the charge.
    """
    priced = F.col("charged_units").cast("decimal(19,0)") * whole(F.col("price"), _PRICE_SCALE).cast("decimal(18,0)")
    per_unit_size = F.lit(10 ** (_PRICE_SCALE - _CHARGE_SCALE)).cast("decimal(4,0)")
    return divide_half_up(priced, F.col("unit_size").cast("decimal(19,0)") * per_unit_size)


def _raised() -> Column:
    """With the connect fee, and at least the minimum."""
    charge = (F.col("_for_units") + whole(F.col("connect_fee"), _CHARGE_SCALE)).cast(_WIDE)
    minimum = whole(F.col("minimum_charge"), _CHARGE_SCALE)
    return F.when(minimum.isNotNull() & (charge < minimum), minimum).otherwise(charge)


def _capped() -> Column:
    """At most the maximum."""
    maximum = whole(F.col("maximum_charge"), _CHARGE_SCALE)
    return F.when(maximum.isNotNull() & (F.col("_raised") > maximum), maximum).otherwise(F.col("_raised"))
