"""A few rows of a month for people to look at, with personal data masked."""

from typing import Final

from telecom_cdr.lakehouse.catalog import Catalog, MonthVersion
from telecom_cdr.tables.model import BINARY, Column

ROWS: Final = 5
_VISIBLE: Final = 4


def masked(value: str) -> str:
    """The first four characters, the rest as stars."""
    return value[:_VISIBLE] + "*" * max(0, len(value) - _VISIBLE)


def preview(catalog: Catalog, version: MonthVersion) -> str:
    """The first rows of a written month as a Markdown table; payloads are left out."""
    columns = [column for column in version.table.columns if column.type is not BINARY]
    # From a file: an engine would plan a query for it.
    rows = catalog.first_rows(version, [column.name for column in columns], ROWS)
    header = [f"| {' | '.join(column.name for column in columns)} |", f"|{' --- |' * len(columns)}"]
    return "\n".join([*header, *(f"| {' | '.join(_cell(column, row) for column in columns)} |" for row in rows)])


def _cell(column: Column, row: dict[str, object]) -> str:
    value = row[column.name]
    if value is None:
        return ""
    return (masked(str(value)) if column.personal else str(value)).replace("|", "\\|").replace("\n", " ")
