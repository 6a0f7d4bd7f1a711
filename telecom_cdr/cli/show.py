"""`telecom-cdr show`: the rows of a table."""

from collections.abc import Iterator, Sequence
from typing import Annotated

import pyarrow as pa
import typer

from telecom_cdr import tables
from telecom_cdr.cli.arguments import Form, Limit, billing_month, open_catalog
from telecom_cdr.cli.console import Format, print_rows, say
from telecom_cdr.errors import InputError
from telecom_cdr.lakehouse.plain_text import as_text
from telecom_cdr.settings import Settings
from telecom_cdr.tables.model import Table

_LINES_FOR_PEOPLE = 20


def show(
    name: Annotated[str, typer.Argument(metavar="TABLE", help="Table, for example rated/usage.")],
    month: Annotated[
        str | None, typer.Option("--month", metavar="YYYY-MM", help="Billing month; all when left out.")
    ] = (None),
    form: Form = Format.TABLE,
    where: Annotated[
        list[str] | None, typer.Option("--where", metavar="COLUMN=VALUE", help="Only rows with this value; repeatable.")
    ] = None,
    limit: Limit = None,
) -> None:
    """Print the rows of a table. CSV prints every row and every declared column; a table for people the first 20."""
    settings = Settings()
    table = table_named(name)
    if month is not None:
        month = billing_month(month, settings)
    conditions = [_condition(table, text) for text in where or []]
    rows = open_catalog(settings).read(table, month)
    if limit is not None or form is not Format.TABLE:
        print_rows(table.column_names, _matching(table, rows, conditions, limit), form)
        return
    found = list(_matching(table, rows, conditions, _LINES_FOR_PEOPLE + 1))
    print_rows(table.column_names, found[:_LINES_FOR_PEOPLE], form)
    if len(found) > _LINES_FOR_PEOPLE:
        say(f"there are more: --limit N shows more than {_LINES_FOR_PEOPLE} rows, --format csv all of them")


def table_named(name: str) -> Table:
    """A declared table by its name `layer/name`; InputError lists what there is."""
    if name not in tables.BY_PATH:
        raise InputError(f"there is no table {name!r}; there are: {', '.join(sorted(tables.BY_PATH))}")
    return tables.BY_PATH[name]


def _condition(table: Table, text: str) -> tuple[int, str]:
    column, separator, value = text.partition("=")
    if not separator:
        raise InputError(f"--where {text!r}: write COLUMN=VALUE")
    if column not in table.column_names:
        raise InputError(f"--where {text!r}: {table.path} has no column {column!r}: {', '.join(table.column_names)}")
    return table.column_names.index(column), value


def _matching(
    table: Table, rows: pa.Table, conditions: Sequence[tuple[int, str]], limit: int | None
) -> Iterator[tuple[object, ...]]:
    ordered = rows.sort_by([(name, "ascending") for name in table.key]) if rows.num_rows else rows
    found = 0
    for batch in ordered.to_batches(max_chunksize=10_000):
        for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            if limit is not None and found >= limit:
                return
            if all(as_text(row[index]) == value for index, value in conditions):
                found += 1
                yield row
