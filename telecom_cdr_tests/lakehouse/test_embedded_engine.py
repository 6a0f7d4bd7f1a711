"""The settings of the embedded engine: they are in force, and sorts above the memory go on on the disk."""

import os
import time
from datetime import timedelta

import pytest
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql import functions as F

from telecom_cdr.lakehouse.engine import open_session
from telecom_cdr.lakehouse.engines import configuration
from telecom_cdr.lakehouse.engines.configuration import bytes_of, machine_bytes, prepare_embedded
from telecom_cdr.settings import Settings

_ROWS = 300_000


def _wide(session: SparkSession) -> DataFrame:
    """Rows of some 200 bytes in no order."""
    number = F.col("id").cast("bigint")
    return session.range(_ROWS).select(
        F.sha2(number.cast("string"), 256).alias("key"), F.repeat(F.lit("x"), F.lit(150)).alias("filling"), number
    )


def test_a_sort_above_the_bound_goes_on_on_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELECOM_CDR_EMBEDDED_MEMORY", "48m")
    with open_session("embedded") as session:
        ranked = _wide(session).withColumn("place", F.row_number().over(Window.partitionBy(F.lit(1)).orderBy("key")))
        found = ranked.agg(F.sum("place").alias("places"), F.max(F.length("filling")).alias("length")).toArrow()
        assert found.to_pylist() == [{"places": _ROWS * (_ROWS + 1) // 2, "length": 150}]


def test_what_cannot_go_on_on_the_disk_is_refused_above_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELECOM_CDR_EMBEDDED_MEMORY", "16m")
    with open_session("embedded") as session:
        other = _wide(session).withColumnRenamed("filling", "more")
        joined = _wide(session).join(other, "key").agg(F.max(F.length(F.concat("filling", "more"))))
        with pytest.raises(PySparkException, match="Failed to allocate"):
            joined.toArrow()


def test_the_memory_is_a_quarter_of_the_machine_unless_set(monkeypatch: pytest.MonkeyPatch) -> None:
    bound = "SAIL_RUNTIME__MEMORY_POOL__FAIR__MAX_SIZE"
    monkeypatch.setenv(bound, "")
    prepare_embedded(Settings(embedded_memory=""))
    assert int(os.environ[bound]) in range(2**30, max(2**30, machine_bytes() // 4) + 1)
    prepare_embedded(Settings(embedded_memory="1500m"))
    assert int(os.environ[bound]) == bytes_of("1500m") == 1500 * 2**20


def test_a_session_outlives_the_longest_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """By default the engine ends a session, and drops what it staged, after five idle minutes."""
    monkeypatch.setenv("SAIL_SPARK__SESSION_TIMEOUT_SECS", "")
    assert timedelta(seconds=configuration.SESSION_SECONDS) > timedelta(days=30)
    monkeypatch.setattr(configuration, "SESSION_SECONDS", 1)
    with open_session("embedded") as session:
        time.sleep(3)
        with pytest.raises(PySparkException, match="is not running"):
            session.range(1).count()
