"""Numbers of people as E.164 digits or short codes, and the kind of destination that a called one is."""

from typing import Final

import polars as pl

from benchmarks.common.work import HOME_OPERATOR
from benchmarks.with_polars.frames import Choice, present, text
from telecom_cdr.facts.numbering_plan import COUNTRY_CODES, MOBILE_RANGES, VALID_MOROCCAN_NATIONAL

READABLE_NETWORK: Final = r"\A[0-9]{3,6}\z"
_FULL_WIDTH: Final = {chr(0xFF10 + digit): str(digit) for digit in range(10)} | {"\uff0b": "+"}


def network(written: pl.Expr) -> pl.Expr:
    """MCC and MNC as digits, or as they were written when they cannot be read."""
    digits = written.str.replace_many(_FULL_WIDTH).str.replace_all(r"[ \t\x{a0}.\-/()]", "")
    return pl.when(digits.str.contains(READABLE_NETWORK)).then(digits).otherwise(present(written))


def with_numbers_of_people(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Numbers of people as E.164 digits, or a short code."""

    def compact(name: str) -> pl.Expr:
        written = pl.col(name)
        # Written without anything but digits by most: the others are rewritten.
        ascii_form = written.str.replace_many(_FULL_WIDTH).str.replace_all(r"[ \t\x{a0}.\-()]", "")
        return pl.when(written.str.contains(r"\A[0-9]*\z")).then(written).otherwise(ascii_form)

    def digits(name: str) -> pl.Expr:
        value = pl.col(name)
        size = value.str.len_chars()
        is_national = (size == 9) & value.str.contains(r"\A[5-8]")
        return (
            pl.when(value.str.starts_with("+"))
            .then(value.str.slice(1, 20))
            .when(value.str.starts_with("00"))
            .then(value.str.slice(2, 20))
            .when(value.str.starts_with("0"))
            .then(pl.lit("212") + value.str.slice(1, 20))
            .when(is_national)
            .then(pl.lit("212") + value)
            .when(size.is_between(10, 15))
            .then(value)
        )

    called = pl.col("called_digits")
    code: Choice = pl.when(called.str.starts_with("212")).then(text("212"))
    for size in (1, 2, 3):
        known = [one for one in COUNTRY_CODES if len(one) == size]
        code = code.when(called.str.slice(0, size).is_in(known)).then(called.str.slice(0, size))
    is_possible = called.str.contains(r"\A[0-9]{7,15}\z") & pl.col("country_code").is_not_null()
    return (
        rows.with_columns(
            compact("served_text").alias("served_compact"), compact("called_text").alias("called_compact")
        )
        .with_columns(
            digits("served_compact").alias("served_digits"),
            digits("called_compact").alias("called_digits"),
            pl.col("called_compact").str.contains(r"\A[1-9][0-9]{2,4}\z").fill_null(False).alias("is_short_code"),
        )
        .with_columns(code.alias("country_code"))
        .with_columns(
            pl.when(pl.col("served_digits").str.contains(rf"\A212{VALID_MOROCCAN_NATIONAL}\z"))
            .then(pl.col("served_digits"))
            .alias("served_msisdn"),
            pl.when(pl.col("is_short_code"))
            .then(pl.col("called_compact"))
            .when(is_possible)
            .then(called)
            .alias("called_number"),
        )
    )


def with_traffic_class(rows: pl.LazyFrame) -> pl.LazyFrame:
    """The kind of destination, and the range that decides it."""
    called, is_short, code = pl.col("called_number"), pl.col("is_short_code"), pl.col("country_code")
    leading, own = called.str.slice(3, 1), list(MOBILE_RANGES[HOME_OPERATOR])
    is_mobile = leading.is_in(["6", "7"])
    return rows.with_columns(
        pl.when(called.is_null())
        .then(text(None))
        .when(pl.col("is_roaming"))
        .then(text("roaming"))
        .when(is_short)
        .then(text("special"))
        .when(code != "212")
        .then(text("international"))
        .when(is_mobile & called.str.slice(0, 6).is_in(own))
        .then(text("onnet"))
        .when(is_mobile)
        .then(text("offnet"))
        .when(leading == "5")
        .then(text("fixed"))
        .otherwise(text("special"))
        .alias("traffic_class"),
        pl.when(called.is_null() | is_short)
        .then(called)
        .when(code != "212")
        .then(code)
        .when(is_mobile)
        .then(called.str.slice(0, 6))
        .otherwise(called.str.slice(0, 4))
        .alias("number_range"),
    )
