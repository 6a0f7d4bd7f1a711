"""The committed DDL is that of the models, and runs."""

import sqlite3
from pathlib import Path

import psycopg2
import pytest

from telecom_cdr.reference.ddl import DIALECTS, ddl
from telecom_cdr.reference.models import SQL_TABLES

DDL = Path(__file__).parents[2] / "sql" / "ddl"


@pytest.mark.parametrize("name", DIALECTS)
def test_the_committed_ddl_is_not_stale(name: str) -> None:
    assert (DDL / f"{name}.sql").read_text(encoding="utf-8") == ddl(name), "run `make docs`"


def test_the_ddl_runs_on_sqlite() -> None:
    with sqlite3.connect(":memory:") as connection:
        connection.executescript((DDL / "sqlite.sql").read_text(encoding="utf-8"))
        found = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert set(SQL_TABLES) | {"reference_loads"} == found


def test_the_ddl_runs_on_postgresql(postgres_url: str) -> None:
    connection = psycopg2.connect(postgres_url)
    with connection, connection.cursor() as cursor:
        cursor.execute((DDL / "postgresql.sql").read_text(encoding="utf-8"))
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        found = {name for (name,) in cursor.fetchall()}
    connection.close()
    assert set(SQL_TABLES) | {"reference_loads"} == found
