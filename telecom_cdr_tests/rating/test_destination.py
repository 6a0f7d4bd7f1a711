"""Destinations at home: the longest prefix valid on the day."""

from collections.abc import Callable
from datetime import date, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from telecom_cdr.rating.destination import DestinationFacts, destination_facts, with_destination
from telecom_cdr_tests.rating.looked_up import DAY, Row, added, data, table

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

DESTINATIONS: list[dict[str, Any]] = [
    {"prefix": "1", "zone": "NORTH_AMERICA", "country_code": "1"},
    {"prefix": "1002", "zone": "NEAR", "country_code": "1"},
    {"prefix": "212", "zone": "MA", "country_code": "212"},
    {"prefix": "212662", "zone": "INWI", "country_code": "212", "valid_to": date(2026, 1, 20)},
    {"prefix": "212662", "zone": "INWI_NEW", "country_code": "212", "valid_from": date(2026, 1, 25)},
    {"prefix": "2126620000", "zone": "VERY_LONG", "country_code": "212", "valid_from": date(2026, 2, 1)},
    {"prefix": "21266200", "zone": "LONG", "country_code": "212", "valid_from": date(2026, 1, 28)},
    {"prefix": "150", "zone": "POLICE", "country_code": "SHORT"},
    {"prefix": "1502", "zone": "OTHER_SHORT", "country_code": "SHORT"},
    {"prefix": "20801", "zone": "NETWORK", "country_code": "PLMN"},
    {"prefix": "44", "zone": "UK", "country_code": None, "valid_from": None},
]
CASES = [
    # called, short code, day, zone, prefix
    ("10021234567", False, DAY, "NEAR", "1002"),
    ("10031234567", False, DAY, "NORTH_AMERICA", "1"),
    ("212522000000", False, DAY, "MA", "212"),
    ("212662000009", False, DAY, "INWI", "212662"),
    ("212662000009", False, date(2026, 1, 19), "INWI", "212662"),
    # Half-open: the day that ends a destination is not its own.
    ("212662000009", False, date(2026, 1, 20), "MA", "212"),
    ("212662000009", False, date(2026, 1, 24), "MA", "212"),
    ("212662000009", False, date(2026, 1, 25), "INWI_NEW", "212662"),
    # Longer than what is looked up once for many numbers.
    ("212662000009", False, date(2026, 1, 28), "LONG", "21266200"),
    ("212662000009", False, date(2026, 2, 1), "VERY_LONG", "2126620000"),
    ("212662000", False, date(2026, 2, 1), "LONG", "21266200"),
    ("212662010009", False, date(2026, 2, 1), "INWI_NEW", "212662"),
    ("21266", False, DAY, "MA", "212"),
    ("33612345678", False, DAY, None, None),
    # A short code is matched whole, and never by prefixes of ordinary numbers; nor the other way round.
    ("150", True, DAY, "POLICE", "150"),
    ("1502", True, DAY, "OTHER_SHORT", "1502"),
    ("15021", True, DAY, None, None),
    ("100", True, DAY, None, None),
    ("212", True, DAY, None, None),
    ("1502000000", False, DAY, "NORTH_AMERICA", "1"),
    # A network is no beginning of a number.
    ("20801234567", False, DAY, None, None),
    # No country and no first day: an ordinary prefix since ever.
    ("447700900000", False, DAY, "UK", "44"),
]


def _placed(engine: "SparkSession", destinations: list[Row]) -> Callable[["DataFrame"], "DataFrame"]:
    facts = destination_facts([{"valid_from": None, "valid_to": None, **row} for row in destinations])
    frame = table(engine, "destinations", *destinations)
    return lambda events: with_destination(events, frame, facts)


def _found(engine: "SparkSession", destinations: list[Row], events: list[Row]) -> list[tuple[Any, ...]]:
    return added(engine, _placed(engine, destinations), events, "zone", "destination_prefix")


def test_the_longest_prefix_valid_on_the_day_wins(each_engine: "SparkSession") -> None:
    events = [
        {"called_number": called, "is_short_code": is_short, "tariff_date": day} for called, is_short, day, *_ in CASES
    ]
    assert _found(each_engine, DESTINATIONS, events) == [(zone, prefix) for *_, zone, prefix in CASES]


@pytest.mark.parametrize(
    "destinations",
    [[], [{"prefix": "150", "zone": "POLICE", "country_code": "SHORT"}], [{**DESTINATIONS[5], "valid_from": None}]],
    ids=["no destinations", "short codes only", "long prefixes only"],
)
def test_a_number_that_no_prefix_begins_has_no_destination(engine: "SparkSession", destinations: list[Row]) -> None:
    assert _found(engine, destinations, [{"called_number": "212661000009"}]) == [(None, None)]


def test_data_at_home_has_no_destination(engine: "SparkSession") -> None:
    assert _found(engine, DESTINATIONS, [data()]) == [(None, None)]


@pytest.mark.parametrize("prefix", ["212", "212662000"])
def test_overlapping_destinations_do_not_double_an_event(engine: "SparkSession", prefix: str) -> None:
    doubled: list[Row] = [
        {"prefix": prefix, "zone": "OLD", "country_code": "212"},
        {"prefix": prefix, "zone": "NEW", "country_code": "212", "valid_from": date(2026, 1, 10)},
    ]
    assert _found(engine, doubled, [{}]) == [("NEW", prefix)]


def _random_destinations(random: Random) -> list[Row]:
    """Prefixes that begin each other, each valid over a few ranges of days."""
    prefixes = {"".join(random.choices("12", k=random.randint(1, 10))) for _ in range(120)}
    found: list[Row] = []
    for prefix in sorted(prefixes):
        days = sorted(random.sample(range(40), random.choice((2, 2, 4))))
        for begins, ends in zip(days[::2], days[1::2], strict=True):
            found.append(
                {
                    "prefix": prefix,
                    "zone": f"Z{len(found)}",
                    "country_code": "1",
                    "valid_from": None if random.random() < 0.3 and begins == days[0] else DAY + timedelta(days=begins),
                    "valid_to": None if random.random() < 0.3 and ends == days[-1] else DAY + timedelta(days=ends),
                }
            )
    return found


def _by_hand(destinations: list[Row], number: str, day: date) -> tuple[str | None, str | None]:
    valid = [
        row
        for row in destinations
        if number.startswith(row["prefix"]) and (row["valid_from"] or date.min) <= day < (row["valid_to"] or date.max)
    ]
    best = max(valid, key=lambda row: len(row["prefix"]), default=None)
    return (best["zone"], best["prefix"]) if best else (None, None)


@pytest.mark.parametrize("seed", range(3))
def test_random_prefixes_are_found_as_by_hand(engine: "SparkSession", seed: int) -> None:
    random = Random(seed)
    destinations = _random_destinations(random)
    numbers = ["".join(random.choices("12", k=random.randint(3, 12))) for _ in range(300)]
    days = [DAY + timedelta(days=random.randrange(-2, 42)) for _ in numbers]
    events = [{"called_number": number, "tariff_date": day} for number, day in zip(numbers, days, strict=True)]
    expected = [_by_hand(destinations, number, day) for number, day in zip(numbers, days, strict=True)]
    assert _found(engine, destinations, events) == expected
    assert len({zone for zone, _ in expected}) > 30


def test_the_facts_say_which_look_ups_there_are() -> None:
    facts = destination_facts({"valid_from": None, "valid_to": None, **row} for row in DESTINATIONS)
    assert facts == DestinationFacts(
        prefix_lengths=(1, 2, 3, 4, 6, 8, 10),
        network_lengths=(5,),
        has_short_codes=True,
        has_repeated_prefixes=True,
        # The days of longer prefixes are compared where those are looked up.
        days=(date(2026, 1, 20), date(2026, 1, 25)),
    )
    assert (facts.head_lengths, facts.long_lengths) == ((1, 2, 3, 4, 6), (10, 8))
    assert not destination_facts([{**DESTINATIONS[7], "valid_from": None, "valid_to": None}]).has_repeated_prefixes
