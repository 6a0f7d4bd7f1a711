"""What each engine does otherwise than asked, and says nothing: the one list that the rest of `lakehouse` goes by.

Here: the facts, and the two things made of them: options that a writer may use, and what a session must prove before
it is trusted. Not here: the forms of expressions that are safe on both (`expressions`).

Measured with Sail 0.7.2, and Spark 4.2.0 with Delta 4.4.0.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Final

from telecom_cdr.errors import EngineError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, DataFrameReader, SparkSession

EMBEDDED: Final = "embedded"
SPARK: Final = "spark"
OLDEST_SPARK: Final = (4, 0)


@dataclass(frozen=True)
class Difference:
    """One thing that engines do differently, and what is done about it."""

    embedded: str
    spark: str
    guard: str


DIFFERENCES: Final[Mapping[str, Difference]] = {
    "rows outside replaceWhere": Difference(
        "written", "refused", "write_guard: the plan raises an error for such a row"
    ),
    "partitionOverwriteMode": Difference("the whole table goes", "the partition goes", "refused here"),
    "columns that the table lacks": Difference("dropped", "refused", "write_guard: declared columns only"),
    "another type": Difference("cast", "refused", "write_guard: every column is cast"),
    "NOT NULL": Difference(
        "tested before the filters of the plan", "tested on what is written", "write_guard: no column can be null"
    ),
    "a table that is missing": Difference("refused", "created", "catalog: tables are created by deltalake"),
    "mergeSchema, overwriteSchema": Difference("ignored", "the schema changes", "refused here"),
    "txnAppId, txnVersion": Difference("ignored", "written once", "refused here; ingest commits through deltalake"),
    "maxRecordsPerFile": Difference("ignored", "followed", "refused here"),
    "readChangeFeed, timestampAsOf": Difference("ignored", "followed", "refused here; versionAsOf agrees"),
    "OPTIMIZE, VACUUM, RESTORE": Difference("refused", "works", "deltalake does it on every engine"),
    "two writers, other months": Difference("conflict", "no conflict", "retry.on_conflict, with jitter"),
    "two writers in two processes": Difference(
        "one commit wins", "a commit can be lost on a local disk", "engines.server: one JVM for all"
    ),
    "a path that a URL must quote": Difference("no log is found", "works", "lake: a link without such characters"),
    "a version older than the newest checkpoint": Difference(
        "not found where a file names that checkpoint",
        "works",
        "lake: the file, only a hint, is removed",
    ),
    "replacing nothing by nothing": Difference("no commit", "a commit", "month_checks.raw_version_of"),
}
READ_OPTIONS: Final = frozenset({"versionAsOf"})
WRITE_OPTIONS: Final = frozenset({"replaceWhere", "userMetadata"})


def read_delta(session: "SparkSession", path: str, **options: str) -> "DataFrame":
    """A Delta table as a frame; EngineError for an option that an engine would ignore."""
    reader: DataFrameReader = session.read.format("delta")
    _refuse(options, READ_OPTIONS)
    return reader.options(**options).load(path)


def forget_newest_checkpoint(path: str) -> None:
    """Remove the file that names the newest checkpoint of a table: without it, readers look for checkpoints themselves.

    Sail starts there even for an older version, and then misses the commits before it. The protocol has it as a hint.
    """
    (Path(path) / "_delta_log" / "_last_checkpoint").unlink(missing_ok=True)


def overwrite_delta(rows: "DataFrame", path: str, **options: str) -> None:
    """Replace rows of a Delta table in one commit; EngineError for an option that an engine would ignore."""
    _refuse(options, WRITE_OPTIONS)
    rows.write.format("delta").mode("overwrite").options(**options).save(path)


def reads_any_path(session: "SparkSession") -> bool:
    """Whether the engine finds tables below every directory; the embedded one only where a URL needs no quoting."""
    return _is_apache_spark(session)


def engine_of(session: "SparkSession") -> str:
    """What computes, with its version: `embedded 0.7.2` or `spark 4.2.0`. The first word is EMBEDDED or SPARK."""
    return f"{SPARK} {session.version}" if _is_apache_spark(session) else f"{EMBEDDED} {metadata.version('pysail')}"


def _is_apache_spark(session: "SparkSession") -> bool:
    # What every Apache Spark has.
    return session.conf.get("spark.master", None) is not None


def _refuse(options: Mapping[str, str], known: frozenset[str]) -> None:
    unknown = sorted(options.keys() - known)
    if unknown:
        raise EngineError(f"{', '.join(unknown)}: an engine ignores this option without a word; see DIFFERENCES")


def require_usable(session: "SparkSession", name: str) -> None:
    """EngineError unless a server elsewhere is a Spark of today that has Delta, as the code of a lake needs it."""
    version = session.version
    if tuple(int(part) for part in version.split(".")[:2]) < OLDEST_SPARK:
        raise EngineError(f"{name} is Spark {version}; {'.'.join(map(str, OLDEST_SPARK))} or later is needed")
    if not has_delta(session):
        raise EngineError(
            f"{name} is Spark {version} without Delta: start its Connect server with the packages and settings of "
            "docs/operations.md"
        )


def has_delta(session: "SparkSession") -> bool:
    """Whether a session reads Delta tables, and its catalog and parser are Delta's too, as its writer asks."""
    from pyspark.errors import PySparkException

    wanted = {"spark.sql.extensions": "DeltaSparkSessionExtension", "spark.sql.catalog.spark_catalog": "DeltaCatalog"}
    if not all(part in (session.conf.get(name, "") or "") for name, part in wanted.items()):
        return False
    try:
        _ = session.read.format("delta").load("/nowhere/_telecom_cdr").schema
    except PySparkException as error:
        return "DATA_SOURCE_NOT_FOUND" not in str(error)
    return True
