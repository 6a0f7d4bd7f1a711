"""Loading the operational database from CSV files, and reading one state of it.

Here: the two transactions. Not here: connecting (`connection`), what is valid (`validation`), the lake (`snapshot`).
"""

import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, cast

import psycopg2.extensions
import pyarrow as pa
import pyarrow.csv as pa_csv
import sqlalchemy as sa

from telecom_cdr.reference.connection import create_engine, create_schema, reading, shown, writing
from telecom_cdr.reference.errors import DatabaseError
from telecom_cdr.reference.models import LOADS, ROW_ID, SQL_TABLES
from telecom_cdr.reference.validation import content_hash, database_schema, read_reference
from telecom_cdr.tables import reference
from telecom_cdr.tables.model import Table

_BATCH_ROWS: Final = 20_000


@dataclass(frozen=True)
class LoadResult:
    """What a load did.

    `version`: number of the load that the database holds. `counts`: rows by table name. `is_new`: False when the
    database held the same content already and nothing changed. `ignored_files`: CSV files that are no reference table.
    """

    version: int
    counts: dict[str, int]
    is_new: bool
    ignored_files: tuple[str, ...]


@dataclass(frozen=True)
class Snapshot:
    """One state of the database: every table by name, in its declared schema."""

    version: int
    content_sha256: str
    tables: dict[str, pa.Table]


def load(directory: Path, url: str) -> LoadResult:
    """Replace the reference data with a directory of CSV files, or change nothing.

    The same content again (rows in any order) makes no new version. Raises ReferenceDataError with every refused
    cell, InputError for a directory that is none, DatabaseError when the database cannot be written.
    """
    data = read_reference(directory)
    digest = content_hash(data.tables)
    counts = {name: rows.num_rows for name, rows in data.tables.items()}
    engine = create_engine(url)
    try:
        create_schema(engine)
        with writing(engine) as connection:
            newest = _newest_load(connection)
            is_new = newest is None or content_hash(_read_tables(connection)) != digest
            version = newest.version if newest else 0
            if is_new:
                version += 1
                _replace(connection, data.tables)
                connection.execute(
                    LOADS.insert().values(
                        version=version,
                        loaded_utc=datetime.now(UTC),
                        source=str(directory),
                        row_counts=counts,
                        content_sha256=digest,
                    )
                )
    finally:
        engine.dispose()
    return LoadResult(version, counts, is_new, data.ignored_files)


def read_snapshot(url: str) -> Snapshot:
    """Every reference table as it stands, read in one transaction, each row with the version of the load.

    Raises DatabaseError when the database is not there, does not answer, or holds no load.
    """
    engine = create_engine(url)
    try:
        with reading(engine) as connection:
            newest = _newest_load(connection)
            if newest is None:
                raise DatabaseError(
                    f"{shown(engine.url)} holds no reference data: load it with `telecom-cdr reference load DIR`"
                )
            tables = _read_tables(connection)
    finally:
        engine.dispose()
    digest = content_hash(tables)
    if digest != newest.content_sha256:
        raise DatabaseError(
            f"{shown(engine.url)} was changed since load {newest.version}, without the checks of a load: "
            "put the change into the CSV files and run `telecom-cdr reference load DIR`"
        )
    versioned = {table.name: _versioned(table, tables[table.name], newest.version) for table in reference.TABLES}
    return Snapshot(newest.version, digest, versioned)


def _newest_load(connection: sa.Connection) -> sa.Row | None:
    query = sa.select(LOADS.c.version, LOADS.c.content_sha256).order_by(LOADS.c.version.desc()).limit(1)
    return connection.execute(query).one_or_none()


def _replace(connection: sa.Connection, tables: dict[str, pa.Table]) -> None:
    for table in reversed(reference.TABLES):
        connection.execute(SQL_TABLES[table.name].delete())
    for table in reference.TABLES:
        _insert(connection, SQL_TABLES[table.name], tables[table.name])


def _insert(connection: sa.Connection, target: sa.Table, rows: pa.Table) -> None:
    if ROW_ID in target.c:
        rows = rows.add_column(0, ROW_ID, pa.array(range(1, rows.num_rows + 1), pa.int64()))
    if connection.dialect.name == "postgresql":
        _copy(connection, target, rows)
        return
    for batch in rows.to_batches(max_chunksize=_BATCH_ROWS):
        connection.execute(target.insert(), batch.to_pylist())


def _copy(connection: sa.Connection, target: sa.Table, rows: pa.Table) -> None:
    """PostgreSQL's bulk load; an unquoted empty cell is null, and empty texts do not exist here."""
    buffer = io.BytesIO()
    pa_csv.write_csv(rows, buffer, pa_csv.WriteOptions(include_header=False))
    buffer.seek(0)
    names = ", ".join(f'"{name}"' for name in rows.column_names)
    cursor = cast("psycopg2.extensions.cursor", connection.connection.cursor())
    cursor.copy_expert(f'COPY "{target.name}" ({names}) FROM STDIN WITH (FORMAT csv)', buffer)
    cursor.close()


def _read_tables(connection: sa.Connection) -> dict[str, pa.Table]:
    return {table.name: _read(connection, table) for table in reference.TABLES}


def _read(connection: sa.Connection, table: Table) -> pa.Table:
    source, schema = SQL_TABLES[table.name], database_schema(table)
    query = sa.select(*(source.c[name] for name in schema.names)).order_by(*source.primary_key.columns)
    return _as_arrow(connection.execute(query).all(), schema)


def _as_arrow(rows: Iterable[sa.Row], schema: pa.Schema) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    arrays = [pa.array(values, field.type) for values, field in zip(columns, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)


def _versioned(table: Table, rows: pa.Table, version: int) -> pa.Table:
    field = table.arrow_schema.field(reference.REFERENCE_VERSION.name)
    numbered = rows.append_column(field, pa.array([version] * rows.num_rows, field.type))
    return numbered.select(table.column_names).cast(table.arrow_schema)
