"""A directory of CSV files becomes typed tables, or one error with every refusal.

Here: the order of the checks, and what they run on. Not here: the rules themselves (`cells`, `rules*`).
DuckDB in memory evaluates the rules: some are window queries over a hundred thousand rows.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from telecom_cdr.reference.cells import cells_query, typed
from telecom_cdr.reference.csv_files import LINE, read_directory
from telecom_cdr.reference.errors import ReferenceDataError, Refusal, masked
from telecom_cdr.reference.rules import Rule, declared_rules
from telecom_cdr.reference.rules_accounts import ACCOUNT_RULES
from telecom_cdr.reference.rules_tariff import TARIFF_RULES
from telecom_cdr.tables import BY_PATH, reference
from telecom_cdr.tables.model import Table
from telecom_cdr.tables.reference import csv_columns


@dataclass(frozen=True)
class ReferenceData:
    """Valid reference data: every table by name, typed, in file order, without the version; CSV files not read."""

    tables: dict[str, pa.Table]
    ignored_files: tuple[str, ...]


@dataclass(frozen=True)
class Examined:
    """A directory of CSV files as tables of a DuckDB connection, and every reason to refuse it.

    `<table>` holds the rows whose cells are in order, typed, with their `line`; `text_<table>` all rows as text.
    `is_whole`: every row of every file is in its table, whatever the rules refuse.
    """

    connection: duckdb.DuckDBPyConnection
    refusals: tuple[Refusal, ...]
    ignored_files: tuple[str, ...]
    is_whole: bool


def read_reference(directory: Path) -> ReferenceData:
    """Read and validate a directory of CSV files.

    Raises ReferenceDataError with every refusal, InputError when there is no such directory.
    """
    with examined(directory) as found:
        if found.refusals:
            raise ReferenceDataError(directory, found.refusals)
        tables = {table.name: _typed_rows(found.connection, table) for table in reference.TABLES}
        return ReferenceData(tables, found.ignored_files)


@contextmanager
def examined(directory: Path) -> Iterator[Examined]:
    """Read a directory of CSV files and run every rule on it; InputError when there is no such directory."""
    files = read_directory(directory)
    refusals = list(files.refusals)
    with duckdb.connect(":memory:") as connection:
        for table in reference.TABLES:
            connection.register("rows", files.tables[table.name])
            connection.execute(f"CREATE TABLE text_{table.name} AS SELECT * FROM rows")
            connection.unregister("rows")
            refusals += _refused(connection, table, cells_query(table, f"text_{table.name}"))
        _create_typed(connection, refusals)
        is_whole = not refusals
        # Rows about rows that could not be read would be refused for no fault of theirs.
        if not files.refusals:
            refusals += _run(connection, (*declared_rules(), *ACCOUNT_RULES, *TARIFF_RULES))
        yield Examined(connection, tuple(refusals), files.ignored, is_whole)


def database_schema(table: Table) -> pa.Schema:
    """Arrow schema of a table in the database: the declared columns without the version."""
    return pa.schema([table.arrow_schema.field(column.name) for column in csv_columns(table)])


def content_hash(tables: Mapping[str, pa.Table]) -> str:
    """SHA-256 of the content: equal for equal rows, whatever their order or how the files were written."""
    digest = hashlib.sha256()
    with duckdb.connect(":memory:") as connection:
        for table in reference.TABLES:
            cells = ", ".join(f"coalesce(CAST({column.name} AS varchar), chr(30))" for column in csv_columns(table))
            connection.register("rows", tables[table.name])
            lines = connection.sql(f"SELECT concat_ws(chr(31), {cells}) AS line FROM rows ORDER BY line").fetchall()
            connection.unregister("rows")
            digest.update("\n".join([f"[{table.name}]", *(line for (line,) in lines)]).encode())
    return digest.hexdigest()


def _create_typed(connection: duckdb.DuckDBPyConnection, refusals: Iterable[Refusal]) -> None:
    refused: dict[str, set[int]] = {}
    for refusal in refusals:
        refused.setdefault(refusal.file, set()).add(refusal.line)
    for table in reference.TABLES:
        lines = sorted(refused.get(f"{table.name}.csv", ()))
        cells = ", ".join(f"{typed(column)} AS {column.name}" for column in csv_columns(table))
        connection.execute(
            f"CREATE TABLE {table.name} AS SELECT {LINE}, {cells} FROM text_{table.name} "
            f"WHERE NOT list_contains(CAST(? AS bigint[]), {LINE})",
            [lines],
        )


def _run(connection: duckdb.DuckDBPyConnection, rules: Iterable[Rule]) -> list[Refusal]:
    return [one for rule in rules for one in _refused(connection, BY_PATH[f"reference/{rule.table}"], rule.query)]


def _refused(connection: duckdb.DuckDBPyConnection, table: Table, query: str) -> list[Refusal]:
    rows = connection.execute(f"SELECT line, column_name, value, problem FROM ({query})").fetchall()
    return [
        Refusal(
            f"{table.name}.csv",
            line,
            column,
            masked(value) if value and table.column(column).personal else value,
            problem,
        )
        for line, column, value, problem in rows
    ]


def _typed_rows(connection: duckdb.DuckDBPyConnection, table: Table) -> pa.Table:
    names = ", ".join(column.name for column in csv_columns(table))
    rows: pa.Table = connection.sql(f"SELECT {names} FROM {table.name} ORDER BY {LINE}").to_arrow_table()
    return rows.cast(database_schema(table))
