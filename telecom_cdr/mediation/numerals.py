"""Numbers written as text become exact whole numbers, without a double and without an overflow.

Nearly all are plain: few digits and no exponent, read by a cast. Any other is `coefficient * 10^shift`: the
coefficient has no zeros at either end and at most 15 digits, so `1e3`, `1000` and `1000.0` are all `1 * 10^3`. Only
digits are counted, cut and padded; a cast comes last, on digits known to be few. Not here: which numbers are
reasonable (`quality/`).
"""

from collections.abc import Mapping
from typing import Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from telecom_cdr.expressions import LARGEST_UNITS, UNITS, coalesce, text, units

_NUMBER: Final = r"\A-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,4})?\z"
_MOST_DIGITS: Final = 15
_DIGITS_OF_LARGEST: Final = len(str(LARGEST_UNITS))
_FIVE_OR_MORE: Final = ("5", "6", "7", "8", "9")


def with_numbers(rows: DataFrame, places: Mapping[str, int]) -> DataFrame:
    """Take numbers apart: for each `name`, the text in `name_text`, for `whole_number` or `rounded_number`.

    `places` gives the decimals that each is to be read with. Adds `name_plain`, the text of a plain number; of any
    other `name_coefficient` and `_shift`, null when the text is no number or has more than 15 significant digits; and
    `name_negative`, null when there is no number. Minus zero is not negative.
    """
    # Column by column in steps: each step uses the one before several times, and is worked out once. Where nothing is
    # left to do, all of them are null, which costs next to nothing.
    rows = rows.withColumns({f"{name}_plain": _plain(F.col(f"{name}_text"), count) for name, count in places.items()})
    rows = rows.withColumns({f"{name}_form": _form(name) for name in places})
    rows = rows.withColumns({f"{name}_mantissa": _part(F.col(f"{name}_form"), "e", 1) for name in places})
    rows = rows.withColumns({f"{name}_digits": _digits(F.col(f"{name}_mantissa")) for name in places})
    rows = rows.withColumns({f"{name}_coefficient": _coefficient(F.col(f"{name}_digits")) for name in places})
    return rows.withColumns(
        {f"{name}_shift": _shift(name) for name in places} | {f"{name}_negative": _is_negative(name) for name in places}
    )


def whole_number(name: str) -> Column:
    """The number as a bigint; null when there is none, or when it has a fraction.

    What does not fit becomes the largest bigint, with its sign: enough to see that it is excessive.
    """
    is_whole = _is_zero(name) | (F.col(f"{name}_shift") >= F.lit(0))
    return coalesce(UNITS, F.col(f"{name}_plain").try_cast(UNITS), F.when(is_whole, _scaled(name, 0)))


def rounded_number(name: str, *, places: int) -> Column:
    """The number times 10^places as a bigint, to the nearest whole, halves away from zero; excessive as above."""
    plain = F.col(f"{name}_plain").try_cast(f"decimal({_MOST_DIGITS},{places})")
    shifted = plain * F.lit(10**places).cast(f"decimal({places + 1},0)")
    return coalesce(UNITS, shifted, _scaled(name, places))


def _scaled(name: str, places: int) -> Column:
    coefficient = F.col(f"{name}_coefficient")
    shift = F.col(f"{name}_shift") + F.lit(places)
    size = F.length(coefficient) + shift
    is_too_large = size > F.lit(_DIGITS_OF_LARGEST)
    # Both lengths are kept within bounds even where the branch is not taken: engines work out every branch.
    padded = F.rpad(coefficient, F.least(F.greatest(size, F.lit(0)), F.lit(_DIGITS_OF_LARGEST)).cast("int"), "0")
    kept = F.left(coefficient, F.greatest(size, F.lit(0)).cast("int"))
    next_digit = F.substr(coefficient, F.greatest(size + F.lit(1), F.lit(1)).cast("int"), F.lit(1))
    is_up = (size >= F.lit(0)) & next_digit.isin(*_FIVE_OR_MORE)
    exact = F.coalesce(padded.try_cast(UNITS), units(LARGEST_UNITS))
    rounded = F.coalesce(kept.try_cast(UNITS), units(0)) + F.when(is_up, units(1)).otherwise(units(0))
    magnitude = (
        F.when(_is_zero(name), units(0))
        .when(is_too_large, units(LARGEST_UNITS))
        .when(shift >= F.lit(0), exact.cast(UNITS))
        .when(coefficient.isNotNull(), rounded.cast(UNITS))
        .otherwise(units(None))
    )
    return F.when(F.col(f"{name}_negative"), (-magnitude).cast(UNITS)).otherwise(magnitude).cast(UNITS)


def _is_zero(name: str) -> Column:
    return F.length(F.col(f"{name}_coefficient")) == F.lit(0)


def _plain(received: Column, places: int) -> Column:
    """A text that a cast reads exactly: at most 15 digits, no sign, no exponent, no more decimals than asked for."""
    fraction = rf"(\.[0-9]{{1,{places}}})?" if places else ""
    pattern = rf"\A[0-9]{{1,{_MOST_DIGITS - places}}}{fraction}\z"
    return F.when(received.rlike(pattern), received).otherwise(text(None)).cast("string")


def _form(name: str) -> Column:
    received, is_plain = F.col(f"{name}_text"), F.col(f"{name}_plain").isNotNull()
    other = F.when(is_plain, text(None)).otherwise(received)
    return F.when(other.rlike(_NUMBER), F.lower(other)).otherwise(text(None)).cast("string")


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
    is_below_zero = F.col(f"{name}_form").startswith("-") & ~_is_zero(name)
    is_read = F.col(f"{name}_coefficient").isNotNull()
    return F.when(F.col(f"{name}_plain").isNotNull(), F.lit(False)).when(is_read, is_below_zero).cast("boolean")
