"""Numbers written as text become exact whole numbers, without a double and without an overflow.

A number is `coefficient * 10^shift`: the coefficient has no zeros at either end and at most 15 digits, so `1e3`,
`1000` and `1000.0` are all `1 * 10^3`. Only digits are counted, cut and padded; a cast comes last, on digits known
to be few. Not here: which numbers are reasonable (`quality/`).
"""

from collections.abc import Sequence
from typing import Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from telecom_cdr.expressions import LARGEST_UNITS, UNITS, coalesce, text, units

_NUMBER: Final = r"\A-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,4})?\z"
_MOST_DIGITS: Final = 15
_DIGITS_OF_LARGEST: Final = len(str(LARGEST_UNITS))


def with_numbers(rows: DataFrame, names: Sequence[str]) -> DataFrame:
    """Take numbers apart: for each `name`, the text in `name_text` gives `name_negative`, `_coefficient`, `_shift`.

    They are null when the text is no number or has more than 15 significant digits. Minus zero is not negative.
    """
    # Column by column in steps: each step uses the one before several times, and is worked out once.
    rows = rows.withColumns({f"{name}_form": _form(F.col(f"{name}_text")) for name in names})
    rows = rows.withColumns({f"{name}_mantissa": _part(F.col(f"{name}_form"), "e", 1) for name in names})
    rows = rows.withColumns({f"{name}_digits": _digits(F.col(f"{name}_mantissa")) for name in names})
    rows = rows.withColumns({f"{name}_coefficient": _coefficient(F.col(f"{name}_digits")) for name in names})
    return rows.withColumns(
        {f"{name}_shift": _shift(name) for name in names} | {f"{name}_negative": _is_negative(name) for name in names}
    )


def is_whole(name: str) -> Column:
    """Whether a number that was taken apart has no fraction; null when there is no number."""
    coefficient = F.col(f"{name}_coefficient")
    return ((coefficient == "") | (F.col(f"{name}_shift") >= F.lit(0))).cast("boolean")


def whole_number(name: str, *, places: int = 0) -> Column:
    """The number times 10^places as a bigint, to the nearest whole, halves away from zero.

    What does not fit becomes the largest bigint, with its sign: enough to see that it is excessive.
    """
    coefficient = F.col(f"{name}_coefficient")
    shift = F.col(f"{name}_shift") + F.lit(places)
    size = F.length(coefficient) + shift
    is_too_large = size > F.lit(_DIGITS_OF_LARGEST)
    # Both lengths are kept within bounds even where the branch is not taken: engines work out every branch.
    padded = F.rpad(coefficient, F.least(F.greatest(size, F.lit(0)), F.lit(_DIGITS_OF_LARGEST)).cast("int"), "0")
    kept = F.left(coefficient, F.greatest(size, F.lit(0)).cast("int"))
    next_digit = F.substr(coefficient, F.greatest(size + F.lit(1), F.lit(1)).cast("int"), F.lit(1))
    is_up = (size >= F.lit(0)) & (next_digit >= text("5"))
    exact = F.coalesce(padded.try_cast(UNITS), units(LARGEST_UNITS))
    rounded = F.coalesce(kept.try_cast(UNITS), units(0)) + F.when(is_up, units(1)).otherwise(units(0))
    magnitude = (
        F.when(coefficient == "", units(0))
        .when(is_too_large, units(LARGEST_UNITS))
        .when(shift >= F.lit(0), exact.cast(UNITS))
        .when(coefficient.isNotNull(), rounded.cast(UNITS))
        .otherwise(units(None))
    )
    return F.when(F.col(f"{name}_negative"), (-magnitude).cast(UNITS)).otherwise(magnitude).cast(UNITS)


def _form(received: Column) -> Column:
    return F.when(received.rlike(_NUMBER), F.lower(received)).otherwise(text(None)).cast("string")


def _part(value: Column, separator: str, number: int) -> Column:
    return F.split_part(value, F.lit(separator), F.lit(number)).cast("string")


def _digits(mantissa: Column) -> Column:
    """All digits of the mantissa, from the first that is not zero."""
    return F.ltrim(F.replace(mantissa, F.lit("."), F.lit("")), F.lit("-0")).cast("string")


def _coefficient(digits: Column) -> Column:
    coefficient = F.rtrim(digits, F.lit("0"))
    return F.when(F.length(coefficient) <= F.lit(_MOST_DIGITS), coefficient).otherwise(text(None)).cast("string")


def _shift(name: str) -> Column:
    exponent = F.replace(_part(F.col(f"{name}_form"), "e", 2), F.lit("+"), F.lit("")).try_cast("int")
    zeros_cut = F.length(F.col(f"{name}_digits")) - F.length(F.col(f"{name}_coefficient"))
    decimals = F.length(_part(F.col(f"{name}_mantissa"), ".", 2))
    return (coalesce("int", exponent, F.lit(0)) + zeros_cut - decimals).cast("int")


def _is_negative(name: str) -> Column:
    coefficient = F.col(f"{name}_coefficient")
    is_below_zero = F.col(f"{name}_form").startswith("-") & (coefficient != "")
    return F.when(coefficient.isNotNull(), is_below_zero).cast("boolean")
