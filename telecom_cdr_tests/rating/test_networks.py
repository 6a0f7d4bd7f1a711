"""Zones abroad: of the serving network, else of its country."""

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from telecom_cdr.rating.destination import destination_facts, with_destination
from telecom_cdr_tests.rating.looked_up import DAY, Row, abroad, added, data, table

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

DESTINATIONS: list[dict[str, Any]] = [
    {"prefix": "33", "zone": "FRANCE", "country_code": "33"},
    {"prefix": "336", "zone": "FRANCE_MOBILE", "country_code": "33"},
    {"prefix": "208", "zone": "FRANCE_ROAMING", "country_code": "PLMN", "valid_from": date(2026, 1, 10)},
    {"prefix": "20801", "zone": "ORANGE_FR", "country_code": "PLMN", "valid_to": date(2026, 1, 20)},
    {"prefix": "34", "zone": "SPAIN", "country_code": "34"},
    {"prefix": "1", "zone": "NORTH_AMERICA", "country_code": "1"},
    {"prefix": "1876", "zone": "JAMAICA", "country_code": "1"},
    {"prefix": "7", "zone": "RUSSIA", "country_code": "7", "valid_to": date(2026, 1, 20)},
    {"prefix": "7", "zone": "RUSSIA_NEW", "country_code": "7", "valid_from": date(2026, 1, 20)},
    {"prefix": "772", "zone": "ALMATY", "country_code": "7"},
    {"prefix": "310410", "zone": "ATT", "country_code": "PLMN"},
    {"prefix": "214", "zone": "HELP", "country_code": "SHORT"},
    {"prefix": "604", "zone": "NEVER", "country_code": "PLMN"},
]
CASES = [
    # network, day, zone, prefix
    ("20801", DAY, "ORANGE_FR", "20801"),
    ("208011", DAY, "ORANGE_FR", "20801"),
    ("20810", DAY, "FRANCE_ROAMING", "208"),
    ("208", DAY, "FRANCE_ROAMING", "208"),
    ("20801", date(2026, 1, 20), "FRANCE_ROAMING", "208"),
    # Before the rows of networks begin, the country decides, by its code and not by a longer prefix.
    ("20810", date(2026, 1, 9), "FRANCE", "33"),
    ("21407", DAY, "SPAIN", "34"),
    ("310410", DAY, "ATT", "310410"),
    ("310260", DAY, "NORTH_AMERICA", "1"),
    ("31041", DAY, "NORTH_AMERICA", "1"),
    ("33805", DAY, "JAMAICA", "1876"),
    ("33005", DAY, "NORTH_AMERICA", "1"),
    ("40177", DAY, "RUSSIA", "7"),
    ("25001", date(2026, 1, 20), "RUSSIA_NEW", "7"),
    # A country without a destination, a code without a country, and what is no network.
    ("26201", DAY, None, None),
    ("90112", DAY, None, None),
    ("abc", DAY, None, None),
    ("208abc", DAY, None, None),
    ("33", DAY, None, None),
    ("2080123", DAY, None, None),
    ("", DAY, None, None),
]


def _found(engine: "SparkSession", destinations: list[Row], events: list[Row]) -> list[tuple[Any, ...]]:
    facts = destination_facts([{"valid_from": None, "valid_to": None, **row} for row in destinations])
    frame = table(engine, "destinations", *destinations)
    return added(engine, lambda found: with_destination(found, frame, facts), events, "zone", "destination_prefix")


def test_a_network_has_its_own_zone_before_that_of_its_country(each_engine: "SparkSession") -> None:
    events = [abroad(network, tariff_date=day) for network, day, *_ in CASES]
    assert _found(each_engine, DESTINATIONS, events) == [(zone, prefix) for *_, zone, prefix in CASES]


@pytest.mark.parametrize(
    "event",
    [
        data(**abroad("21407", traffic_class=None)),
        abroad("21407", service_type="sms"),
        abroad("21407", called_number="336123456789"),
        abroad("21407", called_number="214", is_short_code=True),
    ],
    ids=["data", "sms", "a call elsewhere", "a short code"],
)
def test_whatever_was_done_abroad_the_serving_country_decides(engine: "SparkSession", event: Row) -> None:
    assert _found(engine, DESTINATIONS, [event]) == [("SPAIN", "34")]


def test_a_network_at_home_is_not_asked(engine: "SparkSession") -> None:
    event = {"is_roaming": False, "serving_plmn": "60401", "called_number": "34600000000"}
    assert _found(engine, DESTINATIONS, [event]) == [("SPAIN", "34")]


def test_prefixes_of_networks_may_stand_alone(engine: "SparkSession") -> None:
    alone = [row for row in DESTINATIONS if row["country_code"] == "PLMN"]
    events = [abroad("20801"), abroad("21407"), {"called_number": "208012345678"}]
    assert _found(engine, alone, events) == [("ORANGE_FR", "20801"), (None, None), (None, None)]
