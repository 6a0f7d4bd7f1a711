"""The generated files of the default catalogue as CSV text."""

import csv
import io
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from telecom_cdr.reference.default_catalogue.accounts import customers, subscriptions
from telecom_cdr.reference.default_catalogue.destinations import destinations
from telecom_cdr.reference.default_catalogue.holidays import holidays
from telecom_cdr.reference.default_catalogue.rates import rates
from telecom_cdr.tables import reference
from telecom_cdr.tables.model import Table
from telecom_cdr.tables.reference import csv_columns

Row = dict[str, str]
GENERATED: Final[dict[str, tuple[Table, Callable[[], Iterable[Row]]]]] = {
    "customers.csv": (reference.CUSTOMERS, customers),
    "subscriptions.csv": (reference.SUBSCRIPTIONS, subscriptions),
    "rates.csv": (reference.RATES, rates),
    "destinations.csv": (reference.DESTINATIONS, destinations),
    "holidays.csv": (reference.HOLIDAYS, holidays),
}


def csv_text(name: str) -> str:
    """Content of one generated file."""
    table, rows = GENERATED[name]
    buffer = io.StringIO()
    names = [column.name for column in csv_columns(table)]
    writer = csv.DictWriter(buffer, names, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows())
    return buffer.getvalue()


def write(directory: Path) -> list[Path]:
    """Write every generated file; gives the paths."""
    directory.mkdir(parents=True, exist_ok=True)
    paths = [directory / name for name in GENERATED]
    for path in paths:
        path.write_text(csv_text(path.name), encoding="utf-8")
    return paths
