"""The books of rating: small tables that a tariff is made into before events are looked up in them.

They live in the memory of one run and are no tables of the lake. Here: their columns. Not here: what stands in them
(`rating.rate_book`, `rating.allowance_book`, `rating.bands`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import pyarrow as pa

from telecom_cdr.tables.model import BOOLEAN, CHARGE, DATE, INTEGER, LONG, PRICE, STRING, ColumnType, decimal

# Of whole billionths times a common denominator of all unit sizes of a product, exact.
NUMERATOR: Final = decimal(38, 0)
# What an allowance gives: units, or millionths of the currency.
QUANTITY: Final = decimal(26, 0)
_RATE_IDS: Final = ColumnType("array<int>", pa.list_(pa.int32()))
_COURSE: Final = ColumnType(
    "array<struct<at:bigint,signature:int>>",
    pa.list_(pa.struct([("at", pa.int64()), ("signature", pa.int32())])),
)


@dataclass(frozen=True)
class Book:
    """The columns of one small table, by name and type."""

    columns: tuple[tuple[str, ColumnType], ...]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The columns, in order."""
        return tuple(name for name, _ in self.columns)

    @cached_property
    def arrow_schema(self) -> pa.Schema:
        """The columns as an Arrow schema."""
        return pa.schema([(name, kind.arrow) for name, kind in self.columns])


# Plan, product, zone key and days to rates: one, or one for each signature of bands.
CHOICE: Final = Book(
    (
        ("plan_code", STRING),
        ("product_code", STRING),
        ("_zone_key", STRING),
        ("valid_from", DATE),
        ("valid_to", DATE),
        ("_rate_ids", _RATE_IDS),
    )
)
TERMS: Final = Book(
    (
        ("_rate_id", INTEGER),
        ("time_band", STRING),
        ("rate_zone", STRING),
        ("rate_valid_from", DATE),
        ("rate_model", STRING),
        ("first_increment", LONG),
        ("next_increment", LONG),
        ("unit_size", LONG),
        ("price", PRICE),
        ("connect_fee", CHARGE),
        ("minimum_charge", CHARGE),
        ("maximum_charge", CHARGE),
        ("tier_scope", STRING),
        ("tier_basis", STRING),
        ("_band_json", STRING),
        ("_flat_opening", STRING),
        ("_flat_closing", STRING),
        ("_denominator", NUMERATOR),
    )
)
# Tiers of a rate, or one step for all its units. `_per_unit` (of a package: per package) and `_fee` are numerators.
STEPS: Final = Book(
    (
        ("_rate_id", INTEGER),
        ("_low", LONG),
        ("_high", LONG),
        ("_step_size", LONG),
        ("_step_price", PRICE),
        ("_per_unit", NUMERATOR),
        ("_fee", NUMERATOR),
    )
)
# One stretch of bands within one day of UTC, in microseconds; `_course`: the stretches from there on, as far as the
# longest call may reach.
CALENDAR: Final = Book(
    (("_utc_day", LONG), ("_begins", LONG), ("_ends", LONG), ("_signature", INTEGER), ("_course", _COURSE))
)
ALLOWANCE: Final = Book(
    (
        ("_allowance_id", INTEGER),
        ("_code", STRING),
        ("_code_json", STRING),
        ("_quantity", QUANTITY),
        ("_period", STRING),
        ("_is_shared", BOOLEAN),
        ("_is_prorated", BOOLEAN),
    )
)
# Days of a month on which a subscription was active; without `_user`, any of the customer's on the plan.
SERVICE: Final = Book(
    (
        ("customer_id", STRING),
        ("_user", STRING),
        ("plan_code", STRING),
        ("usage_month", STRING),
        ("_service_days", INTEGER),
        ("_month_days", INTEGER),
    )
)


def coverage(passes: Sequence[str]) -> Book:
    """Plan, product and zone to the allowance of each pass."""
    keys = tuple((name, STRING) for name in ("plan_code", "product_code", "zone"))
    return Book((*keys, *((name, INTEGER) for name in passes)))
