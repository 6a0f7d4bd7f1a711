"""What an event costs a unit: the most specific rate valid on its day.

Here: which rate. Not here: what its numbers do (`increments`, `charge`). Time bands, which rank between a zone and
none, belong here too.
"""

from typing import Final

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from telecom_cdr.expressions import UNITS, coalesce, is_true, money, text, units
from telecom_cdr.rating.hold import Hold, as_it_is
from telecom_cdr.rating.validity import join_valid, without_overlap
from telecom_cdr.tables.model import CHARGE, PRICE

# Columns of the rate that a rated row carries.
RATE_COLUMNS: Final = (
    "time_band",
    "rate_zone",
    "rate_valid_from",
    "rate_model",
    "first_increment",
    "next_increment",
    "unit_size",
    "price",
    "connect_fee",
    "minimum_charge",
    "maximum_charge",
)
_KEYS: Final = ("plan_code", "product_code", "_zone_key")
_ANY_ZONE: Final = ""


def with_rate(events: DataFrame, rates: DataFrame, hold: Hold = as_it_is) -> DataFrame:
    """Add the rate of the event's plan, product and zone; all null when there is none.

    A rate of the zone comes before one of any zone. Missing unit size and increments are 1, a missing connect fee 0.
    """
    keyed = without_overlap(
        rates.withColumn("_zone_key", coalesce("string", F.col("zone"), text(_ANY_ZONE))), _KEYS, ["price"]
    )
    of_a_zone = keyed.where(F.col("zone").isNotNull()).select(
        *_KEYS, "valid_from", "valid_to", F.lit(True).cast("boolean").alias("_has_zone_rate")
    )
    # First whether the zone has a rate of its own that day, then the one rate: an event never meets two.
    asked = join_valid(
        events.withColumn("_zone_key", coalesce("string", F.col("zone"), text(_ANY_ZONE))), hold(of_a_zone), _KEYS
    )
    zone_key = F.when(is_true(F.col("_has_zone_rate")), F.col("_zone_key")).otherwise(text(_ANY_ZONE))
    chosen = asked.withColumn("_zone_key", zone_key.cast("string")).drop("_has_zone_rate")
    return join_valid(chosen, hold(_priced(keyed)), _KEYS).drop("_zone_key")


def _priced(keyed: DataFrame) -> DataFrame:
    one, no_fee = units(1), money("0", CHARGE)
    return keyed.select(
        *_KEYS,
        "valid_from",
        "valid_to",
        F.col("time_band").cast("string").alias("time_band"),
        F.col("zone").cast("string").alias("rate_zone"),
        F.col("valid_from").cast("date").alias("rate_valid_from"),
        F.col("model").cast("string").alias("rate_model"),
        coalesce(UNITS, F.col("first_increment"), one).alias("first_increment"),
        coalesce(UNITS, F.col("next_increment"), one).alias("next_increment"),
        coalesce(UNITS, F.col("unit_size"), one).alias("unit_size"),
        F.col("price").cast(PRICE.sql).alias("price"),
        coalesce(CHARGE.sql, F.col("connect_fee"), no_fee).alias("connect_fee"),
        F.col("minimum_charge").cast(CHARGE.sql).alias("minimum_charge"),
        F.col("maximum_charge").cast(CHARGE.sql).alias("maximum_charge"),
    )
