"""Numbers written as text: the usual forms by Polars, the few others by Python's exact decimals, once each."""

import re
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Final

import polars as pl

_NUMBER: Final = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,4})?", re.ASCII)
_EXACT: Final = Context(prec=20_100, Emax=10_100, Emin=-10_100)
_MOST_DIGITS: Final = 15
_LARGEST: Final = 2**63 - 1


def unusual_numbers(texts: pl.Series, places: int | None) -> pl.Series:
    """Texts as whole numbers: of the last of `places` decimals, halves away from zero; without `places`, null
    unless whole. Null too for what is no number or has more than 15 significant digits; what does not fit is the
    largest number.
    """
    pattern = r"\A[0-9]{1,9}\z" if places is None else rf"\A[0-9]{{1,9}}\.[0-9]{{1,{places}}}\z"
    is_usual = texts.str.contains(pattern)
    if places is None:
        usual = texts.cast(pl.Int64, strict=False)
    else:
        usual = (texts.cast(pl.Decimal(38, places), strict=False) * 10**places).cast(pl.Int64, strict=False)
    others = texts.filter(is_usual.not_() & texts.is_not_null()).unique()
    values = {text: _read(text, places) for text in others.to_list()}
    unusual = texts.replace_strict(values, default=None, return_dtype=pl.Int64) if values else None
    return usual.zip_with(
        is_usual.fill_null(False), unusual if unusual is not None else pl.Series([None], dtype=pl.Int64)
    )


def _read(text: str, places: int | None) -> int | None:
    if not _NUMBER.fullmatch(text):
        return None
    value = _EXACT.create_decimal(text)
    digits = "".join(map(str, value.as_tuple().digits)).strip("0")
    if len(digits) > _MOST_DIGITS:
        return None
    if places is None and digits and value != value.to_integral_value():
        return None
    scaled = value.scaleb(places or 0, _EXACT).quantize(Decimal(1), ROUND_HALF_UP, _EXACT)
    return max(-_LARGEST, min(int(scaled), _LARGEST))
