"""Cells and regions."""

import pytest

from telecom_cdr.facts.profiles import DATA_BY_HOUR, MESSAGING_BY_HOUR, TECHNOLOGY_SHARES
from telecom_cdr.facts.regions import POPULATION_BY_REGION, REGION_BY_CITY, region_of_cell


@pytest.mark.parametrize(
    ("cell_id", "region"),
    [
        ("CASABLANCA_07", "Casablanca-Settat"),
        ("ELJADIDA_1", "Casablanca-Settat"),
        ("ATLANTIS_01", "UNKNOWN"),
        ("CASABLANCA", "UNKNOWN"),
        ("", "UNKNOWN"),
        (None, "UNKNOWN"),
    ],
)
def test_a_cell_stands_in_the_region_of_its_city(cell_id: str | None, region: str) -> None:
    assert region_of_cell(cell_id) == region


def test_every_region_has_a_city() -> None:
    assert set(REGION_BY_CITY.values()) == set(POPULATION_BY_REGION)


def test_the_census_adds_up() -> None:
    assert sum(POPULATION_BY_REGION.values()) == 36_828_330


@pytest.mark.parametrize("profile", [MESSAGING_BY_HOUR, DATA_BY_HOUR])
def test_a_day_has_24_hours_and_about_100_percent(profile: tuple[float, ...]) -> None:
    assert len(profile) == 24
    assert sum(profile) == pytest.approx(100, abs=0.2)


def test_technologies_add_to_100_percent() -> None:
    assert sum(TECHNOLOGY_SHARES.values()) == 100
