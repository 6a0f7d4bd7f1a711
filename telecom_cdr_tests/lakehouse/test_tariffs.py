"""What of the reference tables books are made of: fewer rows, the same books."""

from datetime import date
from random import Random
from typing import Any

import pyarrow as pa
import pytest

from telecom_cdr.lakehouse.tariffs import telling
from telecom_cdr.rating.destination import destination_facts
from telecom_cdr.tables.reference import DESTINATIONS

DAYS = (None, None, date(2026, 1, 1), date(2026, 2, 1))


def table(rows: list[dict[str, Any]]) -> pa.Table:
    """Rows of destinations, of their columns that facts are made of."""
    names = ("prefix", "country_code", "valid_from", "valid_to")
    return pa.Table.from_pylist(rows, pa.schema([DESTINATIONS.arrow_schema.field(name) for name in names]))


@pytest.mark.parametrize("digits", [2, 3, 9])
def test_few_destinations_say_what_all_of_them_say(digits: int) -> None:
    random = Random(digits)
    rows = [
        {
            "prefix": str(random.randrange(10 ** random.randrange(1, digits + 1))),
            "country_code": random.choice(("1", "33", "212", "SHORT", "PLMN")),
            "valid_from": random.choice(DAYS),
            "valid_to": random.choice(DAYS),
        }
        for _ in range(3000 if digits == 9 else 20)
    ]
    few = telling(table(rows)).to_pylist()
    assert destination_facts(few) == destination_facts(rows)
    assert digits < 9 or len(few) < len(rows)


def test_a_prefix_that_stands_more_than_once_is_told() -> None:
    twice = [{"prefix": "33", "country_code": "33", "valid_from": None, "valid_to": day} for day in DAYS[2:]]
    assert destination_facts(telling(table(twice)).to_pylist()).has_repeated_prefixes
    assert not destination_facts(telling(table(twice[:1])).to_pylist()).has_repeated_prefixes
    assert telling(table([])).num_rows == 0
