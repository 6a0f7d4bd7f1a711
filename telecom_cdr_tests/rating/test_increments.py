"""Increments: usage into billed units."""

from typing import TYPE_CHECKING

import pytest

from telecom_cdr_tests.table_rows import rows

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

CASES = [
    (0, 60, 20, 0),
    (1, 60, 20, 60),
    (60, 60, 20, 60),
    (61, 60, 20, 80),
    (80, 60, 20, 80),
    (81, 60, 20, 100),
    (32, 30, 6, 36),
    (57, 30, 6, 60),
    (75, 30, 6, 78),
    (7, 1, 1, 7),
    (5, 1, 10, 11),
    (86_400, 60, 60, 86_400),
    (999_999_999_999, 1_048_576, 1_048_576, 1_000_000_716_800),
]


def test_started_increments_are_billed_whole(engine: "SparkSession") -> None:
    from telecom_cdr.rating.increments import apply_increments

    usage = engine.createDataFrame(
        [(*case[:3], None) for case in CASES],
        "usage_units bigint, first_increment bigint, next_increment bigint, session_units_before bigint",
    )
    billed = {
        (row["usage_units"], row["first_increment"], row["next_increment"]): row["billed_units"]
        for row in rows(apply_increments(usage))
    }
    assert billed == {case[:3]: case[3] for case in CASES}


@pytest.mark.parametrize("increments", [(None, 1), (1, None), (None, None)])
def test_without_a_rate_nothing_is_billed(engine: "SparkSession", increments: tuple[int | None, int | None]) -> None:
    from telecom_cdr.rating.increments import apply_increments

    usage = engine.createDataFrame(
        [(10, *increments, None)],
        "usage_units bigint, first_increment bigint, next_increment bigint, session_units_before bigint",
    )
    assert rows(apply_increments(usage))[0]["billed_units"] is None
