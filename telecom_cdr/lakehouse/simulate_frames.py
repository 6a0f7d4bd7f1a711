"""Frames of rows that stand in no lake: values in the plan where they are few, temporary files where they are many.

Here: how rows reach the engine. Not here: what is computed of them (`simulate`).
"""

import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.parquet as pq

from telecom_cdr.lakehouse.engines.capabilities import reads_any_path
from telecom_cdr.tables.model import Column

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

# Values in a plan travel with it, once for each use.
_MOST_ROWS_IN_A_PLAN: Final = 20_000
_NEEDS_NO_QUOTING: Final = re.compile(r"[A-Za-z0-9/._-]+")


class Frames:
    """Makes frames of Arrow rows. `folder` is a directory that the engine reads too; None where there is none."""

    def __init__(self, session: "SparkSession", folder: Path | None = None) -> None:
        self.session = session
        self._folder = folder
        self._count = 0

    def frame(self, columns: Sequence[Column], rows: pa.Table) -> "DataFrame":
        """The rows as a frame of the columns given, all of which they have."""
        if not rows.num_rows:
            # From no rows the client infers no types.
            return self.session.createDataFrame([], ", ".join(f"{column.name} {column.type.sql}" for column in columns))
        schema = pa.schema([pa.field(column.name, column.type.arrow) for column in columns])
        rows = rows.select(schema.names).cast(schema)
        if self._folder is None or rows.num_rows <= _MOST_ROWS_IN_A_PLAN:
            return self.session.createDataFrame(rows)
        self._count += 1
        path = self._folder / f"{self._count}.parquet"
        pq.write_table(rows, path, compression="snappy")
        return self.session.read.parquet(str(path))


@contextmanager
def temporary_frames(session: "SparkSession", *, is_local: bool) -> Iterator[Frames]:
    """Frames whose files are removed at the end; an engine elsewhere reads no files of this machine."""
    with tempfile.TemporaryDirectory(prefix="telecom-cdr-") as name:
        folder = Path(name).resolve()
        is_readable = is_local and (bool(_NEEDS_NO_QUOTING.fullmatch(str(folder))) or reads_any_path(session))
        yield Frames(session, folder if is_readable else None)
