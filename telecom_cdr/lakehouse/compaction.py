"""Small files of a raw month made into few large ones, without changing a row.

Here: when and how. Not here: the commits that make the files (`raw_writer`).
`deltalake`'s own `optimize.compact` is not used: two of them at once both succeed, and every row is there twice
(measured with 1.6.6, whatever the commit properties say).
"""

import json
import time
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from deltalake import CommitProperties, DeltaTable
from deltalake.exceptions import CommitFailedError
from deltalake.transaction import AddAction, RemoveAction

from telecom_cdr.lakehouse.catalog import Catalog
from telecom_cdr.lakehouse.raw_writer import ROW_GROUP_ROWS, STATISTICS_COLUMNS, UNREPEATED_COLUMNS
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
    added = [_merge(folder, month, group) for group in _groups(files)]
    try:
        handle.create_write_transaction(
            [*added, *(_removed(file, month) for file in files.to_pylist())],
            mode="append",
            schema=handle.schema(),
            partition_by=list(CDRS.partition_by),
            # A commit in between could have compacted the same files.
            commit_properties=CommitProperties(max_commit_retries=0, custom_metadata={"compacted": month}),
        )
    except CommitFailedError:
        for file in added:
            (folder / file.path).unlink(missing_ok=True)
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
    path = f"billing_month={month}/part-{uuid4()}-compacted.zstd.parquet"
    fields = [field.with_metadata(None) for field in CDRS.arrow_schema if field.name not in CDRS.partition_by]
    schema = pa.schema(fields)
    encoded = [name for name in schema.names if name not in UNREPEATED_COLUMNS]
    with pq.ParquetWriter(
        folder / path,
        schema,
        compression="zstd",
        compression_level=1,
        use_dictionary=encoded,
        write_statistics=list(STATISTICS_COLUMNS),
    ) as writer:
        waiting: list[pa.Table] = []
        for name in files["path"].to_pylist():
            waiting.append(pq.ParquetFile(folder / name).read().cast(schema))
            if sum(table.num_rows for table in waiting) >= ROW_GROUP_ROWS:
                writer.write_table(pa.concat_tables(waiting), row_group_size=ROW_GROUP_ROWS)
                waiting = []
        if waiting:
            writer.write_table(pa.concat_tables(waiting), row_group_size=ROW_GROUP_ROWS)
    return AddAction(
        path=path,
        size=(folder / path).stat().st_size,
        partition_values={"billing_month": month},
        modification_time=_milliseconds(),
        data_change=False,
        stats=_statistics(files),
    )


def _removed(file: dict[str, Any], month: str) -> RemoveAction:
    return RemoveAction(
        path=file["path"],
        data_change=False,
        deletion_timestamp=_milliseconds(),
        size=file["size_bytes"],
        partition_values={"billing_month": month},
    )


def _statistics(files: pa.Table) -> str:
    """Statistics of the merged file, from those of its parts; a column that lacks one in any part has none."""
    combined: dict[str, Any] = {"numRecords": pc.sum(files["num_records"]).as_py()}
    for prefix, name, least in (("min.", "minValues", pc.min), ("max.", "maxValues", pc.max)):
        combined[name] = {
            column.removeprefix(prefix): _text(least(files[column]).as_py())
            for column in files.column_names
            if column.startswith(prefix) and not files[column].null_count
        }
    combined["nullCount"] = {
        column.removeprefix("null_count."): pc.sum(files[column]).as_py()
        for column in files.column_names
        if column.startswith("null_count.") and not files[column].null_count
    }
    return json.dumps(combined)


def _text(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
    return value.isoformat() if isinstance(value, date) else value


def _milliseconds() -> int:
    return time.time_ns() // 1_000_000
