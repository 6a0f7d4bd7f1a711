"""Small tables as values in a plan, which an engine knows the size of without asking."""

from typing import TYPE_CHECKING, Final

import pyarrow as pa

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

# Values in a plan travel with it.
_MOST_ROWS_HELD: Final = 200_000


def values(session: "SparkSession", table: pa.Table) -> "DataFrame":
    """The rows of a table as values in the plan."""
    if table.num_rows:
        return session.createDataFrame(table)
    # From no rows the client makes no frame unless it is told the columns.
    null_row = pa.Table.from_pylist([dict.fromkeys(table.column_names)], table.schema)
    return session.createDataFrame(null_row).limit(0)


def held(session: "SparkSession", rows: "DataFrame") -> "DataFrame":
    """The same rows as values in the plan, where they are few; as they are, where they are many."""
    found = rows.limit(_MOST_ROWS_HELD + 1).toArrow()
    return session.createDataFrame(found) if 0 < found.num_rows <= _MOST_ROWS_HELD else rows
