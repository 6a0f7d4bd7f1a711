"""Twenty thousand random events under random tariffs cost what the exact model says, column by column."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from telecom_cdr.tables.rated import USAGE
from telecom_cdr_tests.beside_the_model import ReferenceFrames, assert_same, rated_usage
from telecom_cdr_tests.exact_model import compute, raw_records
from telecom_cdr_tests.exact_model.random_months import WORLDS, World, random_world
from telecom_cdr_tests.table_rows import rows

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_TENANTS = 30
_RECORDS = (190, 230)
_EVENTS = 20_000


def _assert_equal(engine: "SparkSession", world: World, least: int) -> None:
    records = raw_records(world.files, datetime(2026, 11, 23, tzinfo=UTC))
    expected = compute(records, world.reference, months=[world.month])[world.month]
    assert len(expected.rated) >= least
    assert_same(USAGE, rows(rated_usage(engine, ReferenceFrames.of(engine, world.reference), expected)), expected.rated)


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "month"), [(200 + seed, month) for seed, month in WORLDS])
def test_charges_equal_the_model(engine: "SparkSession", seed: int, month: str) -> None:
    _assert_equal(engine, random_world(seed, month, _TENANTS, _RECORDS), _EVENTS // len(WORLDS))


@pytest.mark.slow
def test_charges_of_spark_equal_the_model(spark: "SparkSession") -> None:
    _assert_equal(spark, random_world(300, "2026-02", tenants=6), 100)
