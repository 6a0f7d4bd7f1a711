"""Whether the pieces of a charge add up to it: the breakdown of an event read as it is stored.

Written from the rules and apart from `rating`, so that a fault there is found here. Here: events whose columns alone
do not state their charge, because of tiers, bands, sessions or money allowances. Not here: all others (`explained`).
"""

from typing import Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from telecom_cdr import expressions as ex
from telecom_cdr.vocabulary import RateModel

_PIECE_SCALE: Final = 12
_PRICE_SCALE: Final = 9
_AMOUNT: Final = f"decimal(24,{_PIECE_SCALE})"
_SUM: Final = f"decimal(34,{_PIECE_SCALE})"
_WIDE: Final = "decimal(38,0)"
_BETWEEN_PIECES: Final = r"\},\{\"kind\":\""


def has_depth() -> Column:
    """Whether a charge is more than one flat price of the event's own units, all in one piece of its own band."""
    band = F.when(F.col("time_band").isNull(), ex.text("null")).otherwise(
        F.concat(ex.text('"'), F.col("time_band"), ex.text('"'))
    )
    charged = F.col("charged_units").cast("string")
    own_piece = F.concat(
        *(ex.text('{"kind":"usage","band":'), band, ex.text(',"units":'), charged),
        *(ex.text(',"from":1,"to":'), charged, ex.text(",")),
    )
    is_plain = ex.all_of(
        [
            F.col("rate_model") == F.lit(RateModel.FLAT.value),
            F.col("session_id").isNull(),
            ~ex.is_true(F.col("money_allowance_amount") != F.lit(0)),
            (F.col("charged_units") == F.lit(0)) | F.col("breakdown").contains(own_piece),
        ]
    )
    return ~is_plain


def pieces_add_up(rated: DataFrame) -> DataFrame:
    """Count the events with depth whose pieces do not say what their charge is; one row, figures 0 when all do.

    unexplained_pieces_count: events whose amounts do not sum to charge_amount, whose priced units do not sum to
    charged_units, or of which a piece is not units (or packages) x price / unit size, to 12 decimals.
    unexplained_pieces_amount: the sum of charge - amounts.
    """
    deep = rated.where(has_depth() & F.col("charge_amount").isNotNull())
    by_piece = deep.select(
        "cdr_id",
        "charge_amount",
        "charged_units",
        F.explode(F.split(ex.coalesce("string", F.col("breakdown"), ex.text("")), _BETWEEN_PIECES)).alias("piece"),
    )
    read = by_piece.withColumns(
        {
            "amount": _text_of("amount", "-?[0-9.]+").try_cast(_AMOUNT),
            "units": _of("units", "-?[0-9]+").try_cast("bigint"),
            "packages": _of("packages", "[0-9]+").try_cast("bigint"),
            "price": _text_of("price", "[0-9.]+").try_cast("decimal(18,9)"),
            "unit_size": _of("unit_size", "[0-9]+").try_cast("bigint"),
        }
    )
    places = (F.col("amount") * F.lit(10**_PIECE_SCALE).cast("decimal(13,0)")).cast(_WIDE)
    priced = read.withColumns({"places": places, "expected": _expected()})
    is_wrong = F.col("price").isNotNull() & ~ex.is_true(F.col("places") == F.col("expected"))
    by_event = priced.groupBy("cdr_id").agg(
        F.max("charge_amount").alias("charge_amount"),
        F.max("charged_units").alias("charged_units"),
        F.sum(_or_zero("amount").cast("decimal(24,12)")).cast(_SUM).alias("amounts"),
        ex.sum_units(ex.coalesce("bigint", F.col("units"), F.lit(0))).alias("units"),
        ex.count_where(is_wrong).alias("wrong_pieces"),
    )
    gap = (F.col("charge_amount").cast(_SUM) - F.col("amounts")).cast(_SUM)
    is_unexplained = (gap != F.lit(0)) | (F.col("units") != F.col("charged_units")) | (F.col("wrong_pieces") > F.lit(0))
    return by_event.withColumn("gap", gap).agg(
        ex.count_where(is_unexplained).alias("unexplained_pieces_count"),
        F.coalesce(F.sum(F.col("gap").cast("decimal(28,12)")).cast("decimal(28,6)"), F.lit(0).cast("decimal(28,6)"))
        .cast("decimal(28,6)")
        .alias("unexplained_pieces_amount"),
    )


def _or_zero(amount: str) -> Column:
    return ex.coalesce(_AMOUNT, F.col(amount), F.lit(0))


def _of(name: str, pattern: str) -> Column:
    found = F.regexp_extract(F.col("piece"), f'"{name}":({pattern})', 1)
    return F.when(found != ex.text(""), found).cast("string")


def _text_of(name: str, pattern: str) -> Column:
    found = F.regexp_extract(F.col("piece"), f'"{name}":"({pattern})"', 1)
    return F.when(found != ex.text(""), found).cast("string")


def _expected() -> Column:
    """What a priced piece costs, in last places."""
    multiple = ex.coalesce("bigint", F.col("packages"), F.col("units")).cast("decimal(15,0)")
    price = ex.whole(F.col("price"), _PRICE_SCALE).cast("decimal(18,0)")
    size = F.when(F.col("packages").isNotNull(), F.lit(1)).otherwise(F.col("unit_size")).cast("decimal(19,0)")
    scaled = ((multiple * price).cast("decimal(33,0)") * F.lit(1000).cast("decimal(4,0)")).cast(_WIDE)
    return ex.divide_half_up(scaled, ex.coalesce(_WIDE, size, F.lit(1)))
