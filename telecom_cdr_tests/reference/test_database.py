"""Loading and reading the operational database, on SQLite and on a real PostgreSQL."""

import sqlite3
import threading
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
import sqlalchemy as sa

from telecom_cdr.reference import rows
from telecom_cdr.reference.connection import create_engine
from telecom_cdr.reference.database import load, read_snapshot
from telecom_cdr.reference.errors import DatabaseError, ReferenceDataError
from telecom_cdr.reference.models import LOADS, SQL_TABLES
from telecom_cdr.reference.validation import read_reference
from telecom_cdr.tables import reference
from telecom_cdr.tables.model import Table
from telecom_cdr_tests.reference.catalogue import Catalogue
from telecom_cdr_tests.reference.postgres import PASSWORD


def execute(url: str, statement: sa.Executable) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(statement)
    engine.dispose()


def test_what_is_loaded_is_read_back_exactly(catalogue: Catalogue, database_url: str) -> None:
    catalogue.replace("rates", 3, "BASIC,CALL,,,2024-02-01,,flat,,123456789.123456789,999999999999.999999,,,,,,")
    loaded = read_reference(catalogue.directory).tables
    result = load(catalogue.directory, database_url)
    snapshot = read_snapshot(database_url)
    assert (result.version, result.is_new) == (1, True)
    assert result.counts == {name: found.num_rows for name, found in loaded.items()}
    for table in reference.TABLES:
        read = snapshot.tables[table.name]
        assert read.schema.equals(table.arrow_schema)
        assert set(read["reference_version"].to_pylist()) <= {1}
        assert sorted(map(repr, read.select(loaded[table.name].column_names).to_pylist())) == sorted(
            map(repr, loaded[table.name].to_pylist())
        )


def test_the_same_content_again_makes_no_version(catalogue: Catalogue, database_url: str) -> None:
    load(catalogue.directory, database_url)
    again = load(catalogue.directory, database_url)
    assert (again.version, again.is_new) == (1, False)
    catalogue.add("holidays", "2024-07-30,Throne Day")
    changed = load(catalogue.directory, database_url)
    assert (changed.version, changed.is_new, changed.counts["holidays"]) == (2, True, 2)
    assert read_snapshot(database_url).tables["holidays"].num_rows == 2


def test_a_refused_row_leaves_the_database_as_it_was(catalogue: Catalogue, database_url: str) -> None:
    load(catalogue.directory, database_url)
    before = read_snapshot(database_url)
    catalogue.add("holidays", "2024-07-30,Throne Day", "tomorrow,Party")
    with pytest.raises(ReferenceDataError):
        load(catalogue.directory, database_url)
    assert read_snapshot(database_url) == before


def test_a_load_that_dies_in_the_middle_leaves_the_database_as_it_was(
    catalogue: Catalogue, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(catalogue.directory, database_url)
    before = read_snapshot(database_url)
    catalogue.add("holidays", "2024-07-30,Throne Day")
    insert = rows.insert

    def insert_or_die(connection: sa.Connection, table: Table, found: pa.Table) -> None:
        if table is reference.DESTINATIONS:
            raise OSError("power cut")
        insert(connection, table, found)

    monkeypatch.setattr(rows, "insert", insert_or_die)
    with pytest.raises(OSError, match="power cut"):
        load(catalogue.directory, database_url)
    assert read_snapshot(database_url) == before


def test_two_loads_at_once_come_one_after_the_other(catalogue: Catalogue, database_url: str) -> None:
    load(catalogue.directory, database_url)
    catalogue.add("holidays", "2024-07-30,Throne Day")
    results = []
    threads = [
        threading.Thread(target=lambda: results.append(load(catalogue.directory, database_url))) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [result.version for result in results] == [2, 2, 2]
    assert sum(result.is_new for result in results) == 1


def test_a_change_behind_the_loaders_back_is_told_and_a_load_mends_it(catalogue: Catalogue, database_url: str) -> None:
    load(catalogue.directory, database_url)
    rates = SQL_TABLES["rates"]
    execute(database_url, rates.update().where(rates.c.product_code == "SMS").values(price=Decimal(2)))
    with pytest.raises(DatabaseError, match="was changed since load 1"):
        read_snapshot(database_url)
    assert load(catalogue.directory, database_url).version == 2
    assert read_snapshot(database_url).version == 2


@pytest.mark.parametrize(
    ("table", "row"),
    [
        (
            "subscriptions",
            {"row_id": 9, "msisdn": "212661000009", "customer_id": "C9", "plan_code": "PLUS", "status": "active"},
        ),
        (
            "subscriptions",
            {"row_id": 9, "msisdn": "212661000009", "customer_id": "C1", "plan_code": "PLUS", "status": "lost"},
        ),
        (
            "subscriptions",
            {"row_id": 9, "msisdn": "212661000002", "customer_id": "C1", "plan_code": "PLUS", "status": "active"},
        ),
        (
            "fees",
            {
                "row_id": 1,
                "fee_code": "X",
                "amount": Decimal(-1),
                "per": "invoice",
                "only_with_usage": True,
                "taxable": True,
            },
        ),
        ("rate_tiers", {"row_id": 9, "plan_code": "PLUS", "product_code": "CALL", "up_to": 0}),
    ],
)
def test_the_database_itself_refuses_what_the_declarations_exclude(
    catalogue: Catalogue, database_url: str, table: str, row: dict[str, object]
) -> None:
    load(catalogue.directory, database_url)
    with pytest.raises(sa.exc.IntegrityError):
        execute(database_url, SQL_TABLES[table].insert().values(row))


def test_sqlite_holds_decimals_as_text(catalogue: Catalogue, sqlite_url: str) -> None:
    catalogue.replace("rates", 3, "BASIC,CALL,,,2024-02-01,,flat,,0.1,,,,,,,")
    load(catalogue.directory, sqlite_url)
    with sqlite3.connect(sqlite_url.removeprefix("sqlite:///")) as connection:
        rows = connection.execute(
            "SELECT typeof(price), price FROM rates WHERE price IS NOT NULL ORDER BY row_id"
        ).fetchall()
    assert rows[:2] == [("text", "1.800000001"), ("text", "0.100000000")]


def test_a_load_is_recorded(catalogue: Catalogue, database_url: str) -> None:
    load(catalogue.directory, database_url)
    engine = create_engine(database_url)
    with engine.begin() as connection:
        (row,) = connection.execute(sa.select(LOADS)).all()
    engine.dispose()
    assert (row.version, row.source, row.row_counts["products"]) == (1, str(catalogue.directory), 5)
    assert row.loaded_utc.utcoffset().total_seconds() == 0


def test_a_database_without_a_load_says_so(tmp_path: Path, database_url: str) -> None:
    with pytest.raises(DatabaseError, match="telecom-cdr reference load DIR"):
        read_snapshot(database_url)
    assert not list(tmp_path.rglob("*.sqlite"))


@pytest.mark.parametrize(
    "url",
    [
        "nonsense",
        "mysql://root:s3cret@localhost/x",
        "sqlite://",
        "postgresql://u:s3cret@127.0.0.1:notaport/x",
        "postgresql://u:s3cret@127.0.0.1:1/x?password=s3cret",
    ],
)
def test_a_database_that_cannot_be_used_is_one_line_without_password(catalogue: Catalogue, url: str) -> None:
    for action in (
        lambda: load(catalogue.directory, url, patience_seconds=0),
        lambda: read_snapshot(url, patience_seconds=0),
    ):
        with pytest.raises(DatabaseError) as caught:
            action()
        assert "s3cret" not in str(caught.value)
        assert "\n" not in str(caught.value)


def test_a_wrong_password_is_told_without_it(catalogue: Catalogue, postgres_url: str) -> None:
    wrong = postgres_url.replace(PASSWORD, "guessed-wrong")
    with pytest.raises(DatabaseError, match="password authentication failed") as caught:
        load(catalogue.directory, wrong)
    assert "guessed-wrong" not in str(caught.value)


def test_a_file_that_is_no_database_is_told(catalogue: Catalogue, tmp_path: Path) -> None:
    (tmp_path / "notes.sqlite").write_text("these are my notes, and they are longer than a page header " * 20)
    with pytest.raises(DatabaseError, match="file is not a database"):
        load(catalogue.directory, f"sqlite:///{tmp_path / 'notes.sqlite'}")
    (tmp_path / "file").touch()
    with pytest.raises(DatabaseError, match="cannot be made"):
        load(catalogue.directory, f"sqlite:///{tmp_path / 'file' / 'reference.sqlite'}")
