"""The DuckDB connection, the macros that all steps use, and Parquet files for a table. Not here: any step."""

from pathlib import Path
from typing import Final

import duckdb

from benchmarks.common.delta import WrittenFile, commit, month_folder, table_folder
from benchmarks.common.work import Work
from benchmarks.with_duckdb.numbers import MACROS as NUMBER_MACROS
from telecom_cdr.tables.model import Table

# What Unicode calls whitespace.
_BLANKS: Final = (
    "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009"
    "\u200a\u2028\u2029\u202f\u205f\u3000"
)
_MACROS: Final = (
    # Most texts begin with a visible ASCII character: only others are trimmed.
    f"present(x) AS CASE WHEN x >= '!' AND x < '\x7f' THEN x WHEN trim(x, '{_BLANKS}') != '' THEN x END",
    f"blankless(x) AS trim(x, '{_BLANKS}')",
    # Halves away from zero; the denominator is above 0. Whole numbers: DuckDB divides decimals as doubles.
    "half_up(n, d) AS sign(n) * ((2 * abs(n::HUGEINT) + d) // (2 * d::HUGEINT))",
)
SNAPPY: Final = "COMPRESSION snappy"
ZSTD: Final = "COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE 65536"


def connect(work: Work) -> duckdb.DuckDBPyConnection:
    """A database in memory that may spill beside the lake, with the reference tables as `ref_…`."""
    connection = duckdb.connect(config={"autoinstall_known_extensions": False, "autoload_known_extensions": False})
    connection.execute(f"SET temp_directory = '{work.lake / '_spill'}'")
    connection.execute("SET preserve_insertion_order = false")
    connection.execute("SET TimeZone = 'UTC'")
    for macro in (*_MACROS, *NUMBER_MACROS):
        connection.execute(f"CREATE MACRO {macro}")
    for name, rows in work.tables.items():
        connection.register("arrived", rows)
        connection.execute(f"CREATE TABLE ref_{name} AS SELECT * FROM arrived")
        connection.unregister("arrived")
    return connection


class Writer:
    """Writes what queries give as Parquet files, and commits the files of each table once."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, lake: Path) -> None:
        self._connection = connection
        self._lake = lake
        self._files: dict[Table, list[WrittenFile]] = {}

    def add(self, table: Table, month: str | None, query: str, *, codec: str = SNAPPY) -> int:
        """Write the rows of a query that names the columns of the table; gives how many. Not committed yet."""
        files = self._files.setdefault(table, [])
        folder = month_folder(self._lake, table, month)
        path = folder / f"part-{len(files):05d}.parquet"
        names = ", ".join(
            f"{column.name}::{_type(column.type.sql)} AS {column.name}"
            for column in table.columns
            if column.name not in table.partition_by
        )
        count = self._connection.execute(
            f"COPY (SELECT {names} FROM ({query})) TO '{path}' (FORMAT parquet, {codec})"
        ).fetchone()
        rows = int(count[0]) if count else 0
        files.append(WrittenFile(path.relative_to(table_folder(self._lake, table)).as_posix(), month, rows))
        return rows

    def commit(self, *tables: Table) -> None:
        """Commit what was written to each table."""
        for table in tables:
            commit(self._lake, table, self._files.pop(table, []))

    def rows_of(self, table: Table, month: str) -> str:
        """What a query reads to get a month of a table."""
        return f"read_parquet('{month_folder(self._lake, table, month)}/*.parquet', hive_partitioning = false)"


def _type(declared: str) -> str:
    return {"string": "VARCHAR", "binary": "BLOB", "timestamp": "TIMESTAMPTZ", "int": "INTEGER"}.get(declared, declared)
