"""What `telecom-cdr doctor` says of the engine: what it needs, what is missing, how to get it. Starts nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Final

from telecom_cdr.errors import EngineError
from telecom_cdr.lakehouse.engines.connection import is_elsewhere, shown
from telecom_cdr.settings import Settings

if TYPE_CHECKING:
    from telecom_cdr.lakehouse.engines.configuration import LocalSpark

_SECONDS_TO_ANSWER: Final = 30.0
# Beside the heap a JVM takes room for its code, threads and network buffers.
_JVM_SHARE: Final = 1.25
_GIB: Final = 2**30


@dataclass(frozen=True)
class Finding:
    """One thing looked at; `is_wrong` asks for somebody to act."""

    subject: str
    state: str
    is_wrong: bool = False


def examine(settings: Settings) -> Iterator[Finding]:
    """Look at the engine that the settings name."""
    yield Finding("engine", shown(settings.engine))
    if settings.engine == "spark":
        yield from _local_spark(settings)
    elif is_elsewhere(settings.engine):
        yield _elsewhere(settings.engine)


def _local_spark(settings: Settings) -> Iterator[Finding]:
    from telecom_cdr.lakehouse.engines.configuration import LocalSpark
    from telecom_cdr.lakehouse.engines.java import find_java

    try:
        java = find_java()
        yield Finding("java", f"{java.major}, {java.program}")
    except EngineError as error:
        yield Finding("java", str(error), is_wrong=True)
    asked = LocalSpark.of(settings)
    yield _memory(asked.driver_memory)
    yield _jars()
    yield _server(asked)


def _memory(driver_memory: str) -> Finding:
    from telecom_cdr.lakehouse.engines.configuration import machine_bytes

    machine = machine_bytes()
    asked = int(driver_memory[:-1]) * (_GIB if driver_memory.endswith("g") else 2**20)
    state = f"{driver_memory} for Spark of {machine / _GIB:.1f} GiB of this machine"
    if asked * _JVM_SHARE > machine:
        return Finding("memory", f"{state}: too much; set TELECOM_CDR_SPARK_DRIVER_MEMORY to less", is_wrong=True)
    return Finding("memory", state)


def _jars() -> Finding:
    from telecom_cdr.lakehouse.engines.configuration import DELTA, fetched_jar

    if fetched_jar().is_file():
        return Finding("jars of Delta", f"{DELTA}, fetched")
    return Finding("jars of Delta", f"{DELTA}, not here yet: the first start fetches them from the network")


def _server(asked: "LocalSpark") -> Finding:
    from telecom_cdr.lakehouse.engines.state import read_state

    state = read_state(asked.folder)
    if state is None:
        return Finding("Spark server", "not running: commands start it when they need it")
    if state.fingerprint != asked.fingerprint:
        words = f"running with other settings ({state.description}): run `telecom-cdr engine stop`"
        return Finding("Spark server", words, is_wrong=True)
    if not state.is_ready:
        return Finding("Spark server", "starting")
    return Finding("Spark server", f"running on port {state.port} of this machine")


def _elsewhere(url: str) -> Finding:
    """Reach a server and ask what it is; one that does not answer in time is told, and left alone."""
    answers: SimpleQueue[Finding] = SimpleQueue()
    Thread(target=lambda: answers.put(_asked(url)), daemon=True).start()
    try:
        return answers.get(timeout=_SECONDS_TO_ANSWER)
    except Empty:
        words = f"{shown(url)} gave no answer in {_SECONDS_TO_ANSWER:.0f} s: look at its log"
        return Finding("Spark server", words, is_wrong=True)


def _asked(url: str) -> Finding:
    try:
        return Finding("Spark server", f"reached; Spark {_version_of(url)} with Delta")
    except EngineError as error:
        return Finding("Spark server", str(error), is_wrong=True)


def _version_of(url: str) -> str:
    from telecom_cdr.lakehouse.engine import open_session

    with open_session(url) as session:
        return str(session.version)
