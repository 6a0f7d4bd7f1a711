"""The guard between layers: what passed may be read, and nothing else."""

from datetime import UTC, datetime

import pytest
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from telecom_cdr.errors import NotCheckedError
from telecom_cdr.lakehouse import verdicts
from telecom_cdr.lakehouse.catalog import MonthVersion
from telecom_cdr.lakehouse.lake import Lake
from telecom_cdr.tables.assurance import RECONCILIATION
from telecom_cdr.tables.model import Table
from telecom_cdr.tables.reports import DAILY_REVENUE

MONTH = "2026-01"
NOW = datetime(2026, 2, 1, tzinfo=UTC)


def stages(lake: Lake, count: int) -> DataFrame:
    quantity = [F.lit("1").cast("decimal(38,6)").alias(n) for n in ("quantity_in", "quantity_out", "difference")]
    return lake.session.range(count).select(
        F.col("id").cast("string").alias("stage"), F.lit("records").alias("measure"), *quantity,
        F.lit(MONTH).alias("billing_month"),
    )  # fmt: skip


def days(lake: Lake) -> DataFrame:
    return lake.session.range(1).select(
        F.lit("2026-01-05").cast("date").alias("usage_date"),
        F.lit("voice").alias("service_type"),
        F.lit(1).cast("bigint").alias("event_count"),
        F.lit(0).cast("bigint").alias("unrated_count"),
        F.lit("1").cast("decimal(28,6)").alias("charge_amount"),
        F.lit("MAD").alias("currency"),
        F.lit(MONTH).alias("billing_month"),
    )


def passed(lake: Lake, version: MonthVersion, *, is_passed: bool = True) -> None:
    verdicts.record(lake.catalog, [verdicts.Verdict(version, "schema", is_passed, {"rows": 1})], now=NOW)


def require(lake: Lake) -> dict[Table, MonthVersion]:
    return verdicts.require(lake.catalog, {RECONCILIATION: ("schema",)}, MONTH)


def test_a_month_that_passed_is_read_at_the_version_that_passed(lake: Lake) -> None:
    version = lake.replace_month(RECONCILIATION, MONTH, stages(lake, 3), write_id="a")
    passed(lake, version)
    assert require(lake)[RECONCILIATION].fingerprint == version.fingerprint


def test_a_month_without_a_verdict_is_refused(lake: Lake) -> None:
    lake.replace_month(RECONCILIATION, MONTH, stages(lake, 3), write_id="a")
    with pytest.raises(NotCheckedError, match="assurance/reconciliation of 2026-01 has no pass of schema"):
        require(lake)


def test_a_month_that_failed_is_refused_with_its_figures(lake: Lake) -> None:
    passed(lake, lake.replace_month(RECONCILIATION, MONTH, stages(lake, 3), write_id="a"), is_passed=False)
    with pytest.raises(NotCheckedError, match=r'failed schema: \{"rows": 1\}'):
        require(lake)


def test_a_row_added_behind_the_systems_back_takes_the_pass_away(lake: Lake) -> None:
    passed(lake, lake.replace_month(RECONCILIATION, MONTH, stages(lake, 3), write_id="a"))
    lake.catalog.append(RECONCILIATION, lake.catalog.read(RECONCILIATION, MONTH).slice(0, 1))
    with pytest.raises(NotCheckedError, match="has no pass"):
        require(lake)


def test_a_later_pass_of_the_same_content_counts(lake: Lake) -> None:
    version = lake.replace_month(RECONCILIATION, MONTH, stages(lake, 3), write_id="a")
    passed(lake, version, is_passed=False)
    verdicts.record(lake.catalog, [verdicts.Verdict(version, "schema", True, {})], now=datetime(2026, 2, 2, tzinfo=UTC))
    assert require(lake)[RECONCILIATION].record_count == 3


def test_tables_of_different_writes_are_refused_together(lake: Lake) -> None:
    passed(lake, lake.replace_month(RECONCILIATION, MONTH, stages(lake, 3), write_id="a"))
    passed(lake, lake.replace_month(DAILY_REVENUE, MONTH, days(lake), write_id="b"))
    with pytest.raises(NotCheckedError, match="come from different writes"):
        verdicts.require(lake.catalog, {RECONCILIATION: ("schema",), DAILY_REVENUE: ("schema",)}, MONTH)


def test_an_empty_month_belongs_to_any_write(lake: Lake) -> None:
    passed(lake, lake.replace_month(RECONCILIATION, MONTH, stages(lake, 0), write_id="a"))
    passed(lake, lake.replace_month(DAILY_REVENUE, MONTH, days(lake), write_id="b"))
    assert verdicts.require(lake.catalog, {RECONCILIATION: ("schema",), DAILY_REVENUE: ("schema",)}, MONTH)
