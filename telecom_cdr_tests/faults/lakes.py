"""Lakes for fault tests: made once, copied for each test, and compared row by row.

Here: what a lake holds, less what differs from one run to the next. Not here: who disturbs it.
"""

import random
import shutil
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from subprocess import Popen
from typing import Any, Final

import pyarrow as pa

from telecom_cdr import tables
from telecom_cdr.lakehouse.catalog import Catalog
from telecom_cdr.tables.assurance import RECONCILIATION, VERDICTS
from telecom_cdr.tables.model import Table
from telecom_cdr_tests.product import Product, Result

MONTH: Final = "2026-01"
BESIDE: Final = "2026-02"
SECONDS_OF_A_RUN: Final = 180
# When and in which commit a record came. What it says must not depend on that.
_ARRIVAL: Final = ("ingest_commit", "source_sequence", "ingested_utc")
_MATERIALISED: Final = (
    *tables.mediated.TABLES,
    *tables.rated.TABLES,
    tables.invoices.LINES,
    tables.invoices.INVOICES,
    *tables.reports.TABLES,
    RECONCILIATION,
)
MONTHLY: Final = (tables.raw.CDRS, *_MATERIALISED)

Contents = dict[str, pa.Table]


def copy_of(product: Product, root: Path) -> Product:
    """The same lake, history of runs included, somewhere else."""
    shutil.copytree(product.root, root)
    return Product.at(root)


def contents(product: Product, months: Iterable[str] = (MONTH, BESIDE)) -> Contents:
    """Rows of every monthly table by `path month`, in the order of their keys."""
    return {
        f"{table.path} {month}": product.rows(table.path, month, *_ARRIVAL) for month in months for table in MONTHLY
    }


def newest_verdicts(catalog: Catalog, month: str) -> dict[tuple[str, str], tuple[bool, str]]:
    """(table, check) -> (passed, figures) of the newest verdict that was given on what the month holds now."""
    held = {table.path: catalog.month_version(table, month).fingerprint for table in MONTHLY}
    rows = catalog.read(VERDICTS, month).sort_by("recorded_utc").to_pylist()
    return {
        (row["table_name"], row["check_name"]): (row["is_passed"], row["figures"])
        for row in rows
        if row["month_fingerprint"] == held[row["table_name"]]
    }


def exports(product: Product, month: str) -> dict[str, bytes]:
    """The CSV files of a month by name."""
    root = product.lake / "exports"
    return {
        str(file.relative_to(root)): file.read_bytes() for file in sorted(root.rglob("*.csv")) if month in str(file)
    }


def assert_same(product: Product, expected: Product, months: Iterable[str] = (MONTH, BESIDE), why: str = "") -> None:
    """Equal rows in every layer, equal verdicts on them, equal CSV files."""
    for month in months:
        found, wanted = contents(product, [month]), contents(expected, [month])
        for name, rows in wanted.items():
            assert found[name].equals(rows), f"{name} differs {why}"
        assert newest_verdicts(product.catalog, month) == newest_verdicts(expected.catalog, month), why
        assert exports(product, month) == exports(expected, month), why
        assert exports(product, month), f"{month} has no exports"


def finish(process: "Popen[str]") -> Result:
    """Wait for a command in a process of its own; a process that hangs is killed, and fails the test."""
    try:
        output, errors = process.communicate(timeout=SECONDS_OF_A_RUN)
    finally:
        process.kill()
    return Result(process.returncode, output, errors)


def finished(process: "Popen[str]") -> Result:
    """Wait for a command that must succeed."""
    result = finish(process)
    assert result.exit_code == 0, f"{result.exit_code}\n{result.output}\n{result.errors}"
    return result


def wait_for(process: "Popen[str]", text: str) -> None:
    """Read what a process says until it says this."""
    assert process.stderr is not None
    said = []
    for line in process.stderr:
        said.append(line)
        if text in line:
            return
    raise AssertionError(f"the process ended without saying {text!r}: {''.join(said)}")


def kill_after(process: "Popen[str]", seconds: float) -> bool:
    """Kill a process so many seconds from now; whether it was still there."""
    time.sleep(seconds)
    process.kill()
    process.communicate()
    return process.returncode != 0


def moments(chance: random.Random, count: int, longest: float) -> list[float]:
    """One random moment in each of `count` equal parts of a duration, so that none is left out."""
    return [(part + chance.random()) * longest / count for part in range(count)]


def row_of(product: Product, table: Table, month: str = MONTH, **values: Any) -> dict[str, Any]:
    """The first row, by key, whose columns hold the values given."""
    for row in product.rows(table.path, month).to_pylist():
        if all(row[name] == value for name, value in values.items()):
            return dict(row)
    raise AssertionError(f"{table.path} of {month} has no row with {values}")


def append(product: Product, table: Table, *rows: dict[str, Any]) -> None:
    """Add rows to a table without telling the system."""
    product.catalog.append(table, pa.Table.from_pylist(list(rows), schema=table.arrow_schema))


def with_settings(product: Product, **environment: str) -> Product:
    """The same product whose processes get other environment variables."""
    return replace(product, settings={**product.settings, **environment})
