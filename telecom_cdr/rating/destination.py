"""Where a call or message went: the longest destination prefix valid on the day, and its zone.

Numbers differ, their leading digits hardly do: prefixes are looked up once for each distinct run of leading digits.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from telecom_cdr.expressions import is_true, text
from telecom_cdr.rating.hold import Hold, as_it_is
from telecom_cdr.rating.validity import without_overlap
from telecom_cdr.vocabulary import SHORT_CODE_COUNTRY

# Marks a short code, so that it never matches a prefix of ordinary numbers, nor the other way round.
_SHORT_MARK: Final = "#"


@dataclass(frozen=True)
class DestinationFacts:
    """What shapes the look-up: the lengths of prefixes, and the days on which any destination starts or ends."""

    prefix_lengths: tuple[int, ...] = ()
    short_lengths: tuple[int, ...] = ()
    days: tuple[date, ...] = ()


def destination_facts(rows: Iterable[Mapping[str, object]]) -> DestinationFacts:
    """The facts of rows with `prefix`, `country_code`, `valid_from` and `valid_to`; all rows of the table."""
    lengths: dict[bool, set[int]] = {False: set(), True: set()}
    days: set[date] = set()
    for row in rows:
        lengths[row["country_code"] == SHORT_CODE_COUNTRY].add(len(str(row["prefix"])))
        days.update(day for day in (row["valid_from"], row["valid_to"]) if isinstance(day, date))
    return DestinationFacts(tuple(sorted(lengths[False])), tuple(sorted(lengths[True])), tuple(sorted(days)))


def with_destination(
    events: DataFrame, destinations: DataFrame, facts: DestinationFacts, hold: Hold = as_it_is
) -> DataFrame:
    """Add `zone` and `destination_prefix` of the called number on the event's day; null when nothing matches.

    Short codes match destinations of country code SHORT, whole; other numbers match the others, longest prefix first.
    """
    if not facts.prefix_lengths and not facts.short_lengths:
        return events.withColumns({"zone": text(None), "destination_prefix": text(None)})
    leading = F.substring(F.col("called_number"), 1, max(facts.prefix_lengths, default=0))
    short = F.concat(text(_SHORT_MARK), F.col("called_number"))
    placed = events.withColumns(
        {
            "_lead": F.when(is_true(F.col("is_short_code")), short).otherwise(leading).cast("string"),
            "_era": _era(F.col("usage_date"), facts.days),
        }
    )
    leads = placed.where(F.col("_lead").isNotNull()).select("_lead", "_era").distinct()
    best = hold(_best(leads, _prefixes(destinations, facts), facts))
    return placed.join(best, ["_lead", "_era"], "left").drop("_lead", "_era")


def _era(day: Column, days: tuple[date, ...]) -> Column:
    """Number of the stretch of days in which no destination starts or ends; events are mostly in the last ones."""
    numbers = F.when(day.isNull(), F.lit(None).cast("int"))
    for number in range(len(days), 0, -1):
        numbers = numbers.when(day >= F.lit(days[number - 1]), F.lit(number).cast("int"))
    return numbers.otherwise(F.lit(0).cast("int")).cast("int")


def _prefixes(destinations: DataFrame, facts: DestinationFacts) -> DataFrame:
    """One row for each prefix and range of eras."""
    is_short = is_true(F.col("country_code") == text(SHORT_CODE_COUNTRY))
    never = F.lit(len(facts.days) + 1)
    keyed = destinations.select(
        F.when(is_short, F.concat(text(_SHORT_MARK), F.col("prefix"))).otherwise(F.col("prefix")).alias("_key"),
        "prefix",
        "zone",
        "valid_from",
        "valid_to",
    )
    until = F.when(F.col("valid_to").isNull(), never).otherwise(_era(F.col("valid_to"), facts.days))
    return without_overlap(keyed, ["_key"], ["zone"]).select(
        "_key",
        F.col("prefix").alias("destination_prefix"),
        "zone",
        F.coalesce(_era(F.col("valid_from"), facts.days), F.lit(0)).cast("int").alias("_first_era"),
        until.cast("int").alias("_end_era"),
    )


def _best(leads: DataFrame, prefixes: DataFrame, facts: DestinationFacts) -> DataFrame:
    """The longest prefix of each run of leading digits in each era."""
    lead = F.col("_lead")
    is_short = lead.startswith(text(_SHORT_MARK))
    long_enough = [
        F.when(~is_short & (F.length(lead) >= F.lit(length)), F.substring(lead, 1, length))
        for length in facts.prefix_lengths
    ]
    whole = F.when(is_short, lead)
    candidates = leads.withColumn("_candidate", F.explode(F.array(whole, *long_enough))).where(
        F.col("_candidate").isNotNull()
    )
    is_match = (
        (F.col("_candidate") == F.col("_key"))
        & (F.col("_first_era") <= F.col("_era"))
        & (F.col("_era") < F.col("_end_era"))
    )
    # Prefixes of one number: the longest is the greatest text. No two are equal, so max_by has no ties.
    return (
        candidates.join(prefixes, is_match, "inner")
        .groupBy("_lead", "_era")
        .agg(
            F.max("destination_prefix").cast("string").alias("destination_prefix"),
            F.max_by("zone", "destination_prefix").cast("string").alias("zone"),
        )
    )
