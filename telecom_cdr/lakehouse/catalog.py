"""The tables of a lake on disk, through `deltalake` and without an engine: create, open, read and write small tables.

Here: paths, creation, handles, whole-table replacement, appends, the identity of a month's content.
Not here: anything an engine does (`lake`), or what a verdict is (`verdicts`).
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final, Literal

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import CommitProperties, DeltaTable, write_deltalake
from deltalake.exceptions import TableNotFoundError
from deltalake.table import FilterType
from pyarrow.dataset import Dataset
from pyarrow.fs import LocalFileSystem, SubTreeFileSystem
from pyarrow.parquet import ParquetFile

from telecom_cdr import tables
from telecom_cdr.errors import LakeError
from telecom_cdr.lakehouse.creation import add_columns, create_table
from telecom_cdr.lakehouse.retry import on_conflict
from telecom_cdr.tables.model import Table
from telecom_cdr.vocabulary import PeriodState

MARKER: Final = "_telecom_cdr"
# Names that Delta tables never have, so that no reader takes them for one.
STAGING: Final = "_staging"
_FEW_COMMITS: Final = 16
# Declared with fewer columns before: `message_key` and `broker_utc` came with Kafka, what explains a charge with tiers.
_GROWN: Final = (tables.raw.CDRS, tables.rated.USAGE)


@dataclass(frozen=True)
class MonthVersion:
    """The exact content of one month of a table.

    `fingerprint` is the SHA-256 of the names of its data files: Delta never changes a file, so equal names are
    equal rows, whatever commits other months have seen since. `write_id` is that of the last replacement of the
    month, empty where it was never replaced; tables written together share it. What that write says of itself:
    `raw_version`, the version of raw/cdrs that it read, for a mediated month; `reference_load`, the load of the
    reference data that it read, for the months after; `engine`, what computed it.
    """

    table: Table
    month: str
    version: int
    fingerprint: str
    record_count: int
    write_id: str = ""
    raw_version: int | None = None
    reference_load: str = ""
    engine: str = ""


class Catalog:
    """The Delta tables below one directory."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._replacements: dict[tuple[str, str, int], dict[str, Any]] = {}

    @property
    def exists(self) -> bool:
        """Whether a lake was created here."""
        return (self.root / MARKER).is_file()

    def require(self) -> None:
        """Refuse to go on where no lake is."""
        if not self.exists:
            raise LakeError(
                f"there is no lake at {self.root}: run `telecom-cdr ingest` or `telecom-cdr demo` to create it, "
                "or set TELECOM_CDR_LAKE to where it is"
            )

    def path(self, table: Table) -> str:
        """Directory of a table."""
        return str(self.root / table.layer / table.name)

    def staging_path(self, name: str) -> Path:
        """Directory of one run's intermediate rows."""
        return self.root / STAGING / name

    def create_tables(self, declared: Iterable[Table] = tables.ALL) -> None:
        """Create the lake, every declared table that is missing, and columns that a table of an older version lacks.

        Repeating it changes nothing.
        """
        if "%" in str(self.root):
            raise LakeError(
                f"a lake cannot be at {self.root}: Delta takes % for a quoted character; choose another name"
            )
        try:
            self.root.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LakeError(f"cannot create the lake at {self.root}: {error.strerror or error}") from error
        for table in declared:
            if not DeltaTable.is_deltatable(self.path(table)):
                create_table(self.path(table), table)
            elif table in _GROWN:
                add_columns(self.path(table), table)
        (self.root / MARKER).touch()

    def delta(self, table: Table) -> DeltaTable:
        """A handle on the newest version of a table."""
        try:
            return DeltaTable(self.path(table))
        except TableNotFoundError as error:
            self.require()
            raise LakeError(
                f"{table.path} is missing in the lake at {self.root}: run `telecom-cdr ingest` to create it"
            ) from error

    def read(
        self,
        table: Table,
        month: str | None = None,
        columns: Sequence[str] | None = None,
        version: int | None = None,
    ) -> pa.Table:
        """Rows of a table, of one month and one Delta version if given, in declared order of columns.

        Columns that a table of an older version lacks are null.
        """
        names = list(columns or table.column_names)
        delta = self.delta(table)
        if version is not None:
            delta.load_as_version(version)
        stored = dataset(delta, self.path(table), month if table.is_monthly else None)
        there = set(stored.schema.names)
        rows = stored.to_table(columns=[name for name in names if name in there])
        for name in names:
            if name not in there:
                rows = rows.append_column(name, pa.nulls(rows.num_rows, table.column(name).type.arrow))
        return rows.select(names).cast(pa.schema([table.arrow_schema.field(name) for name in names]))

    def first_rows(self, version: MonthVersion, columns: Sequence[str], count: int) -> list[dict[str, Any]]:
        """Some rows of a month as it was written, by column name, read without the others."""
        table = version.table
        delta = self.delta(table)
        delta.load_as_version(version.version)
        missing = {**dict.fromkeys(columns), "billing_month": version.month}
        found: list[dict[str, Any]] = []
        for fragment in dataset(delta, self.path(table), version.month).get_fragments():
            with fragment.open() as file:
                # The dataset's own reader would cut whole row groups into pieces of this size before it gives one.
                pieces = ParquetFile(file).iter_batches(count, columns=list(columns), use_threads=False)
                found += [{**missing, **row} for piece in islice(pieces, 1) for row in piece.to_pylist()]
            if len(found) >= count:
                break
        return found[:count]

    def month_version(self, table: Table, month: str, handle: DeltaTable | None = None) -> MonthVersion:
        """What a month of a table holds at the handle's version, the newest by default."""
        delta = handle or self.delta(table)
        files = pa.table(delta.get_add_actions(flatten=True))
        if files.num_rows:
            files = files.filter(pc.equal(files["partition.billing_month"], month))
        names = sorted(files["path"].to_pylist()) if files.num_rows else []
        digest = hashlib.sha256("\n".join(names).encode()).hexdigest()
        count = sum(files["num_records"].to_pylist()) if names else 0
        written = self._last_replacement(table, month, delta)
        return MonthVersion(
            table,
            month,
            delta.version(),
            digest,
            count,
            written.get("write_id", ""),
            written.get("raw_version"),
            written.get("reference_load", ""),
            written.get("engine", ""),
        )

    def months(self, table: Table) -> list[str]:
        """Billing months that hold rows, in order."""
        files = pa.table(self.delta(table).get_add_actions(flatten=True))
        return sorted(set(files["partition.billing_month"].to_pylist())) if files.num_rows else []

    def append(self, table: Table, rows: pa.Table) -> None:
        """Add rows to a table of the lake's own records, such as verdicts."""
        self._write(table, rows, mode="append", write_id=None)

    def replace_all(self, table: Table, rows: pa.Table, write_id: str) -> int:
        """Replace every row of a table in one commit; gives the Delta version."""
        self._write(table, rows, mode="overwrite", write_id=write_id)
        return self.delta(table).version()

    def closed_months(self) -> frozenset[str]:
        """Billing months that are never written again."""
        periods = self.read(tables.invoices.BILLING_PERIODS, columns=("billing_month", "state"))
        closed = pc.equal(periods["state"], PeriodState.CLOSED.value)
        return frozenset(periods.filter(closed)["billing_month"].to_pylist())

    def _last_replacement(self, table: Table, month: str, delta: DeltaTable) -> dict[str, Any]:
        """What the commit that last replaced a month says of itself; a version never changes, so it is asked once."""
        asked = table.path, month, delta.version()
        if asked not in self._replacements:
            self._replacements[asked] = next((said for said in _newest_first(delta) if said.get("month") == month), {})
        return self._replacements[asked]

    @on_conflict
    def _write(
        self, table: Table, rows: pa.Table, *, mode: Literal["append", "overwrite"], write_id: str | None
    ) -> None:
        write_deltalake(
            self.delta(table),
            rows.select(table.column_names).cast(table.arrow_schema),
            mode=mode,
            commit_properties=CommitProperties(custom_metadata={"write_id": write_id} if write_id else None),
        )


def dataset(delta: DeltaTable, path: str, month: str | None = None) -> Dataset:
    """The data files of a table, of one month if given, at the handle's version, read by Arrow itself.

    Through the file system of `deltalake`, Arrow's threads call back into Python, and a process that ends while one
    still does is aborted: half of the short ones were.
    """
    files = SubTreeFileSystem(path, LocalFileSystem())
    of_month: FilterType | None = [("billing_month", "=", month)] if month else None
    return delta.to_pyarrow_dataset(filesystem=files, file_pruning_predicate=of_month)


def _newest_first(delta: DeltaTable) -> Iterator[dict[str, Any]]:
    """What each commit says of itself."""
    # Each is a file: what is looked for is mostly among the last few.
    recent = delta.history(_FEW_COMMITS)
    yield from map(_said, recent)
    if len(recent) == _FEW_COMMITS:
        yield from map(_said, delta.history()[_FEW_COMMITS:])


def _said(commit: dict[str, Any]) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(commit.get("userMetadata") or "{}")
    return said
