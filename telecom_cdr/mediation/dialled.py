"""Numbers of people as they are written become E.164 digits, or a short code as dialled.

Not here: whether it is an error that a number cannot be read (`quality/`), and what kind of number it is (`classify`).
"""

from typing import Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from telecom_cdr.expressions import is_true, text
from telecom_cdr.facts.numbering_plan import COUNTRY_CODES, HOME_COUNTRY_CODE, VALID_MOROCCAN_NATIONAL

# Full-width digits and plus become ASCII; blanks, dots, dashes and parentheses have no counterpart and go away.
_FULL_WIDTH: Final = "".join(chr(ord("\uff10") + digit) for digit in range(10)) + "\uff0b"
_WRITTEN: Final = _FULL_WIDTH + " \t\u00a0.-()"
_READ: Final = "0123456789+"
_PLAIN: Final = r"\A[0-9]*\z"
_SHORT_CODE: Final = r"\A[1-9][0-9]{2,4}\z"
_POSSIBLE: Final = r"\A[0-9]{7,15}\z"
_VALID_SERVED: Final = rf"\A{HOME_COUNTRY_CODE}{VALID_MOROCCAN_NATIONAL}\z"
_LONGEST_CODE: Final = max(map(len, COUNTRY_CODES))


def with_numbers_of_people(rows: DataFrame) -> DataFrame:
    """Add `served_msisdn` and `called_number` with `is_short_code` and `country_code`, read from their texts.

    Each is null when its text cannot be read as such a number. A short code has no country code.
    """
    rows = rows.withColumns({"served_compact": _compact("served_text"), "called_compact": _compact("called_text")})
    rows = rows.withColumns(
        {
            "served_digits": _international("served_compact"),
            "called_digits": _international("called_compact"),
            "is_short_code": is_true(F.col("called_compact").rlike(_SHORT_CODE)),
        }
    )
    rows = rows.withColumn("country_code", _country_code("called_digits"))
    is_possible = F.col("called_digits").rlike(_POSSIBLE) & F.col("country_code").isNotNull()
    called = F.when(F.col("is_short_code"), F.col("called_compact")).when(is_possible, F.col("called_digits"))
    served = F.when(F.col("served_digits").rlike(_VALID_SERVED), F.col("served_digits"))
    return rows.withColumns({"served_msisdn": served.cast("string"), "called_number": called.cast("string")})


def _compact(name: str) -> Column:
    """The number as written, without separators, in ASCII."""
    written = F.col(name)
    # Nearly all numbers are plain digits already; the translation is slow.
    return F.when(written.rlike(_PLAIN), written).otherwise(F.translate(written, _WRITTEN, _READ)).cast("string")


def _international(name: str) -> Column:
    """Country code and national number as dialled in Morocco; null for what is too short to have a country code.

    `+D` and `00D` are D, `0D` is 212 D, nine digits that start with 5 to 8 are national, and 10 to 15 digits are
    international. Whether the rest are digits is for the caller's pattern to say.
    """
    compact = F.col(name)
    length = F.length(compact)
    is_national = (length == F.lit(9)) & F.substring(compact, 1, 1).isin("5", "6", "7", "8")
    is_international = (length >= F.lit(10)) & (length <= F.lit(15))
    return (
        F.when(compact.startswith("+"), _from(compact, 2))
        .when(compact.startswith("00"), _from(compact, 3))
        .when(compact.startswith("0"), F.concat(text(HOME_COUNTRY_CODE), _from(compact, 2)))
        .when(is_national, F.concat(text(HOME_COUNTRY_CODE), compact))
        .when(is_international, compact)
        .otherwise(text(None))
        .cast("string")
    )


def _from(value: Column, position: int) -> Column:
    # Longer than any number: what was longer stays too long to pass.
    return F.substring(value, position, 20).cast("string")


def _country_code(name: str) -> Column:
    """The country calling code that the digits begin with; no code is the beginning of another."""
    digits = F.col(name)
    code = F.when(digits.startswith(HOME_COUNTRY_CODE), text(HOME_COUNTRY_CODE))
    for length in range(1, _LONGEST_CODE + 1):
        start = F.substring(digits, 1, length)
        code = code.when(start.isin(*sorted(known for known in COUNTRY_CODES if len(known) == length)), start)
    return code.otherwise(text(None)).cast("string")
