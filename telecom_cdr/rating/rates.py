"""Which rate prices an event: the most specific one of its plan and product; of a call, one for each stretch of bands.

Here: the look-up in the rate book. Not here: what the book says (`rate_book`, `bands`), and what the rate costs.
"""

from dataclasses import dataclass
from typing import Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from telecom_cdr.expressions import is_true, micros, text, units, whole_steps
from telecom_cdr.rating.rate_book import ANY_ZONE, OF_ZONE, ONLY_ZONE
from telecom_cdr.rating.validity import join_valid
from telecom_cdr.tables.books import TERMS
from telecom_cdr.vocabulary import RecordType

# Columns of the rate that a rated row carries.
RATE_COLUMNS: Final = tuple(name for name in TERMS.names if not name.startswith("_"))
_KEYS: Final = ("plan_code", "product_code", "_zone_key")
_SECOND: Final = 1_000_000
_DAY: Final = 86_400 * _SECOND
# More than lie between year 1 and 1970: whole steps are of counts from 0.
_DAYS_BEFORE: Final = 1_000_000


@dataclass(frozen=True)
class RateFrames:
    """The rate book and the calendar as frames; no calendar when no rate asks for a band."""

    choice: DataFrame
    terms: DataFrame
    steps: DataFrame
    calendar: DataFrame | None


def with_rate(events: DataFrame, book: RateFrames) -> DataFrame:
    """Add the rate that governs the event: that of its plan, product and zone, valid and in force at its start.

    All null when there is none, or when a call runs into a stretch of bands that has none. `_rate_id`: the governing
    rate; `_pieces`: of a call that not only that rate prices, from which second (from 0) which rate does, else null.
    """
    zoned = _with_zone_key(events, book.choice)
    if book.calendar is None:
        plain = book.choice.withColumn("_rate_id", F.get("_rate_ids", F.lit(0)).cast("int")).drop("_rate_ids")
        chosen = join_valid(zoned, _with_terms(plain, book.terms), _KEYS, "tariff_date")
        return chosen.withColumn("_pieces", F.lit(None).cast("string"))
    timed = join_valid(_with_bands(zoned, book.calendar), book.choice, _KEYS, "tariff_date")
    chosen = timed.withColumn("_rate_id", _of_signature(F.col("_signature")))
    split = chosen.withColumn("_all_pieces", _all_pieces()).withColumn("_pieces", _without_repeats())
    is_split = (F.size("_pieces") > F.lit(1)) | (F.get("_pieces", F.lit(0))["rate_id"] != F.col("_rate_id"))
    has_gap = is_true(F.exists("_pieces", lambda piece: piece["rate_id"].isNull()))
    judged = split.withColumns(
        {
            "_rate_id": F.when(~has_gap, F.col("_rate_id")).cast("int"),
            "_pieces": F.when(is_true(is_split) & ~has_gap, F.col("_pieces")),
        }
    )
    return _with_terms(judged.drop("_signature", "_course", "_all_pieces", "_rate_ids"), book.terms)


def _with_zone_key(events: DataFrame, choice: DataFrame) -> DataFrame:
    """Add the key under which the event's rate stands: of its zone where that has rates of its own, else of any."""
    known = choice.select(*_KEYS, F.lit(True).cast("boolean").alias("_is_known")).distinct()
    needs_own = is_true(F.col("_needs_zone_rate"))
    own = F.when(needs_own, F.concat(text(ONLY_ZONE), F.col("zone"))).otherwise(F.concat(text(OF_ZONE), F.col("zone")))
    asked = events.withColumn("_zone_key", own.cast("string")).join(known, list(_KEYS), "left")
    key = F.when(is_true(F.col("_is_known")), F.col("_zone_key")).when(~needs_own, text(ANY_ZONE))
    return asked.withColumn("_zone_key", key.cast("string")).drop("_is_known")


def _with_bands(events: DataFrame, calendar: DataFrame) -> DataFrame:
    """Add `_signature`, the bands active when the event's session began, and `_course`, those from its own start on."""
    begun = _at(events, calendar.drop("_course"), "_tariff_start")
    return _at(begun, calendar.drop("_signature"), "event_start_utc")


def _at(events: DataFrame, calendar: DataFrame, instant: str) -> DataFrame:
    at = micros(F.col(instant))
    day = whole_steps(at + units(_DAYS_BEFORE * _DAY), units(_DAY)) - units(_DAYS_BEFORE)
    timed = events.withColumns({"_at": at, "_day": day.cast("bigint")})
    condition = (
        (F.col("_day") == F.col("_utc_day")) & (F.col("_begins") <= F.col("_at")) & (F.col("_at") < F.col("_ends"))
    )
    return timed.join(calendar, condition, "left").drop("_at", "_day", "_utc_day", "_begins", "_ends")


def _of_signature(signature: Column) -> Column:
    """The rate that a stretch of bands chooses; where bands do not matter there is one for all."""
    one_for_all = F.size("_rate_ids") == F.lit(1)
    return F.get("_rate_ids", F.when(one_for_all, F.lit(0)).otherwise(signature).cast("int")).cast("int")


def _all_pieces() -> Column:
    """For each stretch of a call, its first second and its rate; null for what is no call or knows no bands."""
    start = micros(F.col("event_start_utc"))
    length = (F.col("usage_units") * units(_SECOND)).cast("bigint")
    is_timed = (F.col("service_type") == text(RecordType.VOICE)) & (F.size("_rate_ids") > F.lit(1))

    def first_second(stretch: Column) -> Column:
        # A second belongs to the stretch in which it starts.
        elapsed = F.greatest((stretch["at"] - start).cast("bigint"), units(0))
        return whole_steps(elapsed + units(_SECOND - 1), units(_SECOND))

    reached = F.filter("_course", lambda stretch: first_second(stretch) * units(_SECOND) < length)
    pieces = F.transform(
        reached,
        lambda stretch: F.struct(
            first_second(stretch).alias("from_second"),
            F.get("_rate_ids", stretch["signature"]).cast("int").alias("rate_id"),
        ),
    )
    return F.when(is_timed, pieces)


def _without_repeats() -> Column:
    """Neighbouring stretches of one rate are one piece."""

    def is_new(piece: Column, place: Column) -> Column:
        before = F.get("_all_pieces", (place - F.lit(1)).cast("int"))["rate_id"]
        return (place == F.lit(0)) | ~piece["rate_id"].eqNullSafe(before)

    return F.filter("_all_pieces", is_new)


def _with_terms(events: DataFrame, terms: DataFrame) -> DataFrame:
    return events.join(terms, "_rate_id", "left")
