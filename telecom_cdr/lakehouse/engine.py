"""Engines: where the DataFrame code runs. The only place that starts a server or opens a session.

Every engine is a Spark Connect endpoint; the setting `ENGINE` chooses it. `embedded` is Sail inside this process.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from telecom_cdr.errors import UnsupportedEngineError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def prepare_environment() -> None:
    """Set what must be set before pyspark or Sail is imported: Connect mode, UTC in the client, quiet logs."""
    os.environ["SPARK_CONNECT_MODE_ENABLED"] = "1"
    os.environ["TZ"] = "UTC"
    os.environ.setdefault("RUST_LOG", "error")


@contextmanager
def open_session(engine: str) -> Iterator["SparkSession"]:
    """A new session on an engine, torn down with its server at the end.

    Raises UnsupportedEngineError for an engine that this version cannot start.
    """
    prepare_environment()
    if engine != "embedded":
        raise UnsupportedEngineError(
            f"the engine {engine!r} is not supported by this version: set TELECOM_CDR_ENGINE=embedded"
        )
    from pysail.spark import SparkConnectServer

    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    try:
        _, port = server.listening_address
        session = connect(f"sc://127.0.0.1:{port}")
        try:
            yield session
        finally:
            session.stop()
    finally:
        server.stop()


def connect(url: str) -> "SparkSession":
    """A new session for a Spark Connect URL; never an older one that happens to exist."""
    from pyspark.sql import SparkSession

    session = SparkSession.builder.remote(url).create()
    # Zone rules come from the pinned tzdata, joined as data; an engine only ever sees UTC.
    session.conf.set("spark.sql.session.timeZone", "UTC")
    # Else each of the some ten thousand calls of a month's plans walks the stack, and looks for IPython on the disk.
    session.conf.set("spark.python.sql.dataFrameDebugging.enabled", "false")
    return session
