"""The tariff of some events, as frames of a session: reference tables, zone rules and events brought together.

Here: the one way from reference tables to a `Tariff`, for the lake as for a simulation. Not here: reading either.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc

from telecom_cdr.lakehouse.values import held, values
from telecom_cdr.rating.bands import ZoneOffset
from telecom_cdr.rating.sessions import EventFacts, event_facts
from telecom_cdr.rating.tariff import Tariff, tariff_books
from telecom_cdr.sources.local_time import DAY, SECOND, zone_rules

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


# Of the tables with many rows, what books are made of: a tariff may have destinations by the hundred thousand.
_ASKED: Final = {
    "destinations": ["prefix", "country_code", "valid_from", "valid_to"],
    "subscriptions": ["msisdn", "customer_id", "plan_code", "status", "valid_from", "valid_to"],
}


@dataclass(frozen=True)
class Market:
    """What of the settings rating depends on."""

    timezone: str
    home_operator: str


def tariff_of(
    session: "SparkSession",
    events: "DataFrame",
    frames: Mapping[str, "DataFrame"],
    tables: Mapping[str, pa.Table],
    market: Market,
    reference_version: int,
) -> Tariff:
    """The tariff for `usage_events`, from the reference tables by name: as frames, and the same rows in memory.

    Raises UnsupportedTariffError for a tariff that asks for what cannot be rated exactly.
    """
    facts = EventFacts.of(event_facts(events).toArrow().to_pylist())
    books = tariff_books(
        lambda name: _asked(name, tables[name]).to_pylist(),
        facts,
        lambda first, last: zone_offsets(market.timezone, first, last),
        has_ported_numbers=tables["number_portability"].num_rows > 0,
    )
    return Tariff.of(
        books,
        frames,
        lambda book, rows: values(session, pa.Table.from_pylist(list(rows), book.arrow_schema)),
        home_operator=market.home_operator,
        reference_version=reference_version,
        hold=lambda rows: held(session, rows),
    )


def _asked(name: str, rows: pa.Table) -> pa.Table:
    """The rows and columns of a reference table that books are made of."""
    asked = rows.select(_ASKED.get(name, rows.column_names))
    return telling(asked) if name == "destinations" else asked


def telling(destinations: pa.Table) -> pa.Table:
    """The destinations that say everything about all: one of each length, country and validity, and all with twins."""
    numbered = destinations.append_column("length", pc.utf8_length(destinations["prefix"])).append_column(
        "row", pa.array(range(destinations.num_rows), pa.int64())
    )
    kinds = numbered.group_by(["length", "country_code", "valid_from", "valid_to"]).aggregate([("row", "min")])
    prefixes = numbered.group_by("prefix").aggregate([("row", "min"), ("row", "max")])
    twins = prefixes.filter(pc.not_equal(prefixes["row_min"], prefixes["row_max"]))
    chosen = pa.chunked_array(
        [*kinds["row_min"].chunks, *twins["row_min"].chunks, *twins["row_max"].chunks], pa.int64()
    )
    return destinations.take(pc.unique(chosen))


def zone_offsets(timezone: str, first: date, last: date) -> Sequence[ZoneOffset]:
    """The offsets of a zone around the days of UTC, by the pinned zone rules."""
    rules = zone_rules(timezone)
    begins = _second(first) * SECOND - 2 * DAY
    ends = _second(last) * SECOND + 4 * DAY
    place = bisect_right(rules.utc_from, begins) - 1
    end = bisect_right(rules.utc_from, ends)
    pairs = zip(rules.utc_from[place:end].tolist(), rules.utc_offset[place:end].tolist(), strict=True)
    return [ZoneOffset(since // SECOND, offset) for since, offset in pairs]


def _second(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
