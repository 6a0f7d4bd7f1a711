"""Rows of any declared table: what the declaration asks for by default, what a test cares about by name."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from telecom_cdr.tables.model import Column, Table

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

MONTH = "2026-01"


def row_of(table: Table, **values: Any) -> dict[str, Any]:
    """One row: null where the column may be null, else the plainest value that the declaration allows."""
    unknown = sorted(set(values) - set(table.column_names))
    if unknown:
        raise KeyError(f"{table.path} has no column {', '.join(unknown)}")
    return {column.name: values.get(column.name, _default(column)) for column in table.columns}


def frame_of(engine: "SparkSession", table: Table, *rows: Mapping[str, Any]) -> "DataFrame":
    """A DataFrame of the declared schema, one row for each mapping."""
    schema = pa.schema([pa.field(item.name, item.type) for item in table.arrow_schema])
    made = [row_of(table, **row) for row in rows] or [row_of(table)]
    frame = engine.createDataFrame(pa.Table.from_pylist(made, schema=schema))
    # The engine takes no schema from a table without rows.
    return frame if rows else frame.limit(0)


def rows(frame: "DataFrame") -> list[dict[str, Any]]:
    """The rows as plain Python values."""
    found: list[dict[str, Any]] = frame.toArrow().to_pylist()
    return found


def one(frame: "DataFrame") -> dict[str, Any]:
    """The only row."""
    (row,) = rows(frame)
    return row


def _default(column: Column) -> Any:
    if column.nullable:
        return None
    if column.allowed_values:
        return column.allowed_values[0]
    if column.name in {"billing_month", "usage_month"}:
        return MONTH
    kind = column.type.arrow
    if pa.types.is_integer(kind):
        return column.minimum or 0
    if pa.types.is_decimal(kind):
        return Decimal(0)
    if pa.types.is_boolean(kind):
        return False
    if pa.types.is_date(kind):
        return date(2026, 1, 15)
    if pa.types.is_timestamp(kind):
        return datetime(2026, 1, 15, 12, tzinfo=UTC)
    return b"{}" if pa.types.is_binary(kind) else f"a {column.name}"
