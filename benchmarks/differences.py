"""Whether two lakes hold the same: counts of every table, and every row of what is rated, invoiced and reported."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import duckdb
from deltalake import DeltaTable

from telecom_cdr.tables import invoices, mediated, rated, raw, reports
from telecom_cdr.tables.model import Table

_NOT_COMPARED: Final = {"invoice_number"}
_MONTHLY: Final = (*mediated.TABLES, rated.USAGE, invoices.LINES, invoices.INVOICES, *reports.TABLES)
COUNTED: Final = (raw.CDRS, raw.FILES, *_MONTHLY)
_COMPARED: Final = (rated.USAGE, invoices.LINES, invoices.INVOICES, *reports.TABLES)
_SHOWN: Final = 5


def differences(expected: Path, actual: Path, months: tuple[str, ...]) -> list[str]:
    """One sentence for each table that differs in count, and for the first rows that differ; none when equal."""
    with duckdb.connect(config={"autoinstall_known_extensions": False}) as connection:
        connection.execute("SET memory_limit = '6GB'")
        connection.execute(f"SET temp_directory = '{actual.parent / '_compare'}'")
        found = [sentence for table in COUNTED for sentence in _counts(table, expected, actual, months)]
        found += [sentence for table in _COMPARED for sentence in _rows(connection, table, expected, actual, months)]
    return found


def record_counts(lake: Path, months: tuple[str, ...]) -> dict[str, int]:
    """Rows of each table, of the months billed where a table is billed by month; raw of all months."""
    return {table.path: _count(lake, table, months) for table in COUNTED}


def _counts(table: Table, expected: Path, actual: Path, months: tuple[str, ...]) -> Iterator[str]:
    wanted, found = _count(expected, table, months), _count(actual, table, months)
    if wanted != found:
        yield f"{table.path}: {found:,} rows, not {wanted:,}"


def _rows(
    connection: duckdb.DuckDBPyConnection, table: Table, expected: Path, actual: Path, months: tuple[str, ...]
) -> Iterator[str]:
    columns = [name for name in table.column_names if name not in _NOT_COMPARED and name not in table.key]
    left, right = _source(expected, table, months), _source(actual, table, months)
    if left is None or right is None:
        if (left is None) != (right is None):
            yield f"{table.path}: one of the lakes has no rows"
        return
    keys = ", ".join(table.key)
    shown = ", ".join(f"l.{name}::VARCHAR AS expected_{name}, r.{name}::VARCHAR AS found_{name}" for name in columns)
    differs = " OR ".join(f"l.{name} IS DISTINCT FROM r.{name}" for name in columns)
    different = connection.execute(
        f"""
        SELECT {keys}, l.is_here AS is_expected, r.is_here AS is_found, {shown}
        FROM (SELECT *, true AS is_here FROM {left}) AS l FULL JOIN (SELECT *, true AS is_here FROM {right}) AS r
            USING ({keys})
        WHERE l.is_here IS NULL OR r.is_here IS NULL OR {differs}
        ORDER BY {keys} LIMIT {_SHOWN}
        """
    )
    names = [column[0] for column in different.description]
    for values in different.fetchall():
        yield _sentence(table, columns, dict(zip(names, values, strict=True)))


def _sentence(table: Table, columns: list[str], row: dict[str, object]) -> str:
    key = " ".join(f"{name}={row[name]}" for name in table.key)
    if not row["is_expected"] or not row["is_found"]:
        return f"{table.path}: {key}: {'not expected' if row['is_found'] else 'missing'}"
    changed = ", ".join(
        f"{name} {row[f'found_{name}']}, not {row[f'expected_{name}']}"
        for name in columns
        if row[f"found_{name}"] != row[f"expected_{name}"]
    )
    return f"{table.path}: {key}: {changed}"


def _files(lake: Path, table: Table, months: tuple[str, ...]) -> list[tuple[str, int]]:
    folder = lake / table.layer / table.name
    if not DeltaTable.is_deltatable(str(folder)):
        return []
    actions = DeltaTable(folder).get_add_actions(flatten=True)
    rows = [dict(zip(actions.schema.names, values, strict=True)) for values in _by_row(actions)]
    return [
        (str(folder / row["path"]), row["num_records"])
        for row in rows
        if table in raw.TABLES or row["partition.billing_month"] in months
    ]


def _by_row(actions: object) -> Iterator[tuple]:
    import pyarrow as pa

    table = pa.table(actions)
    yield from zip(*(column.to_pylist() for column in table.columns), strict=True)


def _count(lake: Path, table: Table, months: tuple[str, ...]) -> int:
    return sum(count for _, count in _files(lake, table, months))


def _source(lake: Path, table: Table, months: tuple[str, ...]) -> str | None:
    files = [name for name, _ in _files(lake, table, months)]
    return f"read_parquet({files!r}, hive_partitioning = true, hive_types_autocast = false)" if files else None
