"""The operational database as SQLAlchemy tables, derived from `tables/reference.py`.

Here: types, keys, checks, indexes, and the record of loads. Not here: connections (`database`), CSV (`csv_files`).
The database holds the newest load only; its number is the greatest `reference_loads.version`.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from telecom_cdr.tables import reference
from telecom_cdr.tables.model import Column, Table
from telecom_cdr.tables.reference import csv_columns

ROW_ID: Final = "row_id"
"""Order of the row in its file, from 1: the primary key of tables whose own key may hold nulls."""
# Unequal to every real value of the column, so that a unique index treats two "any" as equal.
_ANY: Final = {pa.string(): "''", pa.int64(): "0", pa.date32(): "'0001-01-01'"}
# Beside the unique indexes, which begin with the number, the prefix or the plan that queries ask for.
_INDEXES: Final = {"subscriptions": ("customer_id",), "discounts": ("customer_id",)}


class ExactDecimal(TypeDecorator[Decimal]):
    """A decimal without loss: NUMERIC on PostgreSQL, text on SQLite, whose NUMERIC is a float."""

    impl = sa.Numeric
    cache_ok = True

    def __init__(self, precision: int, scale: int) -> None:
        super().__init__(precision, scale)
        self.precision = precision
        self.scale = scale

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine:
        """The column type of the dialect."""
        plain: TypeEngine = sa.Text() if dialect.name == "sqlite" else sa.Numeric(self.precision, self.scale)
        return dialect.type_descriptor(plain)

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Decimal | str | None:
        """A value for the database."""
        return f"{value:.{self.scale}f}" if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: Decimal | str | None, dialect: Dialect) -> Decimal | None:
        """A value from the database."""
        return Decimal(value) if value is not None else None


class UtcInstant(TypeDecorator[datetime]):
    """An instant: TIMESTAMP WITH TIME ZONE on PostgreSQL, UTC without zone on SQLite."""

    impl = sa.DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[datetime]:
        """The column type of the dialect."""
        return dialect.type_descriptor(sa.DateTime(timezone=dialect.name != "sqlite"))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """A value for the database."""
        if value is None:
            return None
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """A value from the database."""
        return value if value is None or value.tzinfo else value.replace(tzinfo=UTC)


def has_natural_key(table: Table) -> bool:
    """Whether no part of the key can be null, so that it may be the primary key."""
    return not any(table.column(name).nullable for name in table.key)


def _sql_type(column: Column) -> TypeEngine:
    arrow = column.type.arrow
    if pa.types.is_decimal(arrow):
        return ExactDecimal(arrow.precision, arrow.scale)
    plain: dict[pa.DataType, TypeEngine] = {
        pa.string(): sa.Text(),
        pa.int64(): sa.BigInteger(),
        pa.int32(): sa.Integer(),
        pa.bool_(): sa.Boolean(),
        pa.date32(): sa.Date(),
    }
    return plain[arrow]


def _checks(table: Table) -> Iterator[sa.CheckConstraint]:
    for column in csv_columns(table):
        if column.allowed_values:
            values = ", ".join(f"'{value}'" for value in column.allowed_values)
            yield sa.CheckConstraint(f"{column.name} IN ({values})", name=f"{table.name}_{column.name}_allowed")
        if column.minimum is not None:
            # Decimals are text on SQLite: compared as numbers only after a cast.
            number = f"CAST({column.name} AS NUMERIC)" if pa.types.is_decimal(column.type.arrow) else column.name
            yield sa.CheckConstraint(f"{number} >= {column.minimum}", name=f"{table.name}_{column.name}_minimum")
    if "valid_to" in table.column_names:
        yield sa.CheckConstraint("valid_from < valid_to", name=f"{table.name}_validity")


def _foreign_key(column: Column) -> tuple[sa.ForeignKey, ...]:
    target = next((table for table in reference.TABLES if table.path == column.references), None)
    # A time band is several rows, so its name is no key to point at: the loader checks it.
    return (sa.ForeignKey(f"{target.name}.{target.key[0]}"),) if target and len(target.key) == 1 else ()


def _unique_index(table: Table, made: sa.Table) -> sa.Index:
    parts = [
        sa.func.coalesce(made.c[name], sa.literal_column(_ANY[table.column(name).type.arrow]))
        if table.column(name).nullable
        else made.c[name]
        for name in table.key
    ]
    return sa.Index(f"{table.name}_key", *parts, unique=True)


def _sql_table(table: Table, metadata: sa.MetaData) -> sa.Table:
    natural = has_natural_key(table)
    columns = [
        sa.Column(
            column.name,
            _sql_type(column),
            *_foreign_key(column),
            nullable=column.nullable,
            primary_key=natural and column.name in table.key,
        )
        for column in csv_columns(table)
    ]
    surrogate = [] if natural else [sa.Column(ROW_ID, sa.BigInteger(), primary_key=True, autoincrement=False)]
    made = sa.Table(table.name, metadata, *surrogate, *columns, *_checks(table))
    if not natural:
        _unique_index(table, made)
    for name in _INDEXES.get(table.name, ()):
        sa.Index(f"{table.name}_{name}", made.c[name])
    return made


METADATA: Final = sa.MetaData()
LOADS: Final = sa.Table(
    "reference_loads",
    METADATA,
    sa.Column("version", sa.Integer(), primary_key=True, autoincrement=False),
    sa.Column("loaded_utc", UtcInstant(), nullable=False),
    sa.Column("source", sa.Text(), nullable=False),
    sa.Column("row_counts", sa.JSON(), nullable=False),
    sa.Column("content_sha256", sa.Text(), nullable=False),
    sa.CheckConstraint("version >= 1", name="reference_loads_version_minimum"),
)
SQL_TABLES: Final[dict[str, sa.Table]] = {table.name: _sql_table(table, METADATA) for table in reference.TABLES}
