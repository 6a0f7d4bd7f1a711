"""What a table declaration is: `Table`, `Column`, their types, and nothing about any one table.

Everything that states a schema is derived from these: Delta schema, DDL, Dagster columns, checks, data dictionary.
Here: the declaration and its pure derivations. Not here: reading or writing (`lakehouse/`).
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Final

import pyarrow as pa


@dataclass(frozen=True)
class ColumnType:
    """A column type: its name in SQL, which both engines read, and its Arrow type."""

    sql: str
    arrow: pa.DataType


def decimal(precision: int, scale: int) -> ColumnType:
    """An exact number; money and large sums."""
    return ColumnType(f"decimal({precision},{scale})", pa.decimal128(precision, scale))


STRING: Final = ColumnType("string", pa.string())
LONG: Final = ColumnType("bigint", pa.int64())
INTEGER: Final = ColumnType("int", pa.int32())
BOOLEAN: Final = ColumnType("boolean", pa.bool_())
DATE: Final = ColumnType("date", pa.date32())
TIMESTAMP: Final = ColumnType("timestamp", pa.timestamp("us", tz="UTC"))
BINARY: Final = ColumnType("binary", pa.binary())
PRICE: Final = decimal(18, 9)
CHARGE: Final = decimal(18, 6)
CHARGE_SUM: Final = decimal(28, 6)
AMOUNT: Final = decimal(18, 2)
RATE: Final = decimal(9, 6)


EnumClass = type[StrEnum]


@dataclass(frozen=True)
class Column:
    """One column: name, type, what it means, and what must hold of its values."""

    name: str
    type: ColumnType
    description: str
    nullable: bool = True
    unit: str | None = None
    personal: bool = False
    allowed: EnumClass | None = None
    minimum: int | None = None
    references: str | None = None

    @property
    def allowed_values(self) -> tuple[str, ...] | None:
        """The values the column may hold, or None when it is free."""
        return tuple(member.value for member in self.allowed) if self.allowed else None


@dataclass(frozen=True)
class Table:
    """One Delta table, declared once.

    `layer/name` is its asset key and its path in the lake. `retention_days` is None for tables kept for ever.
    """

    layer: str
    name: str
    grain: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    retention_days: int | None = None
    is_monthly: bool = True
    description: str = ""

    def __post_init__(self) -> None:
        missing = [name for name in self.key if name not in self.column_names]
        if missing:
            raise ValueError(f"{self.path}: key columns {missing} are not declared")
        if self.is_monthly and "billing_month" not in self.column_names:
            raise ValueError(f"{self.path}: a monthly table needs the column billing_month")

    @property
    def path(self) -> str:
        """Name in the lake and in Dagster: `layer/name`."""
        return f"{self.layer}/{self.name}"

    @cached_property
    def column_names(self) -> tuple[str, ...]:
        """The declared columns, in table order."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        """The declaration of one column; KeyError names the table."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.path} has no column {name!r}; it has: {', '.join(self.column_names)}")

    @property
    def partition_by(self) -> tuple[str, ...]:
        """Partition columns: the billing month, for every table that has one."""
        return ("billing_month",) if self.is_monthly else ()

    @cached_property
    def arrow_schema(self) -> pa.Schema:
        """The table as an Arrow schema, without field metadata: the embedded engine fails on a join of columns that
        differ in it, so that descriptions stand in the UI and the data dictionary, not in the files.
        """
        return pa.schema([pa.field(column.name, column.type.arrow, column.nullable) for column in self.columns])

    @property
    def statistics_columns(self) -> tuple[str, ...]:
        """Columns whose minimum and maximum may stand in the Delta log: no personal data, no free bytes."""
        return tuple(
            column.name
            for column in self.columns
            if not column.personal and column.type is not BINARY and column.name not in self.partition_by
        )
