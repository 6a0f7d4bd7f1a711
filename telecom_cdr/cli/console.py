"""What commands print: data on standard output, words and progress on standard error."""

import csv
import json
import sys
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Final

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table as RichTable

from telecom_cdr.lakehouse.plain_text import as_text

# A table in a file or pipe must not be folded to the 80 columns of a terminal that is not there.
_WIDTH_OF_A_FILE: Final = 200
# A table may be folded a little; beyond that its columns are too narrow to read.
_MOST_FOLDED: Final = 1.5
OUT: Final = Console(soft_wrap=True, highlight=False, width=None if sys.stdout.isatty() else _WIDTH_OF_A_FILE)
ERR: Final = Console(stderr=True, soft_wrap=True, highlight=False)


class Format(StrEnum):
    """How rows are printed."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


def say(text: str) -> None:
    """Tell a person what is going on."""
    ERR.print(text, markup=False)


def complain(text: str) -> None:
    """Tell a person what is wrong, in one line."""
    ERR.print(f"error: {' '.join(text.split())}", markup=False, style="red")


def print_rows(
    columns: Sequence[str], rows: Iterable[Sequence[object]], form: Format = Format.TABLE, title: str = ""
) -> None:
    """Print rows on standard output; a table for people, CSV or JSON for scripts."""
    if form is Format.CSV:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([as_text(value) for value in row] for row in rows)
    elif form is Format.JSON:
        records = [{name: _json(value) for name, value in zip(columns, row, strict=True)} for row in rows]
        sys.stdout.write(json.dumps(records, ensure_ascii=False, indent=1) + "\n")
    else:
        _print_table(columns, [[as_text(value) for value in row] for row in rows], title)


def _print_table(columns: Sequence[str], rows: Sequence[Sequence[str]], title: str) -> None:
    table = RichTable(title=title or None, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for index, name in enumerate(columns):
        is_number = bool(rows) and all(_is_number(row[index]) for row in rows if row[index])
        table.add_column(name, justify="right" if is_number else "left", overflow="fold")
    for row in rows:
        table.add_row(*(escape(cell) for cell in row))
    width = sum(max(len(cell) for cell in column) for column in zip(columns, *rows, strict=True))
    if rows and width > _MOST_FOLDED * OUT.width:
        _print_one_by_one(columns, rows, title)
    else:
        OUT.print(table)


def _print_one_by_one(columns: Sequence[str], rows: Sequence[Sequence[str]], title: str) -> None:
    """Rows far wider than the screen: a line for each value that is there."""
    width = max(len(name) for name in columns)
    if title:
        OUT.print(title, markup=False)
    for number, row in enumerate(rows, 1):
        OUT.print(f"row {number}", markup=False, style="bold")
        for name, cell in zip(columns, row, strict=True):
            if cell:
                OUT.print(f"  {name:<{width}}  {cell}", markup=False)


def _is_number(text: str) -> bool:
    return text.replace(",", "").replace(".", "", 1).removeprefix("-").isdigit()


def _json(value: object) -> object:
    return value if value is None or isinstance(value, bool | int) else as_text(value)
