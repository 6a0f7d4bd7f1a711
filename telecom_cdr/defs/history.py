"""Dagster's history of runs on SQLite, written without waiting.

Dagster opens the file, with an engine of SQLAlchemy of its own, for each of the thousand statements of a month, which
is then compiled anew, and waits for the disk after each: together more than all the work of a small month. This
keeps one engine a file, and its connection open. Here: that, and nothing else; what is stored is Dagster's own
affair. `dagster.yaml` names the class.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.sqlite import create_db_conn_string
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Connection, Engine, create_engine, event

from telecom_cdr.errors import InputError

_BUSY_SECONDS: Final = 60
_MOST_ENGINES: Final = 16


class HistoryStorage(SqliteEventLogStorage):
    """The event log below DAGSTER_HOME, where Dagster's own would be."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._engines: dict[str, Engine] = {}
        super().__init__(base_dir, inst_data)

    @classmethod
    def config_type(cls) -> dict[str, Any]:
        """No settings: a home that is moved takes its history along."""
        return {}

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> "HistoryStorage":
        """The history of the DAGSTER_HOME of this process; InputError when there is none."""
        home = os.environ.get("DAGSTER_HOME")
        if not home:
            raise InputError("DAGSTER_HOME is not set: set it to the directory that holds dagster.yaml and the history")
        return cls(str(Path(home) / "history" / "runs"), inst_data)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock, self._engine(shard).connect() as connection, connection.begin():
            yield connection

    def _engine(self, shard: str) -> Engine:
        """One engine a file, so that it compiles each kind of statement once."""
        if shard not in self._engines:
            # A server meets many runs; those it meets again cost one more engine.
            if len(self._engines) >= _MOST_ENGINES:
                self._engines.pop(next(iter(self._engines))).dispose()
            url = create_db_conn_string(self._base_dir, shard)
            engine = create_engine(url, connect_args={"timeout": _BUSY_SECONDS})
            event.listen(engine, "connect", _do_not_wait)
            self._initdb(engine)
            self._engines[shard] = engine
        return self._engines[shard]

    def dispose(self) -> None:
        """Close every file, so that nothing waits beside it in a log of its own."""
        while self._engines:
            self._engines.popitem()[1].dispose()
        super().dispose()


def _do_not_wait(connection: Any, _: object) -> None:
    """Hand each commit to the system, which a process that dies cannot undo; a power cut may lose the last of them."""
    connection.execute("PRAGMA synchronous=OFF")
