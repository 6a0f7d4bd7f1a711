"""The one writer and its guards, on real Delta tables, on each engine.

Engines differ in what they do with a wrong row, type or option (`engines.capabilities.DIFFERENCES`); the lake does not.
"""

import datetime
import multiprocessing
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from telecom_cdr.errors import LakeError
from telecom_cdr.lakehouse.catalog import MARKER, Catalog
from telecom_cdr.lakehouse.engine import open_session
from telecom_cdr.lakehouse.lake import Lake
from telecom_cdr.lakehouse.values import held
from telecom_cdr.tables.assurance import RECONCILIATION
from telecom_cdr.tables.invoices import BILLING_PERIODS


@pytest.fixture
def lake(each_engine: SparkSession, tmp_path: Path) -> Lake:
    """An empty lake with the tables that these tests write."""
    catalog = Catalog(tmp_path / "lake")
    catalog.create_tables([RECONCILIATION, BILLING_PERIODS])
    (catalog.root / MARKER).touch()
    return Lake(catalog, each_engine)


def rows_of(session: SparkSession, month: str, count: int) -> DataFrame:
    quantity = [F.lit("1").cast("decimal(38,6)").alias(n) for n in ("quantity_in", "quantity_out", "difference")]
    return session.range(count).select(
        F.concat(F.lit("stage-"), F.col("id").cast("string")).alias("stage"),
        F.lit("records").alias("measure"),
        *quantity,
        F.lit(month).alias("billing_month"),
    )


def counts(lake: Lake) -> dict[str, int]:
    return {month: lake.catalog.month_version(RECONCILIATION, month).record_count for month in ("2026-01", "2026-02")}


def test_a_month_is_replaced_and_the_others_stay(lake: Lake) -> None:
    lake.replace_month(RECONCILIATION, "2026-01", rows_of(lake.session, "2026-01", 3), write_id="a")
    lake.replace_month(RECONCILIATION, "2026-02", rows_of(lake.session, "2026-02", 4), write_id="a")
    lake.replace_month(RECONCILIATION, "2026-01", rows_of(lake.session, "2026-01", 2), write_id="b")
    assert counts(lake) == {"2026-01": 2, "2026-02": 4}


def test_a_month_without_rows_empties_the_partition(lake: Lake) -> None:
    lake.replace_month(RECONCILIATION, "2026-01", rows_of(lake.session, "2026-01", 3), write_id="a")
    version = lake.replace_month(RECONCILIATION, "2026-01", rows_of(lake.session, "2026-01", 0), write_id="b")
    assert version.record_count == 0
    assert version.write_id == "b"


def test_a_row_of_another_month_stops_the_write_before_its_commit(lake: Lake) -> None:
    before = lake.catalog.delta(RECONCILIATION).version()
    with pytest.raises(Exception, match="billing month 2026-02 in 2026-01"):
        lake.replace_month(RECONCILIATION, "2026-01", rows_of(lake.session, "2026-02", 1), write_id="a")
    assert lake.catalog.delta(RECONCILIATION).version() == before


def _without_stage(rows: DataFrame) -> DataFrame:
    return rows.drop("stage")


def _with_surplus(rows: DataFrame) -> DataFrame:
    return rows.withColumn("surplus", F.lit(1))


@pytest.mark.parametrize(
    ("spoil", "named"),
    [
        (_without_stage, "missing ['stage']"),
        (_with_surplus, "unknown ['surplus']"),
    ],
)
def test_other_columns_than_the_declared_are_refused(
    lake: Lake, spoil: Callable[[DataFrame], DataFrame], named: str
) -> None:
    with pytest.raises(LakeError) as refused:
        lake.replace_month(RECONCILIATION, "2026-01", spoil(rows_of(lake.session, "2026-01", 1)), write_id="a")
    assert named in str(refused.value)


def test_a_missing_value_in_a_required_column_is_refused(lake: Lake) -> None:
    rows = rows_of(lake.session, "2026-01", 1).withColumn("stage", F.lit(None).cast("string"))
    with pytest.raises(Exception, match="no stage"):
        lake.replace_month(RECONCILIATION, "2026-01", rows, write_id="a")


def test_a_missing_value_in_a_row_that_is_filtered_out_is_no_fault(lake: Lake) -> None:
    rows = rows_of(lake.session, "2026-01", 4).withColumn(
        "stage", F.when(F.col("stage") != "stage-0", F.col("stage")).otherwise(F.lit(None).cast("string"))
    )
    lake.replace_month(RECONCILIATION, "2026-02", rows_of(lake.session, "2026-02", 4), write_id="a")
    stored = rows.union(lake.frame(RECONCILIATION, "2026-02").withColumn("billing_month", F.lit("2026-01")))
    version = lake.replace_month(RECONCILIATION, "2026-01", stored.where(F.col("stage").isNotNull()), write_id="b")
    assert version.record_count == 7


def test_a_closed_month_is_never_written_again(lake: Lake) -> None:
    period = {
        column.name: {"string": "x", "bigint": 0, "decimal(28,6)": 0}.get(column.type.sql)
        for column in BILLING_PERIODS.columns
    }
    now = datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC)
    closed = period | {"state": "closed", "changed_utc": now, "billing_month": "2026-01"}
    lake.catalog.append(BILLING_PERIODS, pa.Table.from_pylist([closed], schema=BILLING_PERIODS.arrow_schema))
    with pytest.raises(LakeError, match="2026-01 is closed"):
        lake.replace_month(RECONCILIATION, "2026-01", rows_of(lake.session, "2026-01", 1), write_id="a")


def test_the_identity_of_a_month_does_not_change_with_other_months(lake: Lake) -> None:
    first = lake.replace_month(RECONCILIATION, "2026-01", rows_of(lake.session, "2026-01", 3), write_id="a")
    lake.replace_month(RECONCILIATION, "2026-02", rows_of(lake.session, "2026-02", 3), write_id="b")
    later = lake.catalog.month_version(RECONCILIATION, "2026-01")
    assert (later.fingerprint, later.write_id) == (first.fingerprint, "a")
    assert later.version > first.version


def test_staged_rows_are_dropped_at_the_end(lake: Lake) -> None:
    rows = rows_of(lake.session, "2026-01", 3)
    with lake.staged(RECONCILIATION, "2026-01", "run", rows) as staged:
        assert staged.count() == 3
        assert sorted(staged.collect()) == sorted(rows.select(*staged.columns).collect())
        assert lake.catalog.staging_path("run").is_dir()
    assert not lake.catalog.staging_path("run").exists()


def test_no_staged_rows_are_read_as_none(lake: Lake) -> None:
    with lake.staged(RECONCILIATION, "2026-01", "run", rows_of(lake.session, "2026-01", 3).limit(0)) as staged:
        assert staged.columns == list(RECONCILIATION.column_names)
        assert staged.toArrow().num_rows == 0


def test_staged_rows_of_another_month_are_refused(lake: Lake) -> None:
    staged = lake.staged(RECONCILIATION, "2026-01", "run", rows_of(lake.session, "2026-02", 1))
    with pytest.raises(PySparkException, match="billing month 2026-02 in 2026-01"):
        staged.__enter__()
    assert not lake.catalog.staging_path("run").exists()


def test_creating_the_tables_again_changes_nothing(lake: Lake) -> None:
    lake.replace_month(RECONCILIATION, "2026-01", rows_of(lake.session, "2026-01", 3), write_id="a")
    lake.catalog.create_tables()
    assert counts(lake) == {"2026-01": 3, "2026-02": 0}


def test_a_value_that_does_not_fit_stops_the_write_and_is_never_nothing(lake: Lake) -> None:
    rows = rows_of(lake.session, "2026-01", 1)
    too_large = F.lit("1" + 35 * "0").cast("decimal(38,0)")
    for wrong in (too_large, F.lit("many")):
        with pytest.raises(PySparkException):
            lake.replace_month(RECONCILIATION, "2026-01", rows.withColumn("difference", wrong), write_id="a")
    assert counts(lake)["2026-01"] == 0


def test_values_are_stored_in_the_declared_types_and_order(lake: Lake) -> None:
    rows = rows_of(lake.session, "2026-01", 2)
    plain = rows.select(
        "billing_month", "measure", "stage", "quantity_out", "quantity_in", F.lit("7").alias("difference")
    )
    lake.replace_month(RECONCILIATION, "2026-01", plain, write_id="a")
    stored = lake.catalog.read(RECONCILIATION)
    assert stored.schema == RECONCILIATION.arrow_schema
    assert stored["difference"].to_pylist() == [Decimal(7)] * 2
    for file in Path(lake.catalog.path(RECONCILIATION)).rglob("*.parquet"):
        assert pq.read_schema(file).field("difference").type == pa.decimal128(38, 6)


def test_a_version_is_read_as_it_was(lake: Lake) -> None:
    first = lake.replace_month(RECONCILIATION, "2026-01", rows_of(lake.session, "2026-01", 3), write_id="a")
    assert lake.frame(RECONCILIATION, "2026-01", first.version).count() == 3
    lake.replace_month(RECONCILIATION, "2026-01", rows_of(lake.session, "2026-01", 2), write_id="b")
    assert lake.frame(RECONCILIATION, "2026-01", first.version).count() == 3
    assert lake.frame(RECONCILIATION, "2026-01").count() == 2


def test_a_version_older_than_the_newest_checkpoint_is_read_as_it_was(lake: Lake) -> None:
    for count in range(1, 5):
        lake.replace_month(RECONCILIATION, "2026-01", rows_of(lake.session, "2026-01", count), write_id=f"run-{count}")
    older = lake.catalog.delta(RECONCILIATION).version() - 2
    pinned = lake.frame(RECONCILIATION, version=older)
    lake.catalog.delta(RECONCILIATION).create_checkpoint()
    assert lake.frame(RECONCILIATION, "2026-01", version=older).count() == 2
    # A frame made before the checkpoint, and read by a write after it.
    lake.catalog.delta(RECONCILIATION).create_checkpoint()
    lake.replace_month(RECONCILIATION, "2026-01", pinned, write_id="of-an-older-version")
    assert counts(lake)["2026-01"] == 2


def test_rows_are_held_with_their_values_and_types(lake: Lake) -> None:
    when = datetime.datetime(2024, 2, 29, 23, 59, 59, 999_999, tzinfo=datetime.UTC)
    values = {
        "amount": pa.array([Decimal("0.000000001"), None], pa.decimal128(18, 9)),
        "day": pa.array([datetime.date(2024, 2, 29), None]),
        "when": pa.array([when, None], pa.timestamp("us", tz="UTC")),
        "text": pa.array(["é\u3000", None]),
        "is_so": pa.array([True, None]),
    }
    rows = lake.session.createDataFrame(pa.table(values))
    for some in (rows, rows.limit(0)):
        kept, found = held(lake.session, some).toArrow(), some.toArrow()
        assert kept.schema.types == found.schema.types == [column.type for column in values.values()]
        assert kept.to_pylist() == found.to_pylist()


def test_the_commit_says_what_computed_the_month(lake: Lake) -> None:
    version = lake.replace_month(RECONCILIATION, "2026-01", rows_of(lake.session, "2026-01", 1), write_id="a")
    assert version.engine == lake.engine
    assert lake.engine.split(" ")[0] in {"embedded", "spark"}


def test_each_engine_replaces_and_reads_what_others_wrote(
    engine: SparkSession, spark: SparkSession, tmp_path: Path
) -> None:
    catalog = Catalog(tmp_path / "lake")
    catalog.create_tables([RECONCILIATION, BILLING_PERIODS])
    (catalog.root / MARKER).touch()
    lakes = [Lake(catalog, engine), Lake(catalog, spark)]
    expected = rows_of(engine, "2026-01", 3).toArrow().cast(RECONCILIATION.arrow_schema).sort_by("stage")
    catalog.append(RECONCILIATION, expected)
    for writer in (*lakes, *lakes):
        for reader in lakes:
            found = reader.frame(RECONCILIATION, "2026-01").toArrow().sort_by("stage")
            assert found.to_pylist() == expected.to_pylist()
        stored = writer.frame(RECONCILIATION, "2026-01")
        version = writer.replace_month(RECONCILIATION, "2026-01", stored, write_id=writer.engine)
        assert (version.record_count, version.engine) == (3, writer.engine)
        assert catalog.read(RECONCILIATION, "2026-01").sort_by("stage").equals(expected)


def _write(root: Path, month: str, engine: str) -> None:
    with open_session(engine) as session:
        lake = Lake(Catalog(root), session)
        for _ in range(5):
            lake.replace_month(RECONCILIATION, month, rows_of(session, month, 10), write_id=month)


@pytest.mark.slow
def test_two_writers_of_disjoint_months_both_land(lake: Lake) -> None:
    # A process of its own for each: a fork of this one would share its engine.
    context = multiprocessing.get_context("spawn")
    engine = lake.engine.split(" ")[0]
    writers = [
        context.Process(target=_write, args=(lake.catalog.root, month, engine)) for month in ("2026-01", "2026-02")
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(120)
    assert [writer.exitcode for writer in writers] == [0, 0]
    assert counts(lake) == {"2026-01": 10, "2026-02": 10}
