"""Files that leave the lake: `<lake>/exports/<month>/<report>.csv`, and a page to read, `index.html`.

Here: where they stand, how they are written, what the page shows. Not here: what a report says (`reporting`).
"""

import csv
import io
from pathlib import Path
from typing import Final
from uuid import uuid4

import pyarrow as pa

from telecom_cdr.errors import LakeError
from telecom_cdr.lakehouse.catalog import Catalog
from telecom_cdr.lakehouse.month_page import render_page
from telecom_cdr.lakehouse.plain_text import as_text
from telecom_cdr.tables import reports
from telecom_cdr.tables.assurance import RECONCILIATION
from telecom_cdr.tables.model import Table

EXPORTS: Final = "exports"
PAGE: Final = "index.html"


def export_path(root: Path, month: str, name: str) -> Path:
    """Where an export of a billing month `YYYY-MM` stands below the lake's directory."""
    return root / EXPORTS / month / name


def export_csv(root: Path, table: Table, month: str, rows: pa.Table) -> Path:
    """Write the rows of a table's month as CSV, in order of its key; gives the path.

    Every declared column with a header, also when there are no rows; decimals as plain digits. Readers see the old
    file or the new one, never a part. LakeError when it cannot be written.
    """
    ordered = rows.select(table.column_names).sort_by([(name, "ascending") for name in table.key])
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table.column_names)
    for batch in ordered.to_batches():
        columns = [[as_text(value) for value in column.to_pylist()] for column in batch.columns]
        writer.writerows(zip(*columns, strict=True))
    return _replace(export_path(root, month, f"{table.name}.csv"), text.getvalue())


def export_page(catalog: Catalog, month: str) -> Path:
    """Write the page of a billing month from its reports and reconciliation as they stand; gives the path."""
    shown = {table.name: catalog.read(table, month).to_pylist() for table in (*reports.TABLES, RECONCILIATION)}
    return _replace(export_path(catalog.root, month, PAGE), render_page(month, shown))


def _replace(path: Path, text: str) -> Path:
    unfinished = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            unfinished.write_text(text, encoding="utf-8", newline="")
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
    except OSError as error:
        raise LakeError(
            f"cannot write {path}: {error.strerror or error}; free space or mend the permissions"
        ) from error
    return path
