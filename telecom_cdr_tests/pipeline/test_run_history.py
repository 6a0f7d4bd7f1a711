"""Dagster's run history is written without waiting for the disk, and nothing else is."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from telecom_cdr.cli.runs import open_instance
from telecom_cdr.settings import Settings

_OFF, _FULL = 0, 2


class _Counting(sqlite3.Connection):
    """Counts how often it is asked which file it is."""

    asked = 0

    def execute(self, statement: str, *arguments: Any) -> sqlite3.Cursor:
        self.asked += statement == "PRAGMA database_list"
        return super().execute(statement, *arguments)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Dagster home that several commands of one process opened."""
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "dagster"))
    monkeypatch.setenv("TELECOM_CDR_LAKE", str(tmp_path / "lake"))
    for _ in range(3):
        with open_instance(Settings()):
            pass
    return tmp_path / "dagster"


def _connected(path: Path) -> _Counting:
    engine = sa.create_engine("sqlite://", creator=lambda: sqlite3.connect(path, factory=_Counting))
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
    assert isinstance(driver, _Counting)
    return driver


def test_only_the_history_does_not_wait_for_the_disk(home: Path) -> None:
    waits = {
        name: _connected(path).execute("PRAGMA synchronous").fetchone()[0]
        for name, path in (("history", home / "a.sqlite"), ("other", home.parent / "b.sqlite"))
    }
    assert waits == {"history": _OFF, "other": _FULL}


def test_many_commands_in_one_process_make_connecting_no_slower(home: Path) -> None:
    assert _connected(home / "c.sqlite").asked == 1


def test_databases_are_opened_where_no_dagster_home_is_known(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DAGSTER_HOME")
    assert _connected(home / "d.sqlite").asked == 0
