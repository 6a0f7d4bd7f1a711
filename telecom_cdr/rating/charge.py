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
    charge = (
        F.when(F.col("charged_units").isNull(), money(None, CHARGE))
        .when(F.col("charged_units") == units(0), money("0", CHARGE))
        .otherwise(from_whole(_flat(), CHARGE, _CHARGE_SCALE))
    )
    return usage.withColumn("charge_amount", charge.cast(CHARGE.sql))


def _flat() -> Column:
    """The flat charge in millionths.

    Fee, minimum and maximum are whole millionths, so rounding the units' price alone rounds the charge.
    """
    priced = F.col("charged_units").cast("decimal(19,0)") * whole(F.col("price"), _PRICE_SCALE).cast("decimal(18,0)")
    divisor = F.col("unit_size").cast("decimal(19,0)") * F.lit(10 ** (_PRICE_SCALE - _CHARGE_SCALE)).cast(
        "decimal(4,0)"
    )
    for_units = divide_half_up(priced.cast(_WIDE), divisor.cast(_WIDE))
    fee, minimum, maximum = (
        whole(F.col(name), _CHARGE_SCALE) for name in ("connect_fee", "minimum_charge", "maximum_charge")
    )
    charge = (for_units + fee).cast(_WIDE)
    at_least = F.when(minimum.isNotNull() & (charge < minimum), minimum).otherwise(charge).cast(_WIDE)
    return F.when(maximum.isNotNull() & (at_least > maximum), maximum).otherwise(at_least).cast(_WIDE)
