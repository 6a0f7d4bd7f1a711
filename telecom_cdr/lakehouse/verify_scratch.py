"""The lake that a month is computed in again: the raw records and the reference data that it was made from, no more.

It stands below the lake, for its data files are links to the lake's own: nothing is copied, and a vacuum meanwhile
takes nothing away. Nothing here writes to the lake itself.
"""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import unquote
from uuid import uuid4

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import CommitProperties, DeltaTable
from deltalake.exceptions import DeltaError
from deltalake.transaction import AddAction, RemoveAction

from telecom_cdr import tables
from telecom_cdr.errors import LakeError
from telecom_cdr.lakehouse.catalog import STAGING, Catalog
from telecom_cdr.lakehouse.locks import is_alive, process_lock
from telecom_cdr.lakehouse.reference_snapshot import pinned_versions
from telecom_cdr.lakehouse.verify import Made
from telecom_cdr.tables.model import Table

_NAME: Final = "verify-"


@contextmanager
def scratch_lake(catalog: Catalog, made: Made) -> Iterator[Catalog]:
    """A lake with what a month was made from; it is removed at the end, and so are those of killed processes.

    Raises LakeError when the lake no longer has it.
    """
    remove_abandoned(catalog)
    name = f"{_NAME}{uuid4().hex}"
    scratch = Catalog(catalog.staging_path(name))
    with process_lock(catalog.root, name):
        try:
            scratch.create_tables()
            if made.raw_version is not None:
                _link(catalog, scratch, tables.raw.CDRS, made.raw_version, made.month)
            versions = _reference_versions(catalog, made)
            for table in tables.reference.TABLES:
                _link(catalog, scratch, table, versions[table.name], write_id=made.reference_load)
            yield scratch
        finally:
            shutil.rmtree(scratch.root, ignore_errors=True)


def remove_abandoned(catalog: Catalog) -> None:
    """Remove the scratch lakes of processes that are gone."""
    for folder in (catalog.root / STAGING).glob(f"{_NAME}*"):
        if not is_alive(catalog.root, folder.name):
            shutil.rmtree(folder, ignore_errors=True)


def _reference_versions(catalog: Catalog, made: Made) -> dict[str, int]:
    try:
        return pinned_versions(catalog, made.reference_load)
    except LakeError:
        raise LakeError(
            f"the lake no longer holds the reference data that {made.month} was made from ({made.reference_load})"
        ) from None


def _link(
    catalog: Catalog, scratch: Catalog, table: Table, version: int, month: str | None = None, write_id: str = ""
) -> None:
    """Give the scratch lake one version of a table, or one month of it, as one commit."""
    handle = _at(catalog, table, version)
    files = pa.table(handle.get_add_actions(flatten=True))
    if month and files.num_rows:
        files = files.filter(pc.equal(files["partition.billing_month"], month))
    source, target = Path(catalog.path(table)), Path(scratch.path(table))
    added: list[AddAction | RemoveAction] = [
        AddAction(
            path=file["path"],
            size=_linked(table, source, target, unquote(file["path"])),
            partition_values={"billing_month": month} if month else {},
            modification_time=file["modification_time"],
            data_change=True,
            stats=json.dumps({"numRecords": file["num_records"]}),
        )
        for file in files.to_pylist()
    ]
    scratch.delta(table).create_write_transaction(
        added,
        mode="append",
        schema=handle.schema(),
        partition_by=list(table.partition_by),
        commit_properties=CommitProperties(custom_metadata={"write_id": write_id} if write_id else None),
    )


def _at(catalog: Catalog, table: Table, version: int) -> DeltaTable:
    handle = catalog.delta(table)
    try:
        handle.load_as_version(version)
    except DeltaError as error:
        raise LakeError(f"version {version} of {table.path} is no longer there: {error}") from error
    return handle


def _linked(table: Table, source: Path, target: Path, name: str) -> int:
    """Link a data file, or copy it where the file system has no links; gives its size in bytes."""
    (target / name).parent.mkdir(parents=True, exist_ok=True)
    try:
        try:
            os.link(source / name, target / name)
        except FileNotFoundError:
            raise
        except OSError:
            shutil.copyfile(source / name, target / name)
    except FileNotFoundError:
        raise LakeError(
            f"{table.path}: {name} is no longer there: what the month was made from is purged, "
            "so that it cannot be computed again"
        ) from None
    return (target / name).stat().st_size
