"""What commands print: data on standard output, words and progress on standard error."""

import csv
import json
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

from rich import box
from rich.console import Console
from rich.table import Table as RichTable

OUT: Final = Console(soft_wrap=True, highlight=False)
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


def as_text(value: object) -> str:
    """A value as scripts read it: plain digits, ISO instants in UTC, empty for null."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="backslashreplace")
    return str(value)


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
        table.add_row(*(cell.replace("[", "\\[") for cell in row))
    OUT.print(table)


def _is_number(text: str) -> bool:
    return text.replace(",", "").replace(".", "", 1).removeprefix("-").isdigit()


def _json(value: object) -> object:
    return value if value is None or isinstance(value, bool | int) else as_text(value)
