"""The process that keeps the local Spark server: starts it, records it, and stops it when nobody used it for a while.

It is a small process of its own, so that the server outlives the command that asked for it, and not for ever.
Run as `python -m telecom_cdr.lakehouse.engines.keeper FOLDER MEMORY CORES IDLE_SECONDS`; it returns when the keeper
is on its way, and the keeper goes on in the background. Not here: who asks for it (`server`).
"""

import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Final

import pyspark
from filelock import FileLock, Timeout

from telecom_cdr.lakehouse.engines.configuration import LOOPBACK, LocalSpark, write_configuration
from telecom_cdr.lakehouse.engines.state import LOG, Identity, ServerState, forget_state
from telecom_cdr.lakehouse.locks import users

STARTING: Final = "starting.lock"
_KEEPER: Final = "keeper.lock"
_SECONDS_TO_START: Final = 600
_SECONDS_TO_STOP: Final = 20
_SECONDS_BETWEEN_LOOKS: Final = 1.0
_STARTED: Final = re.compile(rf"SparkConnectServer: Spark Connect server started at: {re.escape(LOOPBACK)}:([0-9]+)")


def main() -> None:
    """Go to the background and keep one server, unless another keeper does."""
    folder, memory, cores, idle_seconds = sys.argv[1:]
    asked = LocalSpark(Path(folder), memory, int(cores), float(idle_seconds))
    ready, told = os.pipe()
    if os.fork():
        # Ends when the keeper has recorded itself, or has died.
        os.close(told)
        os.read(ready, 1)
        os._exit(0)
    os.close(ready)
    os.setsid()
    signal.signal(signal.SIGTERM, _end)
    try:
        with FileLock(asked.folder / _KEEPER, timeout=0):
            _keep(asked, told)
    except Timeout:
        sys.exit(0)


def _end(number: int, frame: FrameType | None) -> None:
    sys.exit(0)


def _keep(asked: LocalSpark, told: int) -> None:
    token = secrets.token_urlsafe(32)
    state = ServerState(Identity.of(os.getpid()), asked.fingerprint, asked.description, asked.idle_seconds, token=token)
    state.write(asked.folder)
    _log_to(asked.folder / LOG)
    os.write(told, b"1")
    os.close(told)
    server = _start(asked, token)
    try:
        port = _wait_for_port(asked.folder / LOG, server)
        replace(state, server=Identity.of(server.pid), port=port).write(asked.folder)
        _watch(asked, server)
    finally:
        forget_state(asked.folder)
        _stop(server)
        shutil.rmtree(asked.folder / "tmp", ignore_errors=True)


def _log_to(log: Path) -> None:
    """From here on the output of this process, and of those that it starts, goes to a new log."""
    log.unlink(missing_ok=True)
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(descriptor, stream.fileno())
    os.close(descriptor)


def _start(asked: LocalSpark, token: str) -> "subprocess.Popen[bytes]":
    """Spark's own launcher, which becomes the server's JVM under the same process id."""
    home = Path(pyspark.__file__).parent
    shutil.rmtree(asked.folder / "tmp", ignore_errors=True)
    properties = write_configuration(asked, token)
    # Nothing of another Spark's set-up may reach this one.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("SPARK_", "PYSPARK_"))}
    environment |= {
        "SPARK_HOME": str(home),
        "SPARK_CONF_DIR": str(properties.parent),
        "SPARK_LOCAL_IP": LOOPBACK,
        "PYSPARK_PYTHON": sys.executable,
        "TZ": "UTC",
    }
    return subprocess.Popen(
        [
            home / "bin" / "spark-submit",
            *("--properties-file", properties),
            *("--class", "org.apache.spark.sql.connect.service.SparkConnectServer", "spark-internal"),
        ],
        cwd=asked.folder,
        env=environment,
        stdin=subprocess.DEVNULL,
    )


def _wait_for_port(log: Path, server: "subprocess.Popen[bytes]") -> int:
    """The port that the server says it listens on; the keeper ends where it says none."""
    deadline = time.monotonic() + _SECONDS_TO_START
    while server.poll() is None and time.monotonic() < deadline:
        found = _STARTED.search(log.read_text(encoding="utf-8", errors="replace"))
        if found:
            return int(found[1])
        time.sleep(0.1)
    sys.exit(1)


def _watch(asked: LocalSpark, server: "subprocess.Popen[bytes]") -> None:
    """Until the server ends, or nobody has used it for as long as was asked."""
    last_used = time.monotonic()
    while server.poll() is None:
        time.sleep(min(_SECONDS_BETWEEN_LOOKS, asked.idle_seconds or _SECONDS_BETWEEN_LOOKS))
        if users(asked.folder):
            last_used = time.monotonic()
        elif asked.idle_seconds and time.monotonic() - last_used > asked.idle_seconds and _retire(asked.folder):
            return


def _retire(folder: Path) -> bool:
    """Forget the server while nobody can ask for it; whether nobody had just done so."""
    try:
        with FileLock(folder / STARTING, timeout=0):
            if users(folder):
                return False
            forget_state(folder)
            return True
    except Timeout:
        return False


def _stop(server: "subprocess.Popen[bytes]") -> None:
    server.terminate()
    try:
        server.wait(_SECONDS_TO_STOP)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


if __name__ == "__main__":
    main()
