"""Billed units to charges: whole millionths, rounded once, and the pieces that they are made of as JSON.

Not here: billed units, and what allowances give (`rate`).
"""

from typing import Final

import polars as pl

from benchmarks.with_polars.frames import half_up, money, text

_WIDE: Final = pl.Int128()
_PLACES: Final = 10**12


def charged(priced: pl.LazyFrame, passes: int, reference_version: int) -> pl.LazyFrame:
    """Priced events with their charges; `used_…` is what allowances gave, `paid_before` what a session paid for."""
    numbers = range(1, passes + 1)
    billed, units, before = pl.col("billed_units"), pl.col("charged_units"), pl.col("before")
    given = pl.sum_horizontal([pl.lit(0, pl.Int64), *(pl.col(f"used_{number}").fill_null(0) for number in numbers)])
    is_free, is_rated = units == 0, pl.col("reason").is_null()
    paid = pl.when(is_free).then(pl.lit(0, _WIDE)).otherwise(_within_limits("so_far_e6"))
    paid_before = pl.when(is_free | (before == 0)).then(pl.lit(0, _WIDE)).otherwise(_within_limits("earlier_e6"))
    connect_due = pl.when(before == 0).then(pl.col("connect_e6")).otherwise(0)
    delta = pl.col("so_far_e6") - pl.col("earlier_e6")
    return (
        priced.with_columns(
            allowance_units=pl.when(billed.is_not_null()).then(given),
            allowances_used=_in_words("used", passes),
            allowances_left=_in_words("left", passes),
            before=pl.col("paid_before").fill_null(0),
        )
        .with_columns(charged_units=billed - pl.col("allowance_units"))
        .with_columns(
            earlier_e6=pl.when(before == 0).then(pl.lit(0, _WIDE)).otherwise(_cost(before)),
            so_far_e6=_cost(before + units),
            exact_e12=half_up(units.cast(_WIDE) * pl.col("price_e9") * 1000, pl.col("unit_size")),
        )
        .with_columns(charge_e6=paid - paid_before)
        .with_columns(
            limit_e6=pl.col("charge_e6") - delta - connect_due, rounding_e12=delta * 10**6 - pl.col("exact_e12")
        )
        .with_columns(
            charge_amount=money(pl.when(units.is_not_null()).then(pl.col("charge_e6")), 18, 6),
            breakdown=pl.when(is_free).then(text("[]")).when(is_rated).then(_pieces()),
            product_code=pl.coalesce("sold_product", "reported_product"),
            status=pl.when(is_rated).then(text("rated")).otherwise(text("unrated")),
            money_allowance_amount=pl.when(is_rated).then(pl.lit(0, pl.Int64)),
            reference_version=pl.lit(reference_version),
            **dict.fromkeys(
                ("ported_operator", "tier_scope", "tier_basis", "money_allowances_used", "money_allowances_left"),
                text(None),
            ),
        )
    )


def _in_words(name: str, passes: int) -> pl.Expr:
    entries = [
        pl.when(pl.col(f"used_{number}") > 0).then(
            pl.concat_str(pl.col(f"code_{number}"), pl.lit("="), pl.col(f"{name}_{number}").cast(pl.String))
        )
        for number in range(1, passes + 1)
    ]
    together = pl.concat_str(entries, separator=",", ignore_nulls=True) if entries else text(None)
    return pl.when(together != "").then(together)


def _cost(units: pl.Expr) -> pl.Expr:
    """Millionths that so many units of the session cost."""
    return half_up(units.cast(_WIDE) * pl.col("price_e9"), pl.col("unit_size") * 1000)


def _within_limits(cost: str) -> pl.Expr:
    raised = pl.max_horizontal(pl.col(cost) + pl.col("connect_e6"), pl.col("minimum_e6").cast(_WIDE))
    return pl.min_horizontal(raised, pl.col("maximum_e6").cast(_WIDE))


def _pieces() -> pl.Expr:
    """The pieces of an event that is charged; what rounding once has moved is the last one."""
    units, before, limit, rounding = (pl.col(name) for name in ("charged_units", "before", "limit_e6", "rounding_e12"))
    nothing = text("")
    kind = (
        pl.when(limit > 0).then(text(',{"kind":"minimum","amount":"')).otherwise(text(',{"kind":"maximum","amount":"-'))
    )
    sign = pl.when(rounding < 0).then(text("-")).otherwise(nothing)
    return pl.concat_str(
        text("["),
        pl.when(before == 0).then(pl.col("connect_piece")).otherwise(nothing),
        text('{"kind":"usage","band":null,"units":'),
        units,
        text(',"from":'),
        before + 1,
        text(',"to":'),
        before + units,
        pl.col("price_piece"),
        _amount(pl.col("exact_e12")),
        text('"}'),
        pl.when(limit == 0).then(nothing).otherwise(pl.concat_str(kind, _amount(limit.abs() * 10**6), text('"}'))),
        pl.when(rounding == 0)
        .then(nothing)
        .otherwise(pl.concat_str(text(',{"kind":"rounding","amount":"'), sign, _amount(rounding.abs()), text('"}'))),
        text("]"),
    )


def _amount(last_places: pl.Expr) -> pl.Expr:
    """Whole last places, not negative, as a decimal with twelve of them."""
    whole, part = last_places // _PLACES, last_places % _PLACES
    return pl.concat_str(whole.cast(pl.Int64), text("."), part.cast(pl.Int64).cast(pl.String).str.zfill(12))
