"""Small files of a raw month made into few large ones, without changing a row.

Here: when and how. Not here: the commits that make the files (`raw_writer`).
`deltalake`'s own `optimize.compact` is not used: two of them at once both succeed, and every row is there twice
(measured with 1.6.6, whatever the commit properties say).
"""

import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from deltalake import CommitProperties, DeltaTable
from deltalake.exceptions import CommitFailedError
from deltalake.transaction import AddAction, RemoveAction

from telecom_cdr.lakehouse.catalog import Catalog
from telecom_cdr.lakehouse.raw_files import ROW_GROUP_ROWS, files_of_one_commit, write_file
from telecom_cdr.tables.raw import CDRS

# About 16,000 records: fewer make a scan wait for files rather than rows.
SMALL_FILE_BYTES: Final = 2 * 2**20
MANY_FILES: Final = 64
_TARGET_BYTES: Final = 128 * 2**20


def compact_month(catalog: Catalog, month: str) -> bool:
    """Compact a month of raw/cdrs that has more than 64 small files; says whether it did.

    Gives way to a commit that came between: the month is compacted after a later ingest.
    """
    handle = catalog.delta(CDRS)
    files = _small_files(handle, month)
    if files.num_rows <= MANY_FILES:
        return False
    folder = Path(catalog.path(CDRS))
    try:
        with files_of_one_commit(folder) as added:
            added += [_merge(folder, month, group) for group in _groups(files)]
            handle.create_write_transaction(
                [*added, *(_removed(file, month) for file in files.to_pylist())],
                mode="append",
                schema=handle.schema(),
                partition_by=list(CDRS.partition_by),
                # A commit in between could have compacted the same files.
                commit_properties=CommitProperties(max_commit_retries=0, custom_metadata={"compacted": month}),
            )
    except CommitFailedError:
        return False
    return True


def _small_files(handle: DeltaTable, month: str) -> pa.Table:
    files = pa.table(handle.get_add_actions(flatten=True))
    if not files.num_rows:
        return files
    is_small = pc.and_(
        pc.equal(files["partition.billing_month"], month), pc.less(files["size_bytes"], SMALL_FILE_BYTES)
    )
    return files.filter(is_small).sort_by([("modification_time", "ascending"), ("path", "ascending")])


def _groups(files: pa.Table) -> Iterator[pa.Table]:
    """Files in order, in groups of about the target size."""
    first, size = 0, 0
    for row, file_bytes in enumerate(files["size_bytes"].to_pylist()):
        size += file_bytes
        if size >= _TARGET_BYTES:
            yield files.slice(first, row + 1 - first)
            first, size = row + 1, 0
    if first < files.num_rows:
        yield files.slice(first)


def _merge(folder: Path, month: str, files: pa.Table) -> AddAction:
    """Write the rows of some files into one, row group by row group."""
    pieces = _row_groups(folder, files["path"].to_pylist())
    return write_file(folder, month, pieces, kind="compacted", is_change=False)


def _row_groups(folder: Path, paths: Iterable[str]) -> Iterator[pa.Table]:
    waiting: list[pa.Table] = []
    for path in paths:
        waiting.append(pq.ParquetFile(folder / path).read())
        if sum(table.num_rows for table in waiting) >= ROW_GROUP_ROWS:
            yield _together(waiting)
            waiting = []
    if waiting:
        yield _together(waiting)


def _together(tables: list[pa.Table]) -> pa.Table:
    """Rows of files of which some may lack a column: those of an older version."""
    return pa.concat_tables(tables, promote_options="default")


def _removed(file: dict[str, Any], month: str) -> RemoveAction:
    return RemoveAction(
        path=file["path"],
        data_change=False,
        deletion_timestamp=time.time_ns() // 1_000_000,
        size=file["size_bytes"],
        partition_values={"billing_month": month},
    )
