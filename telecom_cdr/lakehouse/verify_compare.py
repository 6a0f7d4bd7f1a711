"""Two computations of one month of a table, compared outside the engines: every row, every column, every type.

No column is left out. What may differ from run to run stands in commits and file names, not in rows: write ids, Delta
versions, names and number of data files, order of rows, times of materialisation.
DuckDB counts equal rows, with decimals and instants as they are; it spills to disk beyond its memory.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from deltalake import DeltaTable

from telecom_cdr.lakehouse.catalog import Catalog, dataset
from telecom_cdr.tables.differences import schema_differences
from telecom_cdr.tables.model import Table

MEMORY: Final = "2GB"
NUMBER_OF_ROWS: Final = "number of rows"


@dataclass(frozen=True)
class Difference:
    """One value of one row that differs. `column` is NUMBER_OF_ROWS when one side has more of a key."""

    key: str
    column: str
    in_lake: object
    computed: object


@dataclass(frozen=True)
class Comparison:
    """What comparing one table found; `examples` are the first rows that differ, in order of the key."""

    table: Table
    row_count: int
    computed_row_count: int
    missing_row_count: int = 0
    surplus_row_count: int = 0
    differing_row_count: int = 0
    type_differences: tuple[str, ...] = ()
    examples: tuple[Difference, ...] = field(default=(), repr=False)

    @property
    def is_equal(self) -> bool:
        """Whether nothing differs."""
        counts = (self.missing_row_count, self.surplus_row_count, self.differing_row_count)
        return not any(counts) and not self.type_differences


def compare(
    lake: Catalog, scratch: Catalog, table: Table, month: str, version: int, *, spill: Path, examples: int
) -> Comparison:
    """Compare a month of a table at a version of the lake with the newest of the scratch lake.

    `examples`: how many differing rows to tell, at most. `spill`: a directory for what does not fit in memory.
    """
    pinned, computed = lake.delta(table), scratch.delta(table)
    pinned.load_as_version(version)
    types = (
        *_type_differences("in the lake", table, pinned, month),
        *_type_differences("computed", table, computed, month),
    )
    with duckdb.connect(config={"memory_limit": MEMORY, "temp_directory": str(spill)}) as database:
        database.execute("SET TimeZone = 'UTC'")
        database.register("lake", dataset(pinned, lake.path(table), month))
        database.register("scratch", dataset(computed, scratch.path(table), month))
        _find(database, table)
        counts = _row(
            database,
            """
            SELECT (SELECT count(*) FROM lake) AS row_count, (SELECT count(*) FROM scratch) AS computed_row_count,
                count(*) FILTER (in_lake = 0) AS missing_row_count,
                count(*) FILTER (computed = 0) AS surplus_row_count,
                count(*) FILTER (in_lake > 0 AND computed > 0) AS differing_row_count
            FROM unequal_keys
            """,
        )
        told = tuple(_examples(database, table, examples))
    return Comparison(table, **counts, type_differences=types, examples=told)


def _find(database: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Make `unequal`, the rows that one side has more often, and `unequal_keys`."""
    columns, key = _names(table.column_names), _names(table.key)
    database.execute(
        f"""
        CREATE TEMP TABLE unequal AS
        SELECT {columns}, sum(in_lake)::BIGINT AS _in_lake, sum(computed)::BIGINT AS _computed
        FROM (
            SELECT {columns}, 1 AS in_lake, 0 AS computed FROM lake
            UNION ALL SELECT {columns}, 0, 1 FROM scratch
        )
        GROUP BY {columns}
        HAVING sum(in_lake) <> sum(computed)
        """
    )
    database.execute(
        f"""
        CREATE TEMP TABLE unequal_keys AS
        SELECT {key}, count(*) FILTER (_in_lake > _computed) AS in_lake,
            count(*) FILTER (_computed > _in_lake) AS computed
        FROM unequal GROUP BY {key}
        """
    )


def _examples(database: duckdb.DuckDBPyConnection, table: Table, most: int) -> Iterator[Difference]:
    key = _names(table.key)
    found = database.sql(
        f"""
        SELECT unequal.* FROM unequal
        JOIN (SELECT * FROM unequal_keys ORDER BY {key} LIMIT {most}) USING ({key}) ORDER BY {key}
        """
    )
    rows = found.to_arrow_table().to_pylist()
    for values, of_key in groupby(rows, key=lambda row: tuple(row[name] for name in table.key)):
        both = list(of_key)
        name = ", ".join(f"{part}={value}" for part, value in zip(table.key, values, strict=True))
        yield from _told(table, name, both)


def _told(table: Table, name: str, rows: Sequence[Mapping[str, Any]]) -> Iterator[Difference]:
    counts = [sum(row[side] for row in rows) for side in ("_in_lake", "_computed")]
    if counts != [1, 1]:
        yield Difference(name, NUMBER_OF_ROWS, *counts)
        return
    lake, computed = sorted(rows, key=lambda row: -row["_in_lake"])
    for column in table.column_names:
        if lake[column] != computed[column]:
            yield Difference(name, column, lake[column], computed[column])


def _type_differences(side: str, table: Table, delta: DeltaTable, month: str) -> Iterator[str]:
    """Where the table or one of the month's data files has other types than the declared ones."""
    for difference in schema_differences(table, pa.schema(delta.schema().to_arrow())):
        yield f"{side}: {difference}"
    declared = {column.name: column.type.arrow for column in table.columns}
    files = pa.table(delta.get_add_actions(flatten=True))
    if not files.num_rows:
        return
    root = Path(delta.table_uri.removeprefix("file://"))
    for path in files.filter(pc.equal(files["partition.billing_month"], month))["path"].to_pylist():
        for stored in pq.read_schema(root / unquote(path)):
            if stored.name not in declared or _width(stored.type) != declared[stored.name]:
                yield f"{side}: {path}: {stored.name} is {stored.type}"


def _width(kind: pa.DataType) -> pa.DataType:
    """A type without what only says how its values are laid out."""
    layouts = {pa.large_string(): pa.string(), pa.string_view(): pa.string(), pa.large_binary(): pa.binary()}
    return layouts.get(kind, kind)


def _row(database: duckdb.DuckDBPyConnection, query: str) -> dict[str, int]:
    row: dict[str, int] = database.sql(query).to_arrow_table().to_pylist()[0]
    return row


def _names(columns: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)
