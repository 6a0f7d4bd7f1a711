"""Where an event is priced: the longest destination prefix valid on the day, and its zone.

At home that of the called number; abroad that of the serving network, else of its country (`roaming`). Numbers
differ, their leading digits hardly do: short prefixes are looked up once for each distinct run of leading digits.
Longer ones are as distinct as the numbers, and are looked up in each.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from telecom_cdr.expressions import coalesce, is_true, text
from telecom_cdr.rating.hold import Hold, as_it_is
from telecom_cdr.rating.networks import NETWORK_MARK, country_prefixes, network_keys
from telecom_cdr.rating.validity import join_valid, without_overlap
from telecom_cdr.vocabulary import NETWORK_COUNTRY, SHORT_CODE_COUNTRY

# Marks a short code, so that it never matches a prefix of ordinary numbers, nor the other way round.
_SHORT_MARK: Final = "#"
# Digits that tell apart the ranges of a country, not its subscribers: a month has thousands of such runs, not millions.
_HEAD_LENGTH: Final = 6


@dataclass(frozen=True)
class DestinationFacts:
    """What shapes the look-up: the lengths of prefixes, whether one has several rows, and the days on which one that is
    looked up by heads starts or ends.
    """

    prefix_lengths: tuple[int, ...] = ()
    network_lengths: tuple[int, ...] = ()
    has_short_codes: bool = False
    has_repeated_prefixes: bool = False
    days: tuple[date, ...] = ()

    @property
    def head_lengths(self) -> tuple[int, ...]:
        """Lengths of prefixes that are looked up once for each run of leading digits."""
        return tuple(length for length in self.prefix_lengths if length <= _HEAD_LENGTH)

    @property
    def long_lengths(self) -> tuple[int, ...]:
        """Lengths of prefixes that are looked up in each number, the longest first."""
        return tuple(length for length in reversed(self.prefix_lengths) if length > _HEAD_LENGTH)


def destination_facts(rows: Iterable[Mapping[str, object]]) -> DestinationFacts:
    """The facts of rows with `prefix`, `country_code`, `valid_from` and `valid_to`; all rows of the table."""
    lengths: dict[object, set[int]] = {NETWORK_COUNTRY: set(), SHORT_CODE_COUNTRY: set(), None: set()}
    days: set[object] = set()
    known: set[tuple[object, object]] = set()
    row_count = 0
    for row in rows:
        length, country = len(str(row["prefix"])), row["country_code"]
        kind = country if country in lengths else None
        lengths[kind].add(length)
        known.add((kind, row["prefix"]))
        row_count += 1
        if kind or length <= _HEAD_LENGTH:
            days.update((row["valid_from"], row["valid_to"]))
    return DestinationFacts(
        prefix_lengths=tuple(sorted(lengths[None])),
        network_lengths=tuple(sorted(lengths[NETWORK_COUNTRY])),
        has_short_codes=bool(lengths[SHORT_CODE_COUNTRY]),
        has_repeated_prefixes=len(known) < row_count,
        days=tuple(sorted(day for day in days if isinstance(day, date))),
    )


def with_destination(
    events: DataFrame, destinations: DataFrame, facts: DestinationFacts, hold: Hold = as_it_is
) -> DataFrame:
    """Add `zone` and `destination_prefix` of the event on its `tariff_date`; null when nothing matches.

    Short codes match destinations of country code SHORT, whole; other numbers match the others, longest prefix first.
    Events served abroad match by their network, whatever was called: country code PLMN, longest first, else the
    destination of the country's calling code.
    """
    if not (facts.prefix_lengths or facts.network_lengths or facts.has_short_codes):
        return events.withColumns({"zone": text(None), "destination_prefix": text(None)})
    called, is_roaming = F.col("called_number"), is_true(F.col("is_roaming"))
    is_short = is_true(F.col("is_short_code"))
    lead = (
        F.when(is_roaming, F.concat(text(NETWORK_MARK), F.col("serving_plmn")))
        .when(is_short, F.concat(text(_SHORT_MARK), called))
        .otherwise(F.substring(called, 1, _HEAD_LENGTH))
    )
    placed = events.withColumns({"_lead": lead.cast("string"), "_era": _era(F.col("tariff_date"), facts.days)})
    leads = placed.where(F.col("_lead").isNotNull()).select("_lead", "_era").distinct()
    best = hold(_best(leads, _prefixes(destinations, facts), facts))
    found = placed.join(best, ["_lead", "_era"], "left").drop("_lead", "_era")
    return _with_long_prefixes(found, destinations, facts, F.when(~is_roaming & ~is_short, called))


def _with_long_prefixes(
    events: DataFrame, destinations: DataFrame, facts: DestinationFacts, number: Column
) -> DataFrame:
    """Let prefixes longer than a head replace what the head found. Null numbers match nothing."""
    if not facts.long_lengths:
        return events
    is_ordinary = ~is_true(F.col("country_code").isin(SHORT_CODE_COUNTRY, NETWORK_COUNTRY))
    for length in facts.long_lengths:
        key = f"_key_{length}"
        of_length = destinations.where(is_ordinary & (F.length("prefix") == F.lit(length)))
        long = _apart(of_length, "prefix", facts).select(
            F.col("prefix").alias(key), F.col("zone").alias(f"_zone_{length}"), "valid_from", "valid_to"
        )
        leading = F.when(F.length(number) >= F.lit(length), F.substring(number, 1, length))
        events = join_valid(events.withColumn(key, leading.cast("string")), long, [key], day="tariff_date")
    zones = [F.col(f"_zone_{length}") for length in facts.long_lengths]
    prefixes = [F.when(F.col(f"_zone_{length}").isNotNull(), F.col(f"_key_{length}")) for length in facts.long_lengths]
    return events.withColumns(
        {
            "zone": coalesce("string", *zones, F.col("zone")),
            "destination_prefix": coalesce("string", *prefixes, F.col("destination_prefix")),
        }
    ).drop(*(f"{kind}_{length}" for length in facts.long_lengths for kind in ("_key", "_zone")))


def _apart(dated: DataFrame, key: str, facts: DestinationFacts) -> DataFrame:
    """Rows of one key do not overlap; the window that sees to it is spared where no prefix has two rows."""
    return without_overlap(dated, [key], ["zone"]) if facts.has_repeated_prefixes else dated


def _era(day: Column, days: tuple[date, ...]) -> Column:
    """Number of the stretch of days in which no destination starts or ends; events are mostly in the last ones."""
    numbers = F.when(day.isNull(), F.lit(None).cast("int"))
    for number in range(len(days), 0, -1):
        numbers = numbers.when(day >= F.lit(days[number - 1]), F.lit(number).cast("int"))
    return numbers.otherwise(F.lit(0).cast("int")).cast("int")


def _prefixes(destinations: DataFrame, facts: DestinationFacts) -> DataFrame:
    """One row for each key that a lead may have, destination that the key matches, and range of eras.

    `_rank` is greater for the destination wanted where one lead matches several.
    """
    country, prefix = F.col("country_code"), F.col("prefix")
    is_short = is_true(country == text(SHORT_CODE_COUNTRY))
    is_network = is_true(country == text(NETWORK_COUNTRY))
    is_head = F.length(prefix) <= F.lit(_HEAD_LENGTH)
    key = (
        F.when(is_short, F.concat(text(_SHORT_MARK), prefix))
        .when(is_network, F.concat(text(NETWORK_MARK), prefix))
        .otherwise(prefix)
    )
    keyed = destinations.where(is_short | is_network | is_head).select(
        key.cast("string").alias("_key"),
        "prefix",
        "zone",
        "valid_from",
        "valid_to",
        (is_short | is_network).alias("_is_marked"),
    )
    never = F.lit(len(facts.days) + 1).cast("int")
    until = F.when(F.col("valid_to").isNull(), never).otherwise(_era(F.col("valid_to"), facts.days))
    own = _apart(keyed, "_key", facts).select(
        "_key",
        F.col("_key").alias("_rank"),
        "prefix",
        "zone",
        F.coalesce(_era(F.col("valid_from"), facts.days), F.lit(0)).cast("int").alias("_first_era"),
        until.cast("int").alias("_end_era"),
        "_is_marked",
    )
    of_countries = country_prefixes(own.where(~F.col("_is_marked")))
    return own.unionByName(of_countries).drop("_is_marked")


def _best(leads: DataFrame, prefixes: DataFrame, facts: DestinationFacts) -> DataFrame:
    """The destination of each lead in each era: the longest prefix, a network's before its country's."""
    lead = F.col("_lead")
    is_short = lead.startswith(text(_SHORT_MARK))
    is_network = lead.startswith(text(NETWORK_MARK))
    of_number = [
        F.when(~is_short & ~is_network & (F.length(lead) >= F.lit(length)), F.substring(lead, 1, length))
        for length in facts.head_lengths
    ]
    keys = (F.when(is_short, lead), *of_number, *network_keys(lead, facts.network_lengths))
    candidates = leads.withColumn("_candidate", F.explode(F.array(*(key.cast("string") for key in keys)))).where(
        F.col("_candidate").isNotNull()
    )
    is_match = (
        (F.col("_candidate") == F.col("_key"))
        & (F.col("_first_era") <= F.col("_era"))
        & (F.col("_era") < F.col("_end_era"))
    )
    # Of two prefixes of one number, the longer is the greater text. No two are equal, so max_by has no ties.
    return (
        candidates.join(prefixes, is_match, "inner")
        .groupBy("_lead", "_era")
        .agg(
            F.max_by("prefix", "_rank").cast("string").alias("destination_prefix"),
            F.max_by("zone", "_rank").cast("string").alias("zone"),
        )
    )
