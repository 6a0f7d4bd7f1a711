"""Rows of the operational database as Arrow tables: PostgreSQL's COPY both ways, batches of rows on SQLite.

Here: moving rows inside a transaction that is open. Not here: which rows, when, and the transaction (`database`).
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, cast

import psycopg2
import psycopg2.extensions
import pyarrow as pa
import pyarrow.csv as pa_csv
import sqlalchemy as sa

from telecom_cdr.reference.models import ROW_ID, SQL_TABLES
from telecom_cdr.reference.validation import database_schema
from telecom_cdr.tables.model import Table

_BATCH_ROWS: Final = 20_000


def insert(connection: sa.Connection, table: Table, rows: pa.Table) -> None:
    """Add rows, numbered in their order where the table has no natural key."""
    target = SQL_TABLES[table.name]
    if ROW_ID in target.c:
        rows = rows.add_column(0, ROW_ID, pa.array(range(1, rows.num_rows + 1), pa.int64()))
    if connection.dialect.name == "postgresql":
        _copy_in(connection, target, rows)
        return
    for batch in rows.to_batches(max_chunksize=_BATCH_ROWS):
        connection.execute(target.insert(), batch.to_pylist())


def read(connection: sa.Connection, table: Table) -> pa.Table:
    """Every row, in the order of the primary key. Raises ArrowInvalid for a value that the declared type cannot hold,
    which no load writes.
    """
    source, schema = SQL_TABLES[table.name], database_schema(table)
    query = sa.select(*(source.c[name] for name in schema.names)).order_by(*source.primary_key.columns)
    if connection.dialect.name == "postgresql":
        return _copy_out(connection, query, schema)
    columns = list(zip(*connection.execute(query), strict=True)) or [()] * len(schema)
    arrays = [pa.array(values, field.type) for values, field in zip(columns, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)


def _copy_in(connection: sa.Connection, target: sa.Table, rows: pa.Table) -> None:
    """An unquoted empty cell is null, and empty texts do not exist here."""
    buffer = io.BytesIO()
    pa_csv.write_csv(rows, buffer, pa_csv.WriteOptions(include_header=False))
    buffer.seek(0)
    names = ", ".join(f'"{name}"' for name in rows.column_names)
    with _cursor(connection) as cursor:
        cursor.copy_expert(f'COPY "{target.name}" ({names}) FROM STDIN WITH (FORMAT csv)', buffer)


def _copy_out(connection: sa.Connection, query: sa.Select, schema: pa.Schema) -> pa.Table:
    text = str(query.compile(dialect=connection.dialect))
    buffer = io.BytesIO()
    with _cursor(connection) as cursor:
        cursor.copy_expert(f"COPY ({text}) TO STDOUT WITH (FORMAT csv, HEADER true)", buffer)
    return pa_csv.read_csv(
        pa.py_buffer(buffer.getbuffer()),
        parse_options=pa_csv.ParseOptions(newlines_in_values=True),
        convert_options=pa_csv.ConvertOptions(
            column_types=schema,
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            true_values=["t"],
            false_values=["f"],
        ),
    ).cast(schema)


@contextmanager
def _cursor(connection: sa.Connection) -> Iterator["psycopg2.extensions.cursor"]:
    """The driver's own cursor. SQLAlchemy does not see what happens on it, so a connection that is lost is told."""
    cursor = cast("psycopg2.extensions.cursor", connection.connection.cursor())
    try:
        yield cursor
        cursor.close()
    except psycopg2.Error as error:
        if cursor.connection.closed:
            connection.invalidate(error)
        raise
