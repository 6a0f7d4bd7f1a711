"""Loading the operational database from CSV files, and reading one state of it.

Here: the two transactions. Not here: connecting (`connection`), moving rows (`rows`), what is valid (`validation`),
the lake (`snapshot`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import sqlalchemy as sa

from telecom_cdr.reference import rows
from telecom_cdr.reference.connection import create_engine, create_schema, reading, writing
from telecom_cdr.reference.errors import DatabaseError
from telecom_cdr.reference.models import LOADS, SQL_TABLES
from telecom_cdr.reference.outage import PATIENCE_SECONDS, shown, with_patience
from telecom_cdr.reference.validation import ReferenceData, content_hash, read_reference
from telecom_cdr.tables import reference
from telecom_cdr.tables.model import Table


@dataclass(frozen=True)
class LoadResult:
    """What a load did.

    `version`: number of the load that the database holds. `counts`: rows by table name. `is_new`: False when the
    database held the same content already and nothing changed. `ignored_files`: CSV files that are no reference table.
    """

    version: int
    counts: dict[str, int]
    is_new: bool
    ignored_files: tuple[str, ...]


@dataclass(frozen=True)
class Snapshot:
    """One state of the database: every table by name, in its declared schema."""

    version: int
    content_sha256: str
    tables: dict[str, pa.Table]


@dataclass(frozen=True)
class _Load:
    """One load, the same in each attempt: its instant tells whether an attempt that heard no answer had landed."""

    data: ReferenceData
    digest: str
    source: str
    loaded_utc: datetime

    @property
    def counts(self) -> dict[str, int]:
        return {name: found.num_rows for name, found in self.data.tables.items()}


def load(
    directory: Path, url: str, *, patience_seconds: float = PATIENCE_SECONDS, say: Callable[[str], None] | None = None
) -> LoadResult:
    """Replace the reference data with a directory of CSV files, or change nothing.

    The same content again (rows in any order) makes no new version. An outage of the database is waited for, and the
    load done again, for `patience_seconds`; `say` is told of it. Raises ReferenceDataError with every refused cell,
    InputError for a directory that is none, DatabaseError when the database cannot be written.
    """
    data = read_reference(directory)
    wanted = _Load(data, content_hash(data.tables), str(directory), datetime.now(UTC))
    engine = create_engine(url)
    version, is_new = with_patience(lambda: _load_once(engine, wanted), patience_seconds, say)
    return LoadResult(version, wanted.counts, is_new, data.ignored_files)


def read_snapshot(
    url: str, *, patience_seconds: float = PATIENCE_SECONDS, say: Callable[[str], None] | None = None
) -> Snapshot:
    """Every reference table as it stands, read in one transaction, each row with the version of the load.

    An outage of the database is waited for, and all is read again, for `patience_seconds`; `say` is told of it.
    Raises DatabaseError when the database is not there, does not answer, or holds no load.
    """
    engine = create_engine(url)
    return with_patience(lambda: _read_once(engine), patience_seconds, say)


def _load_once(engine: sa.Engine, wanted: _Load) -> tuple[int, bool]:
    create_schema(engine)
    with writing(engine) as connection:
        newest = _newest_load(connection)
        if newest and newest.content_sha256 == wanted.digest and _holds(connection, wanted.digest):
            return newest.version, newest.loaded_utc == wanted.loaded_utc
        version = newest.version + 1 if newest else 1
        _replace(connection, wanted.data.tables)
        connection.execute(
            LOADS.insert().values(
                version=version,
                loaded_utc=wanted.loaded_utc,
                source=wanted.source,
                row_counts=wanted.counts,
                content_sha256=wanted.digest,
            )
        )
    return version, True


def _read_once(engine: sa.Engine) -> Snapshot:
    with reading(engine) as connection:
        newest = _newest_load(connection)
        if newest is None:
            raise DatabaseError(
                f"{shown(engine.url)} holds no reference data: load it with `telecom-cdr reference load DIR`"
            )
        tables = _read_tables(connection)
    if tables is None or content_hash(tables) != newest.content_sha256:
        raise DatabaseError(
            f"{shown(engine.url)} was changed since load {newest.version}, without the checks of a load: "
            "put the change into the CSV files and run `telecom-cdr reference load DIR`"
        )
    versioned = {table.name: _versioned(table, tables[table.name], newest.version) for table in reference.TABLES}
    return Snapshot(newest.version, newest.content_sha256, versioned)


def _newest_load(connection: sa.Connection) -> sa.Row | None:
    columns = (LOADS.c.version, LOADS.c.content_sha256, LOADS.c.loaded_utc)
    return connection.execute(sa.select(*columns).order_by(LOADS.c.version.desc()).limit(1)).one_or_none()


def _holds(connection: sa.Connection, digest: str) -> bool:
    tables = _read_tables(connection)
    return tables is not None and content_hash(tables) == digest


def _replace(connection: sa.Connection, tables: dict[str, pa.Table]) -> None:
    for table in reversed(reference.TABLES):
        connection.execute(SQL_TABLES[table.name].delete())
    for table in reference.TABLES:
        rows.insert(connection, table, tables[table.name])


def _read_tables(connection: sa.Connection) -> dict[str, pa.Table] | None:
    """Every table; None when one holds what no load writes."""
    try:
        return {table.name: rows.read(connection, table) for table in reference.TABLES}
    except pa.ArrowInvalid:
        return None


def _versioned(table: Table, found: pa.Table, version: int) -> pa.Table:
    field = table.arrow_schema.field(reference.REFERENCE_VERSION.name)
    numbered = found.append_column(field, pa.array([version] * found.num_rows, field.type))
    return numbered.select(table.column_names).cast(table.arrow_schema)
