"""Sessions on a Spark Connect endpoint: reached within seconds or refused, and configured alike.

Here: channels, tokens, what every session is set to. Not here: which endpoint (`lakehouse.engine`), nor what its
engine can do (`capabilities`).
"""

import logging
import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Final, cast
from urllib.parse import urlsplit

from telecom_cdr.errors import EngineError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession
    from pyspark.sql.connect.client import DefaultChannelBuilder

_SCHEME: Final = "sc://"
_DEFAULT_PORT: Final = 15002
SECONDS_TO_ANSWER: Final = 10.0
# Waits of 0.05, 0.2, 0.8 … s, some 70 in all: a server that died takes its sessions with it.
_RETRIES: Final = 6
# What no session may inherit from its server.
_SESSION: Final = {
    # Zone rules come from the pinned tzdata, joined as data; an engine only ever sees UTC.
    "spark.sql.session.timeZone": "UTC",
    # An overflow is an error, not a null.
    "spark.sql.ansi.enabled": "true",
    # Errors are one line; the server's log has the rest.
    "spark.sql.connect.serverStacktrace.enabled": "false",
}
# Else each of the some ten thousand calls of a month's plans walks the stack, and looks for IPython on the disk. Apache
# Spark takes it only when its server starts.
_DEBUGGING: Final = "spark.python.sql.dataFrameDebugging.enabled"


def is_elsewhere(engine: str) -> bool:
    """Whether an engine is a server that somebody else started."""
    return engine.startswith(_SCHEME)


def shown(engine: str) -> str:
    """An engine's name for people: a URL without its parameters, which may hold a token."""
    if not is_elsewhere(engine):
        return engine
    host, port = _address(engine)
    return f"{_SCHEME}{host}:{port}"


def connect_locally(port: int, token: str | None) -> "SparkSession":
    """A new session on a server of this machine."""
    import grpc
    from pyspark.sql.connect.client import DefaultChannelBuilder

    class Loopback(DefaultChannelBuilder):
        """A channel that never leaves the machine. The parent would encrypt it wherever a token is in use."""

        def toChannel(self) -> grpc.Channel:  # noqa: N802 - the parent's name
            if token is None:
                return self._insecure_channel(self.endpoint)
            credentials = grpc.composite_channel_credentials(
                grpc.local_channel_credentials(), grpc.access_token_call_credentials(token)
            )
            return self._secure_channel(self.endpoint, credentials)

    return _session(Loopback(f"{_SCHEME}127.0.0.1:{port}"))


def connect(url: str) -> "SparkSession":
    """A new session on a server elsewhere; EngineError within seconds when none answers, or when it refuses."""
    import grpc
    from pyspark.errors import PySparkException
    from pyspark.sql.connect.client import DefaultChannelBuilder

    require_answer(url)
    try:
        builder = DefaultChannelBuilder(url)
    except PySparkException:
        # Its message repeats the URL.
        raise EngineError(f"{shown(url)}: its parameters cannot be read; write sc://host:port/;name=value") from None
    try:
        grpc.channel_ready_future(builder.toChannel()).result(timeout=SECONDS_TO_ANSWER)
    except grpc.FutureTimeoutError:
        raise EngineError(
            f"{shown(url)}: something answers, but no Spark Connect server within {SECONDS_TO_ANSWER:.0f} s; "
            "look at the port, and at use_ssl"
        ) from None
    try:
        return _session(builder)
    except (grpc.RpcError, PySparkException) as error:
        raise EngineError(f"{shown(url)} refuses a session: {_reason(error)}") from None


def require_answer(url: str) -> None:
    """EngineError when nothing listens at a URL's host and port."""
    host, port = _address(url)
    try:
        socket.create_connection((host, port), timeout=SECONDS_TO_ANSWER).close()
    except OSError as error:
        raise EngineError(
            f"nothing answers at {shown(url)} ({error.strerror or error}): start the Spark Connect server, "
            "or mend TELECOM_CDR_ENGINE"
        ) from None


def _address(url: str) -> tuple[str, int]:
    parts = urlsplit("//" + url.removeprefix(_SCHEME).partition("/")[0].partition(";")[0])
    try:
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host:
        raise EngineError("TELECOM_CDR_ENGINE names no host and port: write sc://host:port")
    return host, port or _DEFAULT_PORT


def _session(builder: "DefaultChannelBuilder") -> "SparkSession":
    """A new session; never an older one that happens to exist."""
    from pyspark.errors import AnalysisException
    from pyspark.sql.connect.client.retries import DefaultPolicy
    from pyspark.sql.connect.session import SparkSession as ConnectSession

    # Tells each refused call once more, as JSON, wherever a library configures logging anew.
    logging.getLogger("pyspark.sql.connect.logging").setLevel(logging.CRITICAL + 1)
    session = ConnectSession.builder.channelBuilder(builder).create()
    session.client.set_retry_policies([DefaultPolicy(max_retries=_RETRIES)])
    for name, value in _SESSION.items():
        session.conf.set(name, value)
    if session.conf.get(_DEBUGGING, "true") != "false":
        with suppress(AnalysisException):
            session.conf.set(_DEBUGGING, "false")
    # Its type is the class of sessions in the same process; both are used alike.
    return cast("SparkSession", session)


def _reason(error: Exception) -> str:
    text = error.details() if hasattr(error, "details") else str(error)
    return " ".join(str(text).split())[:300]
