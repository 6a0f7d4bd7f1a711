"""Data files of raw/cdrs: their layout, and what the Delta log says of them.

Here: writing one file of one month. Not here: which rows it holds and the commit that names it (`raw_writer`,
`compaction`). Arrow writes the files: `deltalake` takes a fifth more CPU for the same rows.
"""

import json
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake.exceptions import CommitFailedError
from deltalake.transaction import AddAction

from telecom_cdr.tables.raw import CDRS, FIELDS
from telecom_cdr.tables.shared import ARRIVAL, POSITION

# Scans share row groups among cores; the writer's default makes one of a million rows.
ROW_GROUP_ROWS: Final = 65_536

_SCHEMA: Final = pa.schema(
    [field.with_metadata(None) for field in CDRS.arrow_schema if field.name not in CDRS.partition_by]
)
# Neighbours differ by little: compression alone leaves 7 % more of the whole file.
_ENCODINGS: Final = dict.fromkeys(("source_offset", "event_start_utc", "broker_utc"), "DELTA_BINARY_PACKED")
_PEOPLE: Final = tuple(column.name for column in FIELDS.values() if column.personal)
# Nearly as many values as rows: a dictionary would be built only to be thrown away.
_UNREPEATED: Final = ("payload", "message_key", "record_id", "timestamp_text", "session_id", *_PEOPLE)
_STATISTICS: Final = (
    *(column.name for column in (*POSITION, *ARRIVAL)),
    *("ingested_utc", "event_start_utc", "usage_date", "usage_month"),
)


@contextmanager
def files_of_one_commit(folder: Path) -> Iterator[list[AddAction]]:
    """The files that a commit is about to name; they are removed when it loses against another commit."""
    added: list[AddAction] = []
    try:
        yield added
    except CommitFailedError:
        for file in added:
            (folder / file.path).unlink(missing_ok=True)
        raise


def write_file(folder: Path, month: str, pieces: Iterable[pa.Table], *, kind: str, is_change: bool) -> AddAction:
    """Write rows of one month into a new file below the table's folder; gives what a commit says of it.

    Pieces have the declared columns but the partition; one that a file of an older version lacks is null. ValueError
    when a required value is missing.
    """
    path = f"billing_month={month}/part-{uuid4()}-{kind}.zstd.parquet"
    (folder / path).parent.mkdir(exist_ok=True)
    with pq.ParquetWriter(
        folder / path,
        _SCHEMA,
        compression="zstd",
        compression_level=1,
        use_dictionary=[name for name in _SCHEMA.names if name not in (*_UNREPEATED, *_ENCODINGS)],
        column_encoding=_ENCODINGS,
        write_statistics=list(_STATISTICS),
    ) as writer:
        for piece in pieces:
            writer.write_table(_complete(piece).cast(_SCHEMA), row_group_size=ROW_GROUP_ROWS)
    return AddAction(
        path=path,
        size=(folder / path).stat().st_size,
        partition_values={"billing_month": month},
        modification_time=time.time_ns() // 1_000_000,
        data_change=is_change,
        stats=_statistics(writer.writer.metadata),
    )


def _complete(piece: pa.Table) -> pa.Table:
    for field in _SCHEMA:
        if field.nullable and field.name not in piece.column_names:
            piece = piece.append_column(field, pa.nulls(piece.num_rows, field.type))
    return piece.select(_SCHEMA.names)


def _statistics(metadata: pq.FileMetaData) -> str:
    """Rows, and least and greatest value and nulls of the columns that have them, as the log has it."""
    values: dict[str, list[Any]] = {name: [] for name in _STATISTICS}
    nulls = dict.fromkeys(_STATISTICS, 0)
    for group in range(metadata.num_row_groups):
        for place, name in enumerate(_SCHEMA.names):
            found = metadata.row_group(group).column(place).statistics if name in values else None
            if found is not None:
                nulls[name] += found.null_count
                values[name] += [found.min, found.max] if found.has_min_max else []
    known = {name: of_column for name, of_column in values.items() if of_column}
    return json.dumps(
        {
            "numRecords": metadata.num_rows,
            "minValues": {name: _text(min(of_column)) for name, of_column in known.items()},
            "maxValues": {name: _text(max(of_column)) for name, of_column in known.items()},
            "nullCount": nulls,
        }
    )


def _text(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
    return value.isoformat() if isinstance(value, date) else value
