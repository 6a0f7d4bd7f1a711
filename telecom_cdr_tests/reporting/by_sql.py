"""Reports by the SQL beside them."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from telecom_cdr_tests.table_rows import MONTH

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

SQL = Path(__file__).parents[2] / "sql" / "reports"


def rows_by_sql(name: str, frames: Mapping[str, "DataFrame"]) -> tuple[tuple[str, ...], list[dict[str, Any]]]:
    """The columns and rows that the query of a report gives, on frames by the path of their table."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for path, frame in frames.items():
            connection.register(path.replace("/", "_"), frame.toArrow())
        connection.execute("SET VARIABLE month = ?", [MONTH])
        found = connection.sql((SQL / f"{name}.sql").read_text(encoding="utf-8"))
        return tuple(found.columns), found.to_arrow_table().to_pylist()
