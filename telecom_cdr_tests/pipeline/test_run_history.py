"""The history of runs: written without waiting, one engine a file, where Dagster's own tools find it."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from telecom_cdr.cli.runs import open_instance
from telecom_cdr.defs.history import HistoryStorage
from telecom_cdr.errors import InputError
from telecom_cdr.settings import Settings

if TYPE_CHECKING:
    from dagster import DagsterInstance

_OFF = 0


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Dagster home that commands made."""
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "dagster"))
    monkeypatch.setenv("TELECOM_CDR_LAKE", str(tmp_path / "lake"))
    return tmp_path / "dagster"


@pytest.fixture
def instance(home: Path) -> Iterator["DagsterInstance"]:
    with open_instance(Settings()) as opened:
        yield opened


def _storage(instance: "DagsterInstance") -> HistoryStorage:
    storage = instance.event_log_storage
    assert isinstance(storage, HistoryStorage)
    return storage


def test_a_new_home_keeps_its_history_in_our_storage_and_in_dagsters_place(
    home: Path, instance: "DagsterInstance"
) -> None:
    assert _storage(instance).get_records_for_run("a-run").records == []
    tables = sqlite3.connect(home / "history" / "runs" / "index.db").execute("SELECT name FROM sqlite_master")
    assert ("event_logs",) in tables.fetchall()


def test_commits_do_not_wait_for_the_disk(instance: "DagsterInstance") -> None:
    with _storage(instance).index_connection() as connection:
        assert connection.execute(sa.text("PRAGMA synchronous")).scalar() == _OFF


def test_a_file_has_one_engine_and_many_files_few(instance: "DagsterInstance") -> None:
    storage = _storage(instance)
    engines = set()
    for _ in range(3):
        with storage.index_connection() as connection:
            engines.add(connection.engine)
    assert len(engines) == 1
    for number in range(40):
        with storage.run_connection(f"run-{number}") as connection:
            connection.execute(sa.text("SELECT count(*) FROM event_logs"))
    with storage.run_connection("run-0") as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM event_logs")).scalar() == 0
    assert len(storage._engines) <= 16


def test_processes_that_start_at_once_make_one_history(home: Path) -> None:
    code = "from telecom_cdr.cli.runs import open_instance\nfrom telecom_cdr.settings import Settings\n"
    code += "with open_instance(Settings()): pass"
    started = [subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True) for _ in range(4)]
    ended = [(process.communicate()[1], process.returncode) for process in started]
    assert [code for _, code in ended] == [0] * 4, ended


def test_a_history_without_a_home_is_refused(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_instance(Settings()):
        pass
    monkeypatch.delenv("DAGSTER_HOME")
    with pytest.raises(InputError, match="DAGSTER_HOME is not set"):
        _ = HistoryStorage.from_config_value(None, {})


def test_a_home_that_is_moved_takes_its_history_along(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_instance(Settings()):
        pass
    moved = home.rename(tmp_path / "elsewhere")
    monkeypatch.setenv("DAGSTER_HOME", str(moved))
    with open_instance(Settings()) as instance:
        assert _storage(instance).get_records_for_run("a-run").records == []
    assert not home.exists()
