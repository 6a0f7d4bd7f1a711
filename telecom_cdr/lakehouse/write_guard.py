"""What every write goes through: the declared columns, and an error of the engine for a row that must not be there.

The guard is part of the plan, so that rows are computed once and nothing is committed when one is wrong.
"""

from functools import reduce
from operator import and_
from typing import TYPE_CHECKING, Final

from pyspark.sql import functions as F

from telecom_cdr.errors import LakeError
from telecom_cdr.tables.model import Column as Declared
from telecom_cdr.tables.model import Table

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

_MONTH: Final = "billing_month"
_PLACEHOLDERS: Final = {"string": "", "boolean": "false", "date": "1970-01-01", "timestamp": "1970-01-01 00:00:00"}


def guarded(table: Table, rows: "DataFrame", month: str) -> "DataFrame":
    """The declared columns in table order, cast and named, with the guard in billing_month.

    A row of another month, or without a required value, raises an error of the engine when it is written: engines
    differ in what `replaceWhere` does with such rows (one writes them silently). Raises LakeError at once when the
    columns are not the declared ones.

    Every required column is given a form that cannot be null. The embedded engine tests NOT NULL constraints before
    the filters of the plan, so that it would refuse a month because of rows that are not in it; where null is
    impossible it does not test, and the guard, above all filters, decides.
    """
    if set(rows.columns) != set(table.column_names):
        missing = [name for name in table.column_names if name not in rows.columns]
        extra = [name for name in rows.columns if name not in table.column_names]
        raise LakeError(f"{table.path}: columns differ from the declaration: missing {missing}, unknown {extra}")
    return rows.select(
        *(_guard(table, month) if column.name == _MONTH else _written(column) for column in table.columns)
    )


def _written(column: Declared) -> "Column":
    value = F.col(column.name).cast(column.type.sql)
    if not column.nullable:
        placeholder = F.lit(_PLACEHOLDERS.get(column.type.sql, "0")).cast(column.type.sql)
        # Never stored: the guard refuses the row.
        value = F.coalesce(value, placeholder)
    return value.alias(column.name)


def _guard(table: Table, month: str) -> "Column":
    required = [column.name for column in table.columns if not column.nullable and column.name != _MONTH]
    is_in_month = F.coalesce(F.col(_MONTH) == F.lit(month), F.lit(False))
    is_complete = reduce(and_, (F.col(name).isNotNull() for name in required), F.lit(True))
    missing = F.concat_ws(
        " ", *(F.when(F.col(name).isNull(), F.lit(f"no {name}")).otherwise(F.lit(None)) for name in required)
    )
    outside = F.concat(
        F.lit("billing month "), F.coalesce(F.col(_MONTH).cast("string"), F.lit("null")), F.lit(f" in {month} ")
    )
    problem = F.concat(
        F.lit(f"{table.path}: a row must not be written: "),
        F.when(is_in_month, F.lit("")).otherwise(outside),
        missing,
    )
    checked = F.when(is_in_month & is_complete, F.lit(month)).otherwise(F.raise_error(problem).cast("string"))
    return F.coalesce(checked, F.lit(month)).alias(_MONTH)
