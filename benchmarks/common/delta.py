"""Delta tables around Parquet files that a pipeline wrote itself: created as declared, one commit for the files."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from deltalake import DeltaTable, Schema
from deltalake.transaction import AddAction, RemoveAction

from telecom_cdr.tables.model import Table


@dataclass(frozen=True)
class WrittenFile:
    """One Parquet file: its path relative to the table, its month (None in a table without months), its rows."""

    path: str
    month: str | None
    row_count: int


def table_folder(lake: Path, table: Table) -> Path:
    """Where a table stands."""
    return lake / table.layer / table.name


def month_folder(lake: Path, table: Table, month: str | None) -> Path:
    """Where the files of a month go; made where it is missing."""
    folder = table_folder(lake, table)
    if month is not None:
        folder /= f"billing_month={month}"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def commit(lake: Path, table: Table, files: Sequence[WrittenFile]) -> None:
    """Create the table and add the files in one commit."""
    folder = table_folder(lake, table)
    folder.mkdir(parents=True, exist_ok=True)
    schema = Schema.from_arrow(table.arrow_schema)
    handle = DeltaTable.create(
        folder, schema=schema, mode="ignore", partition_by=list(table.partition_by), name=table.path
    )
    now = time.time_ns() // 1_000_000
    actions: list[AddAction | RemoveAction] = [
        AddAction(
            path=file.path,
            size=(folder / file.path).stat().st_size,
            partition_values={} if file.month is None else {"billing_month": file.month},
            modification_time=now,
            data_change=True,
            stats=json.dumps({"numRecords": file.row_count}),
        )
        for file in files
    ]
    handle.create_write_transaction(actions, mode="append", schema=schema, partition_by=list(table.partition_by))
