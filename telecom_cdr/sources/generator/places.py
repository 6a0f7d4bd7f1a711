"""Where events happen: cities by population, and the cells of a city."""

from typing import Final

import numpy as np

from telecom_cdr.facts.regions import POPULATION_BY_REGION, REGION_BY_CITY
from telecom_cdr.sources.generator.calendar import Floats, Ints

CELLS_A_CITY: Final = 40
_AT_HOME: Final = 0.85  # Share of events in the home city.
_IN_HOME_CELL: Final = 0.5  # Share of those in the home cell.

# The largest city of each region that has several; it takes half of the region, the next a quarter, and so on.
_LARGEST: Final = ("CASABLANCA", "FES", "TANGER", "MARRAKECH", "RABAT", "OUJDA", "ERRACHIDIA")
_BY_REGION: Final = {
    region: [city for city in dict.fromkeys((*_LARGEST, *REGION_BY_CITY)) if REGION_BY_CITY[city] == region]
    for region in POPULATION_BY_REGION
}
_CITIES: Final = tuple(city for cities in _BY_REGION.values() for city in cities)
CELL_IDS: Final = tuple(f"{city}_{cell:02d}" for city in _CITIES for cell in range(1, CELLS_A_CITY + 1))


def _city_edges() -> Floats:
    """Cumulative shares of the cities, so that regions have the shares of the census."""
    weights: list[float] = []
    for region, cities in _BY_REGION.items():
        halves = [0.5**rank for rank in range(len(cities))]
        weights += [POPULATION_BY_REGION[region] * half / sum(halves) for half in halves]
    return np.cumsum(weights) / sum(weights)


_EDGES: Final = _city_edges()


def _city_at(position: Floats) -> Ints:
    return np.minimum(np.searchsorted(_EDGES, position, side="right"), len(_CITIES) - 1).astype(np.int64)


def draw_cells(rng: np.random.Generator, home_position: Floats, subscriber: Ints) -> Ints:
    """Indices into CELL_IDS for events of subscribers who live at a position on the line [0, 1) of all usage.

    The line is cut by population, so events have the regions of the census whatever single subscribers use.
    """
    count = len(home_position)
    is_at_home = rng.random(count) < _AT_HOME
    city = np.where(is_at_home, _city_at(home_position), _city_at(rng.random(count)))
    is_in_home_cell = is_at_home & (rng.random(count) < _IN_HOME_CELL)
    cell = np.where(is_in_home_cell, subscriber * 7 % CELLS_A_CITY, rng.integers(0, CELLS_A_CITY, count))
    return city * CELLS_A_CITY + cell
