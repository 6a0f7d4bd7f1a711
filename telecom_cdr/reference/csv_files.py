"""CSV files of a directory as text, with the line of every row.

Here: encoding, header, number of cells. Not here: what a cell means (`cells`), what rows mean together (`rules_*`).
"""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.csv as pa_csv

from telecom_cdr.errors import InputError
from telecom_cdr.reference.errors import Refusal
from telecom_cdr.tables import reference
from telecom_cdr.tables.model import Table
from telecom_cdr.tables.reference import csv_columns

LINE: Final = "line"
_CELL: Final = rb'(?:[^",]*|"(?:[^"]|"")*")'
_PLAIN_LINE: Final = re.compile(_CELL + rb"(?:," + _CELL + rb")*")
_LONGEST_CELL: Final = csv.field_size_limit()
# Without these nothing can be rated; tax rates and destinations are missed only by tariffs that need them.
REQUIRED: Final = frozenset({"customers", "subscriptions", "rate_plans", "products", "rates"})


@dataclass(frozen=True)
class TextFiles:
    """What a directory holds.

    `tables`: every reference table by name, as text columns plus `line`. `ignored`: CSV files that are no table.
    """

    tables: dict[str, pa.Table]
    refusals: tuple[Refusal, ...]
    ignored: tuple[str, ...]


def read_directory(directory: Path) -> TextFiles:
    """Read `<table>.csv` for every reference table; a missing optional file is an empty one.

    Raises InputError when the directory is none or holds none of the files.
    """
    if not directory.is_dir():
        raise InputError(f"{directory} is no directory: give the directory that holds customers.csv, rates.csv, …")
    names = {f"{table.name}.csv" for table in reference.TABLES}
    found = {path.name for path in directory.iterdir() if path.suffix.lower() == ".csv"}
    if not found & names:
        raise InputError(f"{directory} holds no reference files: customers.csv, rates.csv, … are expected there")
    tables: dict[str, pa.Table] = {}
    refusals: list[Refusal] = []
    for table in reference.TABLES:
        tables[table.name], refused = _read_file(directory / f"{table.name}.csv", table)
        refusals += refused
    return TextFiles(tables, tuple(refusals), tuple(sorted(found - names)))


def _read_file(path: Path, table: Table) -> tuple[pa.Table, list[Refusal]]:
    names = [column.name for column in csv_columns(table)]
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        missing = "is missing: add it, with the header " + ",".join(names)
        return _as_table([], [], names), [_whole(path, missing)] if table.name in REQUIRED else []
    except OSError as error:
        return _as_table([], [], names), [_whole(path, f"cannot be read: {error.strerror or error}")]
    text, refusal = _decode(path, content)
    if refusal:
        return _as_table([], [], names), [refusal]
    plain = _parse_plain(content, text, names)
    return (plain, []) if plain else _parse(path, text, names)


def _decode(path: Path, content: bytes) -> tuple[str, Refusal | None]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return "", Refusal(path.name, line, "", None, "is not UTF-8: save the file in UTF-8")
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        return "", Refusal(path.name, line, "", None, "holds a NUL character: remove it")
    return text, None


def _parse_plain(content: bytes, text: str, names: list[str]) -> pa.Table | None:
    """A file in which every line is a record and all quotes are in order, read at once; None for any other.

    Nothing is refused here: whatever is unusual is left to the reader that can say what is wrong.
    """
    header = text.partition("\n")[0].split(",")
    lines = content.removesuffix(b"\n").split(b"\n")
    if len(lines) == 1 or b"\r" in content or sorted(header) != sorted(names):
        return None
    if not all(len(line) < _LONGEST_CELL and (b'"' not in line or _PLAIN_LINE.fullmatch(line)) for line in lines):
        return None
    try:
        cells = pa_csv.read_csv(
            pa.py_buffer(content),
            convert_options=pa_csv.ConvertOptions(
                column_types=dict.fromkeys(header, pa.string()), null_values=[""], strings_can_be_null=True
            ),
        )
    except pa.ArrowInvalid:
        return None
    is_whole = cells.column_names == header and cells.num_rows == len(lines) - 1
    return cells.add_column(0, LINE, pa.array(range(2, len(lines) + 1), pa.int64())) if is_whole else None


def _parse(path: Path, text: str, names: list[str]) -> tuple[pa.Table, list[Refusal]]:
    lines: list[int] = []
    rows: list[list[str]] = []
    refusals: list[Refusal] = []
    header = names
    records = _records(text)
    try:
        _, header = next(records, (1, []))
        problems = _header_problems(path, header, names)
        if problems:
            return _as_table([], [], names), problems
        for line, cells in records:
            if len(cells) == len(header):
                lines.append(line)
                rows.append(cells)
            elif cells:
                problem = f"has {len(cells)} cells, the header has {len(header)}: quote cells that hold commas"
                refusals.append(Refusal(path.name, line, "", None, problem))
    except csv.Error as error:
        line = lines[-1] + 1 if lines else 2
        refusals.append(Refusal(path.name, line, "", None, f"here or below it is not CSV: {error}; check the quotes"))
    return _as_table(lines, rows, header), refusals


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each record with the line it starts on; one quoted cell may hold several lines."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    started = 1
    for cells in reader:
        yield started, cells
        started = reader.line_num + 1


def _header_problems(path: Path, header: list[str], names: list[str]) -> list[Refusal]:
    expected = ",".join(names)
    if not header:
        return [_whole(path, f"has no header: the first line must be {expected}")]
    unknown = [name for name in header if name not in names]
    missing = [name for name in names if name not in header]
    repeated = sorted({name for name in header if header.count(name) > 1})
    return (
        [_header(path, name, f"is no column of this file: use {expected}") for name in unknown]
        + [_header(path, name, f"is missing: use {expected}") for name in missing]
        + [_header(path, name, "stands there twice: remove one") for name in repeated]
    )


def _whole(path: Path, problem: str) -> Refusal:
    return Refusal(path.name, 0, "", None, problem)


def _header(path: Path, column: str, problem: str) -> Refusal:
    return Refusal(path.name, 1, column, None, problem)


def _as_table(lines: list[int], rows: list[list[str]], names: list[str]) -> pa.Table:
    columns = zip(*rows, strict=True) if rows else [()] * len(names)
    cells = {
        name: pa.array([cell or None for cell in column], pa.string())
        for name, column in zip(names, columns, strict=True)
    }
    return pa.table({LINE: pa.array(lines, pa.int64()), **cells})
