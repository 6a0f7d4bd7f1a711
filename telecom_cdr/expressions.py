"""The safe forms of money, units, text and time expressions: the only ones that both engines read alike.

Belongs here: an expression whose plain form differs between engines (silent wrap, truncation, doubles).
Every function takes and gives Columns. Not here: business rules.
"""

from collections.abc import Sequence
from decimal import Decimal
from functools import reduce
from typing import Final

from pyspark.sql import Column, WindowSpec
from pyspark.sql import functions as F

from telecom_cdr.tables.model import ColumnType, Table

UNITS: Final = "bigint"
LARGEST_UNITS: Final = 2**63 - 1
# What Unicode and Python call whitespace, as a set of characters: the engines' own notions of it differ.
BLANKS: Final = (
    "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009"
    "\u200a\u2028\u2029\u202f\u205f\u3000"
)
_WIDE: Final = "decimal(38,0)"
_SUM_OF_UNITS: Final = "decimal(20,0)"


def text(value: str | None) -> Column:
    """A string literal, or a typed null."""
    return F.lit(value).cast("string")


def units(value: int | None) -> Column:
    """A literal of whole units."""
    return F.lit(value).cast(UNITS)


def money(value: str | Decimal | None, column_type: ColumnType) -> Column:
    """A literal amount of a declared money type."""
    return F.lit(None if value is None else str(value)).cast(column_type.sql)


def coalesce(column_type: str, *columns: Column) -> Column:
    """The first that is not null, every branch of one type."""
    return F.coalesce(*(column.cast(column_type) for column in columns)).cast(column_type)


def is_true(condition: Column) -> Column:
    """A condition in two-valued logic: null is false."""
    return F.coalesce(condition, F.lit(False)).cast("boolean")


def all_of(conditions: Sequence[Column]) -> Column:
    """Every condition holds; null counts as false."""
    return reduce(lambda left, right: left & right, (is_true(condition) for condition in conditions))


def round_up_to(value: Column, step: Column) -> Column:
    """The next whole multiple of step, for bigints; 61 by 20 is 80."""
    return (F.call_function("div", value.cast(UNITS) + step.cast(UNITS) - units(1), step.cast(UNITS)) * step).cast(
        UNITS
    )


def whole_steps(value: Column, step: Column) -> Column:
    """How many whole steps a count of 0 or more has, for bigints; 61 by 20 is 3."""
    return F.call_function("div", value.cast(UNITS), step.cast(UNITS)).cast(UNITS)


def sum_units(column: Column) -> Column:
    """Sum of whole units; fails rather than wraps when it leaves bigint."""
    return F.sum(column.cast(_SUM_OF_UNITS)).cast("decimal(38,0)").cast(UNITS)


def sum_whole(column: Column) -> Column:
    """Sum of whole numbers of at most 28 digits, as a decimal; null for no rows. Over a window, too."""
    return F.sum(column.cast("decimal(28,0)"))


def sum_money(column: Column, column_type: ColumnType) -> Column:
    """Sum of amounts of at most decimal(28,6), in a declared type."""
    return F.sum(column.cast("decimal(28,6)")).cast(column_type.sql)


def sum_over(column: Column, column_type: ColumnType, window: WindowSpec) -> Column:
    """Sum of amounts of at most decimal(28,6) over a window, in a declared type; null when every amount is."""
    return F.sum(column.cast("decimal(28,6)")).over(window).cast(column_type.sql)


def divide_half_up(numerator: Column, denominator: Column) -> Column:
    """Quotient of two whole decimals, to the nearest whole, halves away from zero. Denominator above 0.

    Exact on every engine: the remainder decides, no engine's decimal division does. The numerator is below 10^32, the
    denominator below 10^37; where a quotient of a greater one has no room, engines raise an error.
    """
    top, bottom = numerator.cast(_WIDE), denominator.cast(_WIDE)
    size = F.abs(top).cast(_WIDE)
    remainder = (size % bottom).cast(_WIDE)
    # (size - remainder) is a whole multiple of bottom, so the quotient has no digits to round or truncate.
    floor = ((size - remainder).cast(_WIDE) / bottom).cast(_WIDE)
    is_up = (remainder * F.lit(2).cast("decimal(1,0)")).cast(_WIDE) >= bottom
    nearest = (floor + F.when(is_up, F.lit(1)).otherwise(F.lit(0)).cast("decimal(1,0)")).cast(_WIDE)
    return F.when(top < F.lit(0).cast(_WIDE), (-nearest).cast(_WIDE)).otherwise(nearest).cast(_WIDE)


def whole(value: Column, scale: int) -> Column:
    """A decimal as a whole number of its last place: 1.25 at scale 2 is 125. The value has at most `scale` decimals."""
    return (value.cast(f"decimal(28,{scale})") * F.lit(10**scale).cast(f"decimal({scale + 1},0)")).cast(_WIDE)


def from_whole(value: Column, column_type: ColumnType, scale: int) -> Column:
    """The opposite of `whole`. A product, not a quotient: one engine cuts quotients off at four more decimals."""
    last_place = F.lit(f"{Decimal(1).scaleb(-scale):f}").cast(f"decimal({scale + 1},{scale})")
    return (value.cast("decimal(28,0)") * last_place).cast(column_type.sql)


def round_half_up(value: Column, column_type: ColumnType, *, scale_in: int, scale_out: int) -> Column:
    """An amount with `scale_in` decimals rounded once to `scale_out`, halves away from zero."""
    step = F.lit(10 ** (scale_in - scale_out)).cast(_WIDE)
    return from_whole(divide_half_up(whole(value, scale_in), step), column_type, scale_out)


def count_rows() -> Column:
    """How many rows a group has; 0 for no rows at all.

    A sum, not a count: the embedded engine fails on an aggregate of a grouped count when the key is constant.
    """
    return coalesce(UNITS, F.sum(units(1)), units(0))


def count_where(condition: Column) -> Column:
    """How many rows meet a condition; null counts as not met."""
    return coalesce(UNITS, F.sum(F.when(condition, units(1)).otherwise(units(0))), units(0))


def declared(table: Table) -> list[Column]:
    """The declared columns of a table, in order, cast and named: what every transform ends in selecting."""
    return [F.col(column.name).cast(column.type.sql).alias(column.name) for column in table.columns]


def is_valid_on(day: Column, valid_from: Column, valid_to: Column) -> Column:
    """A day lies in a half-open range [valid_from, valid_to); a null bound is none. False for no day."""
    return is_true(
        (valid_from.isNull() | (day >= valid_from)) & (valid_to.isNull() | (day < valid_to)) & day.isNotNull()
    )


def present(value: Column) -> Column:
    """A text as it is, or null when it is empty or blank."""
    # By length: the embedded engine compares the texts of null rows too, at ten times the cost of all the rest.
    return F.when(F.length(trimmed(value)) > F.lit(0), value).cast("string")


def trimmed(value: Column) -> Column:
    """A text without blanks at both ends, by Unicode's notion of a blank."""
    return F.trim(value, text(BLANKS)).cast("string")


def joined(separator: str, *columns: Column) -> Column:
    """The texts that are not null, with the separator between them; empty when all are null."""
    return F.concat_ws(separator, *(column.cast("string") for column in columns)).cast("string")


def digest_of(*columns: Column) -> Column:
    """SHA-256, in hex, of texts, whole numbers, booleans and instants; null differs from every value."""
    # Unit separators keep ("a", "b") from ("ab", ""); a leading mark keeps null from the empty text.
    marked = (
        F.when(column.isNull(), text("-")).otherwise(F.concat(text("+"), column.cast("string"))) for column in columns
    )
    return F.sha2(F.concat_ws("\x1f", *(column.cast("string") for column in marked)), 256).cast("string")


def micros(instant: Column) -> Column:
    """An instant as microseconds since 1970."""
    return F.unix_micros(instant).cast(UNITS)
