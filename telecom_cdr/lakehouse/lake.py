"""The lake as an engine sees it: read a month that passed its checks, replace a month atomically.

Here: the one writer and its guards. Not here: table handles (`catalog`), what is checked (`month_checks`).
"""

import json
import re
import shutil
import tempfile
import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pyspark.sql import functions as F

from telecom_cdr.errors import LakeError
from telecom_cdr.lakehouse.catalog import Catalog, MonthVersion
from telecom_cdr.lakehouse.engines.capabilities import (
    engine_of,
    forget_newest_checkpoint,
    overwrite_delta,
    read_delta,
    reads_any_path,
)
from telecom_cdr.lakehouse.retry import on_conflict
from telecom_cdr.lakehouse.write_guard import guarded
from telecom_cdr.tables.model import Table

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_NEEDS_NO_QUOTING: Final = re.compile(r"[A-Za-z0-9/._-]+")


class Lake:
    """A catalog and the session that computes on it."""

    def __init__(self, catalog: Catalog, session: "SparkSession") -> None:
        self.catalog = catalog
        self.session = session
        self._frames: dict[tuple[str, int], DataFrame] = {}

    def frame(self, table: Table, month: str | None = None, version: int | None = None) -> "DataFrame":
        """Rows of a table, of one month and one Delta version if given. No check is asked for."""
        self.catalog.require()
        path = self._engine_path(self.catalog.path(table))
        rows = read_delta(self.session, path) if version is None else self._pinned(path, version)
        return rows.where(F.col("billing_month") == F.lit(month)) if month and table.is_monthly else rows

    def _pinned(self, path: str, version: int) -> "DataFrame":
        """One version of a table: the same frame each time, for Spark works a version out anew for every new one."""
        forget_newest_checkpoint(path)
        if (path, version) not in self._frames:
            self._frames[path, version] = read_delta(self.session, path, versionAsOf=str(version))
        return self._frames[path, version]

    @contextmanager
    def staged(self, table: Table, month: str, name: str, rows: "DataFrame") -> Iterator["DataFrame"]:
        """Write intermediate rows once and give the frame that reads them; they are dropped at the end.

        Plain files, without a log: one run writes and reads them, and the Delta writer of the embedded engine holds
        whole columns in memory.
        """
        folder = self.catalog.staging_path(name)
        path = folder / table.name
        shutil.rmtree(path, ignore_errors=True)
        location = self._engine_path(str(path))
        columns = ", ".join(f"{column.name} {column.type.sql}" for column in table.columns)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._stage(location, table, rows, month)
            yield self.session.read.schema(columns).parquet(location)
        finally:
            shutil.rmtree(path, ignore_errors=True)
            # Other rows of the same run may still stand beside these.
            with suppress(OSError):
                folder.rmdir()

    def replace_month(
        self,
        table: Table,
        month: str,
        rows: "DataFrame",
        *,
        write_id: str,
        raw_version: int | None = None,
        reference_load: str = "",
    ) -> MonthVersion:
        """Replace one month of a table by the rows given, in one commit that says what they come from.

        Refuses a closed month, rows of another month, and a frame whose columns are not the declared ones.
        """
        if month in self.catalog.closed_months():
            raise LakeError(f"{table.path}: {month} is closed and is never written again; late usage is adjusted")
        metadata: dict[str, str | int] = {"table": table.path, "month": month, "write_id": write_id}
        metadata["engine"] = self.engine
        if reference_load:
            metadata["reference_load"] = reference_load
        if raw_version is not None:
            metadata["raw_version"] = raw_version
        self._overwrite(self.catalog.path(table), table, rows, month, metadata)
        return self.catalog.month_version(table, month)

    def _forget_newest_checkpoints(self) -> None:
        """Rows are read only when they are written; another process may have written a checkpoint since."""
        for pinned, _ in self._frames:
            forget_newest_checkpoint(pinned)

    @on_conflict
    def _stage(self, location: str, table: Table, rows: "DataFrame", month: str) -> None:
        self._forget_newest_checkpoints()
        guarded(table, rows, month).write.mode("overwrite").option("compression", "snappy").parquet(location)

    @on_conflict
    def _overwrite(
        self, path: str, table: Table, rows: "DataFrame", month: str, metadata: Mapping[str, str | int]
    ) -> None:
        self._forget_newest_checkpoints()
        only = f"billing_month = '{month}'"
        wanted = guarded(table, rows, month)
        overwrite_delta(wanted, self._engine_path(path), replaceWhere=only, userMetadata=json.dumps(dict(metadata)))

    @cached_property
    def engine(self) -> str:
        """What computes here, with its version."""
        return engine_of(self.session)

    def _engine_path(self, path: str) -> str:
        return str(self._engine_root / Path(path).relative_to(self.catalog.root))

    @cached_property
    def _engine_root(self) -> Path:
        """The lake under a name that every engine can read: its own, or a link for as long as this object is used."""
        root = self.catalog.root.absolute()
        if _NEEDS_NO_QUOTING.fullmatch(str(root)) or reads_any_path(self.session):
            return root
        folder = tempfile.mkdtemp(prefix="telecom-cdr-")
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        link = Path(folder) / "lake"
        link.symlink_to(root, target_is_directory=True)
        return link
