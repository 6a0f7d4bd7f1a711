"""The Spark server of this machine and user: found or started, used, looked at, stopped.

One for each user, shared by all commands, runs and lakes: two JVM drivers that write one table on a local disk lose
commits, and each costs gigabytes. Not here: its settings (`configuration`), its life (`keeper`).
"""

import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from uuid import uuid4

import psutil
from filelock import FileLock

import telecom_cdr
from telecom_cdr.errors import EngineError
from telecom_cdr.lakehouse.engines.configuration import LocalSpark, fetched_jar
from telecom_cdr.lakehouse.engines.java import find_java
from telecom_cdr.lakehouse.engines.keeper import STARTING
from telecom_cdr.lakehouse.engines.state import LOG, Identity, ServerState, forget_state, read_state
from telecom_cdr.lakehouse.locks import process_lock, users

_SECONDS_TO_STOP: Final = 30
_SECONDS_BETWEEN_LOOKS: Final = 0.1
_LINES_SHOWN: Final = 3
# What a log says, and what to do about it.
_ADVICE: Final = (
    (r"unresolved dependency|UnknownHostException|download failed", "Delta's jars are fetched at the first start: "
     "connect this machine to the network once"),
    (r"Could not reserve enough space|Cannot allocate memory|insufficient memory|Invalid maximum heap size",
     "the memory is not there: set TELECOM_CDR_SPARK_DRIVER_MEMORY to less"),
    (r"No space left on device", "free space on the disk of TELECOM_CDR_SPARK_STATE"),
    (r"UnsupportedClassVersionError", "its Java is too old: Java 17 or later is needed"),
)  # fmt: skip


@contextmanager
def shared_server(asked: LocalSpark, say: Callable[[str], None] | None = None) -> Iterator[ServerState]:
    """A running server that stays for as long as it is held, started if there is none.

    `say` is told when one is started. EngineError when it cannot be, or when one runs that was started otherwise.
    """
    _make_folder(asked.folder)
    with FileLock(asked.folder / STARTING):
        state = _running(asked) or _start(asked, say)
        held = process_lock(asked.folder, uuid4().hex)
        # Before the lock is given back: the keeper stops a server that nobody holds.
        held.__enter__()
    try:
        yield state
    finally:
        held.__exit__(None, None, None)


def start(asked: LocalSpark, say: Callable[[str], None] | None = None) -> ServerState:
    """Start the server unless it runs; errors as for `shared_server`."""
    with shared_server(asked, say) as state:
        return state


def stop(folder: Path, *, is_forced: bool = False) -> bool:
    """Stop the recorded server and nothing else; whether there was one. EngineError while it is used, unless forced."""
    if not folder.is_dir():
        return False
    with FileLock(folder / STARTING):
        state = read_state(folder)
        if state is None:
            forget_state(folder)
            return False
        count = len(users(folder))
        if count and not is_forced:
            raise EngineError(f"{count} sessions use the Spark server: wait for them to end, or add --force")
        # The keeper stops the server, then itself. One that was killed leaves its server behind.
        for identity in (state.keeper, state.server):
            if identity:
                _terminate(identity)
        forget_state(folder)
        return True


def log_tail(folder: Path) -> str:
    """The last lines of a server's log that tell something, in one line."""
    try:
        lines = (folder / LOG).read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return "it wrote no log"
    telling = [line.strip() for line in lines if line.strip() and not line.lstrip().startswith(("at ", "...", "::"))]
    return " | ".join(telling[-_LINES_SHOWN:]) or "its log is empty"


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise EngineError(
            f"cannot keep the Spark server's files at {folder}: {error.strerror or error}; set TELECOM_CDR_SPARK_STATE"
        ) from None


def _running(asked: LocalSpark) -> ServerState | None:
    state = read_state(asked.folder)
    if state is not None and not state.is_ready:
        # Another command started it and was killed while it waited.
        state = _wait(asked)
    if state is not None and state.fingerprint != asked.fingerprint:
        raise EngineError(
            f"a Spark server with other settings is running ({state.description}), and the settings ask for "
            f"{asked.description}: stop it with `telecom-cdr engine stop`"
        )
    return state


def _start(asked: LocalSpark, say: Callable[[str], None] | None) -> ServerState:
    find_java()
    if say:
        say("starting Spark on this machine" + ("" if fetched_jar().is_file() else "; Delta's jars are fetched first"))
    command = [sys.executable, "-m", "telecom_cdr.lakehouse.engines.keeper", str(asked.folder), asked.driver_memory]
    launched = subprocess.run(
        [*command, str(asked.cores), str(asked.idle_seconds)],
        cwd=Path(telecom_cdr.__file__).parents[1],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    state = _wait(asked)
    if state is None:
        said = log_tail(asked.folder) if launched.returncode == 0 else launched.stderr.strip()
        raise EngineError(f"Spark did not start: {_advice(said)}{said}; its log: {asked.folder / LOG}")
    return state


def _wait(asked: LocalSpark) -> ServerState | None:
    """The server once it answers; None when its keeper gave up."""
    while (state := read_state(asked.folder)) is not None:
        if state.is_ready:
            return state
        if state.keeper.process() is None:
            return None
        time.sleep(_SECONDS_BETWEEN_LOOKS)
    return None


def _advice(said: str) -> str:
    return next((f"{advice}. It said: " for sign, advice in _ADVICE if re.search(sign, said)), "")


def _terminate(identity: Identity) -> None:
    process = identity.process()
    if process is None:
        return
    try:
        process.terminate()
        process.wait(_SECONDS_TO_STOP)
    except psutil.NoSuchProcess:
        return
    except psutil.TimeoutExpired:
        process.kill()
