"""The Spark server of a machine: one for all, found again, never mistaken for another process, never left for ever."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from telecom_cdr.errors import EngineError
from telecom_cdr.lakehouse.engines.configuration import LOOPBACK, LocalSpark
from telecom_cdr.lakehouse.engines.connection import connect_locally
from telecom_cdr.lakehouse.engines.server import shared_server, start, stop
from telecom_cdr.lakehouse.engines.state import FILE, LOG, Identity, ServerState, read_state
from telecom_cdr.settings import Settings
from telecom_cdr_tests.faults.lakes import finished
from telecom_cdr_tests.product import Product
from telecom_cdr_tests.spark_server import require_java

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

RUNNING, WRONG, NOT_RUNNING = 0, 1, 3
SECONDS = 30.0


@pytest.fixture
def product(tmp_path: Path) -> Iterator[Product]:
    """Settings with a server directory of their own; what runs there is stopped at the end."""
    require_java()
    folder = tmp_path / "own"
    yield Product.at(tmp_path, TELECOM_CDR_SPARK_STATE=str(folder), TELECOM_CDR_SPARK_DRIVER_MEMORY="1g")
    stop(folder, is_forced=True)


@pytest.fixture
def shared(spark: "SparkSession", spark_state: Path, tmp_path: Path) -> Product:
    """Settings of the server that all tests share."""
    return Product.at(tmp_path)


def state_of(folder: Path) -> ServerState:
    state = read_state(folder)
    assert state is not None
    assert state.server is not None
    return state


def server_of(folder: Path) -> psutil.Process:
    identity = state_of(folder).server
    assert identity is not None
    process = identity.process()
    assert process is not None
    return process


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.mark.slow
def test_commands_that_start_at_once_share_one_server_and_a_killed_one_is_replaced(product: Product) -> None:
    folder = Path(product.settings["TELECOM_CDR_SPARK_STATE"])
    assert product.run("engine", "status").exit_code == NOT_RUNNING
    results = [finished(process) for process in [product.start("engine", "start") for _ in range(3)]]
    first = server_of(folder)
    assert all(f"on port {state_of(folder).port} " in result.errors for result in results)
    assert sum("starting Spark" in result.errors for result in results) == 1

    first.kill()
    wait_until(lambda: product.run("engine", "status").exit_code == NOT_RUNNING)
    product.done("engine", "start")
    second = server_of(folder)
    assert second.pid != first.pid

    # Its keeper is killed too: the server goes on, is found, and can be stopped.
    psutil.Process(state_of(folder).keeper.pid).kill()
    assert product.run("engine", "status").exit_code == RUNNING
    product.done("engine", "start")
    assert server_of(folder) == second
    assert "is stopped" in product.done("engine", "stop").errors
    assert not second.is_running()
    assert product.run("engine", "status").exit_code == NOT_RUNNING
    assert "no Spark server is running" in product.done("engine", "stop").errors


@pytest.mark.slow
def test_a_server_stops_when_nobody_uses_it_and_not_before(product: Product) -> None:
    folder = Path(product.settings["TELECOM_CDR_SPARK_STATE"])
    asked = LocalSpark(folder, "1g", cores=1, idle_seconds=2)
    with shared_server(asked) as state:
        process = server_of(folder)
        time.sleep(3 * asked.idle_seconds)
        session = connect_locally(state.port, state.token)
        assert session.range(3).count() == 3
        session.stop()
    wait_until(lambda: not process.is_running())
    assert read_state(folder) is None
    assert not (folder / "tmp").exists()


def test_status_tells_what_runs_in_words_and_by_its_exit_code(shared: Product, spark_state: Path) -> None:
    result = shared.done("engine", "status", "--format", "csv")
    told = {row["what"]: row["value"] for row in result.rows}
    assert told["state"] == "running"
    assert told["port"] == str(state_of(spark_state).port)
    assert told["as the settings ask"] == "yes"
    assert int(told["sessions that use it"]) >= 1
    assert told["log"] == str(spark_state / LOG)


def test_a_server_that_other_settings_started_is_told_and_not_used(shared: Product) -> None:
    other = replace(shared, settings={**shared.settings, "TELECOM_CDR_SPARK_DRIVER_MEMORY": "3g"})
    assert other.run("engine", "status").exit_code == WRONG
    result = other.run("engine", "start")
    assert result.exit_code == WRONG
    assert "2g of memory" in result.errors
    assert "3g of memory" in result.errors
    assert "telecom-cdr engine stop" in result.errors


def test_a_server_in_use_is_stopped_by_force_only(shared: Product, spark_state: Path) -> None:
    result = shared.run("engine", "stop")
    assert result.exit_code == WRONG
    assert "--force" in result.errors
    assert server_of(spark_state).is_running()


def test_nothing_listens_beyond_this_machine(spark: "SparkSession", spark_state: Path) -> None:
    listening = [
        connection.laddr.ip.removeprefix("::ffff:")
        for connection in server_of(spark_state).net_connections()
        if connection.status == psutil.CONN_LISTEN
    ]
    assert listening
    assert set(listening) == {LOOPBACK}


def test_a_session_without_the_token_is_refused(spark: "SparkSession", spark_state: Path) -> None:
    from pyspark.errors import PySparkException

    for token in (None, "guessed"):
        with pytest.raises(PySparkException, match=r"(?i)unauthenticated|token"):
            connect_locally(state_of(spark_state).port, token)


def test_the_token_is_in_private_files_and_nowhere_else(shared: Product, spark_state: Path) -> None:
    token = state_of(spark_state).token
    assert len(token) > 32
    shown = [shared.run("engine", "status").output, shared.run("doctor").output, repr(state_of(spark_state))]
    shown += [" ".join(process.info["cmdline"] or []) for process in psutil.process_iter(["cmdline"])]
    assert all(token not in text for text in shown)
    assert token not in (spark_state / LOG).read_text()
    holding = [file for file in spark_state.rglob("*") if file.is_file() and token.encode() in file.read_bytes()]
    # A server that is short of memory writes blocks to disk, among them what it tells its executors of the settings.
    assert {file.name for file in holding if not file.name.startswith("broadcast_")} == {FILE, "spark-defaults.conf"}
    assert [file for file in holding if not _is_private(file, spark_state)] == []


def _is_private(file: Path, state: Path) -> bool:
    """Whether others are kept out, by the file or by a directory that it lies in."""
    within = [file, *(parent for parent in file.parents if parent.is_relative_to(state))]
    return any(path.stat().st_mode & 0o077 == 0 for path in within)


def test_a_process_that_got_the_id_of_a_server_is_left_alone(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as stranger:
        past = Identity(stranger.pid, Identity.of(stranger.pid).started - 3600)
        ServerState(past, "0", "of yesterday", 0, server=past, port=1, token="x").write(tmp_path)
        assert read_state(tmp_path) is None
        assert not stop(tmp_path)
        assert stranger.poll() is None
        assert not (tmp_path / FILE).exists()
        stranger.kill()


def test_without_java_the_error_says_how_to_get_it(product: Product) -> None:
    bare = replace(product, settings={**product.settings, "PATH": "", "JAVA_HOME": ""})
    result = bare.run("engine", "start")
    assert result.exit_code == WRONG
    assert "error: Spark needs Java 17 or later, and there is none: install it" in result.errors
    assert "openjdk-17-jre-headless" in result.errors


def test_a_java_that_is_too_old_is_refused(product: Product, tmp_path: Path) -> None:
    java = tmp_path / "old" / "bin" / "java"
    java.parent.mkdir(parents=True)
    java.write_text("#!/bin/sh\necho 'openjdk version \"11.0.2\" 2019-01-15' >&2\n")
    java.chmod(0o755)
    result = replace(product, settings={**product.settings, "JAVA_HOME": str(tmp_path / "old")}).run("engine", "start")
    assert f"{java} is Java 11" in result.errors


def test_a_server_that_does_not_start_tells_why_and_what_to_do(product: Product) -> None:
    greedy = replace(product, settings={**product.settings, "TELECOM_CDR_SPARK_DRIVER_MEMORY": "999999g"})
    result = greedy.run("engine", "start")
    assert result.exit_code == WRONG
    assert "Spark did not start: the memory is not there: set TELECOM_CDR_SPARK_DRIVER_MEMORY to less" in result.errors
    assert LOG in result.errors
    assert greedy.run("engine", "status").exit_code == NOT_RUNNING


def test_a_directory_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(EngineError, match="set TELECOM_CDR_SPARK_STATE"):
        start(LocalSpark(tmp_path / "file" / "state", "1g", 1, 0))


def test_a_command_that_is_interrupted_leaves_the_server(shared: Product, spark_state: Path) -> None:
    server = server_of(spark_state)
    # The terminal interrupts every process of its group.
    assert os.getpgid(server.pid) != os.getpgrp()
    assert os.getsid(server.pid) != os.getsid(0)
    command = shared.start("engine", "status")
    command.send_signal(signal.SIGINT)
    command.communicate()
    assert server.is_running()


def test_what_a_server_is_asked_for_follows_the_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELECOM_CDR_SPARK_STATE", str(tmp_path))
    monkeypatch.setenv("TELECOM_CDR_SPARK_IDLE_MINUTES", "0.5")
    monkeypatch.setenv("TELECOM_CDR_SPARK_DRIVER_MEMORY", "")
    asked = LocalSpark.of(Settings())
    assert (asked.folder, asked.idle_seconds) == (tmp_path, 30)
    assert asked.driver_memory[-1] == "g"
    assert 2 <= int(asked.driver_memory[:-1]) <= 8
    assert json.dumps(asked.fingerprint)
    assert replace(asked, cores=asked.cores + 1).fingerprint != asked.fingerprint
    assert replace(asked, idle_seconds=9).fingerprint == asked.fingerprint
