"""Checks that every table gets from its declaration: nulls, allowed values, minima, month, key, foreign keys.

Each function gives one row of counts; all 0 is a pass. Not here: rules of mediation, nor what is done with a failure.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from telecom_cdr import expressions as ex
from telecom_cdr import tables
from telecom_cdr.tables.model import Table

_SEPARATOR: Final = "__"


class TableCheck(StrEnum):
    """A generated check. The names are stable: verdicts carry them."""

    SCHEMA = "schema"
    KEY_IS_UNIQUE = "key_is_unique"
    NOT_NULL = "not_null"
    ALLOWED_VALUES = "allowed_values"
    MINIMUM = "minimum"
    FOREIGN_KEYS = "foreign_keys"


def checks_of(table: Table) -> tuple[TableCheck, ...]:
    """The checks that a table's declaration gives, in a fixed order."""
    applies = {
        TableCheck.SCHEMA: True,
        TableCheck.KEY_IS_UNIQUE: bool(table.key),
        TableCheck.NOT_NULL: any(not column.nullable for column in table.columns),
        TableCheck.ALLOWED_VALUES: any(column.allowed for column in table.columns),
        TableCheck.MINIMUM: any(column.minimum is not None for column in table.columns),
        TableCheck.FOREIGN_KEYS: bool(foreign_keys(table)),
    }
    return tuple(check for check in TableCheck if applies[check])


def foreign_keys(table: Table) -> dict[str, Table]:
    """Column -> table that it refers to."""
    return {column.name: tables.BY_PATH[column.references] for column in table.columns if column.references}


def violations(table: Table, frame: DataFrame, month: str | None = None) -> DataFrame:
    """Count the rows that break each generated check, in one aggregate over the rows of a month.

    One row: `row_count`; `outside_month` when a month is given; `<check>__<column>` for each not_null, allowed_values
    and minimum. `by_check` groups it.
    """
    figures = {"row_count": ex.count_rows()}
    if month is not None:
        is_inside = ex.is_true(F.col("billing_month") == F.lit(month))
        figures["outside_month"] = ex.count_where(~is_inside)
    figures |= {
        f"{check}{_SEPARATOR}{name}": ex.count_where(is_broken) for check, name, is_broken in _column_checks(table)
    }
    return frame.agg(*(column.alias(name) for name, column in figures.items()))


def _column_checks(table: Table) -> Iterable[tuple[TableCheck, str, Column]]:
    for column in table.columns:
        value = F.col(column.name)
        if not column.nullable:
            yield TableCheck.NOT_NULL, column.name, value.isNull()
        if column.allowed_values is not None:
            yield TableCheck.ALLOWED_VALUES, column.name, ~value.isin(*column.allowed_values)
        if column.minimum is not None:
            yield TableCheck.MINIMUM, column.name, value < F.lit(column.minimum).cast(column.type.sql)


def by_check(figures: Mapping[str, int]) -> dict[TableCheck, dict[str, int]]:
    """The counts of a `violations` row by check and column: {not_null: {"cdr_id": 0, ...}, ...}.

    A row outside its month breaks the schema: the partition column does not hold what it says.
    """
    grouped: dict[TableCheck, dict[str, int]] = {}
    for name, count in figures.items():
        check, separator, column = name.partition(_SEPARATOR)
        if separator:
            grouped.setdefault(TableCheck(check), {})[column] = count
    if "outside_month" in figures:
        grouped[TableCheck.SCHEMA] = {"billing_month": figures["outside_month"]}
    return grouped


def duplicate_keys(table: Table, frame: DataFrame) -> DataFrame:
    """Count keys that more than one row has. One row: duplicate_key_count, surplus_row_count."""
    # Nearly every key is single. A hash finds the few that may not be with little memory; the keys then tell exactly.
    keys = frame.select(*table.key, F.xxhash64(*table.key).alias("_hash"))
    counted = keys.groupBy("_hash").agg(ex.count_rows().alias("_rows"))
    suspects = keys.join(counted.where(F.col("_rows") > 1).select("_hash"), "_hash", "left_semi")
    rows_of_key = suspects.groupBy(*table.key).agg(ex.count_rows().alias("_rows"))
    repeated = rows_of_key.where(F.col("_rows") > 1)
    surplus = ex.coalesce(ex.UNITS, ex.sum_units(F.col("_rows") - 1), ex.units(0))
    return repeated.agg(ex.count_rows().alias("duplicate_key_count"), surplus.alias("surplus_row_count"))


def orphans(table: Table, frame: DataFrame, referenced: DataFrame, column: str) -> DataFrame:
    """Count the values of a foreign key that the table it refers to does not have.

    One row: orphan_value_count, orphan_row_count, and example, the first such value in order. Null refers to nothing.
    """
    target = foreign_keys(table)[column]
    referenced_column = column if column in target.column_names else target.key[0]
    known = referenced.select(F.col(referenced_column).alias("_known")).distinct()
    used = frame.where(F.col(column).isNotNull()).groupBy(F.col(column).alias("_used"))
    unknown = used.agg(ex.count_rows().alias("_rows")).join(known, F.col("_used") == F.col("_known"), "left_anti")
    rows = ex.coalesce(ex.UNITS, ex.sum_units(F.col("_rows")), ex.units(0))
    return unknown.agg(
        ex.count_rows().alias("orphan_value_count"),
        rows.alias("orphan_row_count"),
        F.min(F.col("_used")).cast("string").alias("example"),
    )
