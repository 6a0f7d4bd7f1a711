"""The breakdown of a charge: its pieces as JSON, written where they are worked out, and read by whoever explains.

A piece is text that begins with a comma; amounts have twelve decimals. Here: how pieces are written. Not here: what
they amount to (`charge`, `steps`).
"""

from typing import Final

from pyspark.sql import Column
from pyspark.sql import functions as F

from telecom_cdr.expressions import text, units

# Amounts of pieces are whole millionths of a millionth.
PIECE_SCALE: Final = 12
_AMOUNT: Final = f"decimal(24,{PIECE_SCALE})"
_LAST_PLACE: Final = "0.000000000001"
# More characters than a breakdown has.
_LONGEST: Final = 10**9


def piece(kind: str, amount: Column, **values: Column) -> Column:
    """One piece; `values` are JSON already, `amount` is in whole last places."""
    parts: list[Column] = [text(f',{{"kind":"{kind}"')]
    for name, value in values.items():
        parts += [text(f',"{name.rstrip("_")}":'), value.cast("string")]
    return F.concat(*parts, text(',"amount":"'), amount_words(amount), text('"}')).cast("string")


def flat_words(band: str, price: str, unit_size: int) -> tuple[str, str]:
    """What every piece of a flat rate says before and after its units; `band` is JSON."""
    return f',{{"kind":"usage","band":{band},"units":', f',"price":"{price}","unit_size":{unit_size},"amount":"'


def flat_piece(charged: Column, before: Column, amount: Column, opening: Column, closing: Column) -> Column:
    """The piece of `charged` units at a flat rate, after `before` of the session; the rest are its `flat_words`."""
    span = (charged.cast("string"), text(',"from":'), (before + units(1)).cast("string"))
    end = (text(',"to":'), (before + charged).cast("string"))
    return F.concat(opening, *span, *end, closing, amount_words(amount), text('"}')).cast("string")


def amount_words(amount: Column) -> Column:
    """Whole last places of a piece as a plain decimal."""
    exact = (amount.cast("decimal(24,0)") * F.lit(_LAST_PLACE).cast(f"decimal(13,{PIECE_SCALE})")).cast(_AMOUNT)
    return exact.cast("string")


def quoted(value: Column) -> Column:
    """A number as a JSON string."""
    return F.concat(text('"'), value.cast("string"), text('"')).cast("string")


def listed(pieces: Column) -> Column:
    """The pieces, each beginning with a comma, as a JSON array."""
    return F.concat(text("["), F.substring(pieces, 2, _LONGEST), text("]")).cast("string")


def only_if(condition: Column, words: Column) -> Column:
    """The piece where the condition holds, nothing where not."""
    return F.when(condition, words).otherwise(text("")).cast("string")
