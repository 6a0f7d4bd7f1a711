"""Engines: where the DataFrame code runs. The only place that opens a session.

Every engine is a Spark Connect endpoint; the setting `ENGINE` chooses it. `embedded` is Sail inside this process,
`spark` the Spark server of this machine (`engines.server`), `sc://host:port` a cluster's.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from telecom_cdr.errors import EngineError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def prepare_environment() -> None:
    """Set what must be set before pyspark or Sail is imported: Connect mode, UTC in the client, quiet logs."""
    os.environ["SPARK_CONNECT_MODE_ENABLED"] = "1"
    os.environ["TZ"] = "UTC"
    # Its handlers crash the children of a process that has a session and starts a program in between.
    os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")
    os.environ.setdefault("RUST_LOG", "error")


@contextmanager
def open_session(engine: str, say: Callable[[str], None] | None = None) -> Iterator["SparkSession"]:
    """A new session on an engine, ended afterwards; the local Spark server stays for the next one.

    `say` is told when a server has to be started. EngineError when the engine cannot be started or reached.
    """
    prepare_environment()
    from telecom_cdr.lakehouse.engines.capabilities import require_usable
    from telecom_cdr.lakehouse.engines.connection import is_elsewhere, shown

    with _endpoint(engine, say) as session:
        try:
            if is_elsewhere(engine):
                require_usable(session, shown(engine))
            yield session
        finally:
            session.stop()


@contextmanager
def _endpoint(engine: str, say: Callable[[str], None] | None) -> Iterator["SparkSession"]:
    from telecom_cdr.lakehouse.engines.connection import connect, connect_locally, is_elsewhere, shown

    if engine == "embedded":
        from telecom_cdr.lakehouse.engines.configuration import prepare_embedded
        from telecom_cdr.settings import Settings

        prepare_embedded(Settings())
        from pysail.spark import SparkConnectServer

        server = SparkConnectServer("127.0.0.1", 0)
        server.start(background=True)
        try:
            yield connect_locally(server.listening_address[1], token=None)
        finally:
            server.stop()
    elif engine == "spark":
        from telecom_cdr.lakehouse.engines.configuration import LocalSpark
        from telecom_cdr.lakehouse.engines.server import shared_server
        from telecom_cdr.settings import Settings

        with shared_server(LocalSpark.of(Settings()), say) as state:
            yield connect_locally(state.port, state.token)
    elif is_elsewhere(engine):
        yield connect(engine)
    else:
        raise EngineError(f"{shown(engine)!r} is not an engine: use embedded, spark or sc://host:port")
