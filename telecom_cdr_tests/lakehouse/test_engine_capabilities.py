"""The seam: what an engine would ignore without a word is refused; a server must prove what it can do."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from telecom_cdr.errors import EngineError
from telecom_cdr.lakehouse.engine import open_session
from telecom_cdr.lakehouse.engines.capabilities import has_delta, overwrite_delta, read_delta, reads_any_path
from telecom_cdr.lakehouse.engines.connection import shown

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@pytest.mark.parametrize("option", ["timestampAsOf", "readChangeFeed", "startingVersion", "version_as_of"])
def test_a_reading_option_that_an_engine_ignores_is_refused(
    engine: "SparkSession", tmp_path: Path, option: str
) -> None:
    with pytest.raises(EngineError, match=f"{option}: an engine ignores this option"):
        read_delta(engine, str(tmp_path), **{option: "1"})


@pytest.mark.parametrize(
    "option", ["maxRecordsPerFile", "mergeSchema", "overwriteSchema", "txnAppId", "partitionOverwriteMode"]
)
def test_a_writing_option_that_an_engine_ignores_is_refused(
    engine: "SparkSession", tmp_path: Path, option: str
) -> None:
    with pytest.raises(EngineError, match=f"{option}: an engine ignores this option"):
        overwrite_delta(engine.range(1), str(tmp_path / "t"), replaceWhere="id = 0", **{option: "1"})
    assert not (tmp_path / "t").exists()


def test_the_embedded_engine_is_known_by_what_it_lacks(engine: "SparkSession") -> None:
    assert not has_delta(engine)
    assert not reads_any_path(engine)


def test_spark_is_known_by_what_it_has(spark: "SparkSession") -> None:
    assert has_delta(spark)
    assert reads_any_path(spark)


@pytest.mark.parametrize("which", ["engine", "spark"])
def test_every_session_is_set_alike(request: pytest.FixtureRequest, which: str) -> None:
    session: SparkSession = request.getfixturevalue(which)
    assert session.conf.get("spark.sql.session.timeZone") == "UTC"
    assert session.conf.get("spark.sql.ansi.enabled") == "true"
    assert session.conf.get("spark.python.sql.dataFrameDebugging.enabled") == "false"


@pytest.mark.parametrize(
    ("url", "people_see"),
    [
        ("embedded", "embedded"),
        ("sc://cluster:15002", "sc://cluster:15002"),
        ("sc://cluster", "sc://cluster:15002"),
        ("sc://cluster:1/;token=secret;use_ssl=true", "sc://cluster:1"),
        ("sc://cluster;token=secret", "sc://cluster:15002"),
        ("sc://secret@cluster:1/secret?secret#secret", "sc://cluster:1"),
    ],
)
def test_people_see_a_server_and_never_a_parameter(url: str, people_see: str) -> None:
    assert shown(url) == people_see


def test_an_engine_that_nobody_knows_is_refused() -> None:
    with pytest.raises(EngineError, match="'flink' is not an engine"), open_session("flink"):
        pass
