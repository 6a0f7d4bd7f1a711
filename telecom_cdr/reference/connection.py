"""Connections to the operational database: URL, pool, time-outs, schema, transactions.

Here: what differs between SQLite and PostgreSQL when connecting. Not here: what is read and written (`database`),
which errors pass (`outage`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

from telecom_cdr.reference.errors import DatabaseError
from telecom_cdr.reference.models import LOADS, METADATA
from telecom_cdr.reference.outage import shown, told

_LOCK_SECONDS: Final = 30
_BEGIN: Final = "telecom_cdr_begin"
_FORMS: Final = "write sqlite:///FILE or postgresql://USER:PASSWORD@HOST:PORT/DATABASE in TELECOM_CDR_DATABASE_URL"
# What libpq is told unless the URL says otherwise. A server whose machine is gone is noticed by keep-alives.
_PARAMETERS: Final = {
    "connect_timeout": "10",
    "application_name": "telecom_cdr",
    "client_encoding": "utf8",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "60000",
}
# What the server is told at the start of a session; what the URL says comes later and wins.
_OPTIONS: Final = (
    f"-c statement_timeout=300s -c lock_timeout={_LOCK_SECONDS}s -c idle_in_transaction_session_timeout=60s "
    "-c datestyle=ISO"
)
# A command uses one connection at a time, the threads of a server a few.
_POOL_SIZE: Final = 2
_POOL_OVERFLOW: Final = 8
_POOL_RECYCLE_SECONDS: Final = 600
# Any number that no other application of the database uses.
_SCHEMA_LOCK: Final = 7_362_101


@lru_cache(maxsize=8)
def create_engine(url: str) -> sa.Engine:
    """The engine of a database URL, with its pool, one in a process; connects to nothing yet.

    Raises DatabaseError for a URL that is none.
    """
    parsed = _parse(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite_engine(parsed)
    query = {**_PARAMETERS, **parsed.query}
    query["options"] = f"{_OPTIONS} {_text(parsed.query.get('options', ''))}".strip()
    return sa.create_engine(
        parsed.set(drivername="postgresql+psycopg2", query=query),
        pool_size=_POOL_SIZE,
        max_overflow=_POOL_OVERFLOW,
        pool_timeout=_LOCK_SECONDS,
        pool_recycle=_POOL_RECYCLE_SECONDS,
        pool_pre_ping=True,
    )


def create_schema(engine: sa.Engine) -> None:
    """Create the tables that are missing, and the directory of a SQLite file."""
    _create_directory(engine)
    with told(engine.url), engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            # Two that find no table would both create it.
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_SCHEMA_LOCK)))
        METADATA.create_all(connection)


@contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """One transaction that sees one state of the database and changes nothing.

    Raises DatabaseError where there is no database, no schema, or no server.
    """
    path = _sqlite_path(engine)
    if path and not path.is_file():
        raise DatabaseError(f"there is no database at {path}: load one with `telecom-cdr reference load DIR`")
    isolated = engine
    if engine.dialect.name == "postgresql":
        isolated = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    with told(engine.url), isolated.begin() as connection:
        if not sa.inspect(connection).has_table(LOADS.name):
            raise DatabaseError(
                f"{shown(engine.url)} holds no reference data: load it with `telecom-cdr reference load DIR`"
            )
        yield connection


@contextmanager
def writing(engine: sa.Engine) -> Iterator[sa.Connection]:
    """One transaction that no other load runs beside: all of it lands, or nothing. Readers see the old state."""
    with told(engine.url), engine.execution_options(**{_BEGIN: "BEGIN IMMEDIATE"}).begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(sa.text(f"LOCK TABLE {LOADS.name} IN SHARE ROW EXCLUSIVE MODE"))
        yield connection


def _parse(url: str) -> sa.URL:
    try:
        parsed = sa.make_url(url)
        backend = parsed.get_backend_name()
    except (ArgumentError, NoSuchModuleError, ValueError) as error:
        raise DatabaseError(f"the database URL cannot be read: {_FORMS}") from error
    if backend == "sqlite":
        return parsed
    if backend not in {"postgresql", "postgres"}:
        raise DatabaseError(f"{backend} is no database that telecom_cdr knows: {_FORMS}")
    if "@" in (parsed.host or ""):
        # The rest of a password would be taken for a host, and shown as one.
        raise DatabaseError("the database URL has an @ too many: in a password write %40 for @, %2F for /, %25 for %")
    return parsed


def _text(parameter: str | tuple[str, ...]) -> str:
    return parameter if isinstance(parameter, str) else " ".join(parameter)


def _sqlite_engine(url: sa.URL) -> sa.Engine:
    if not url.database or url.database == ":memory:":
        raise DatabaseError(f"a SQLite database needs a file: {_FORMS}")
    # A connection that is kept would go on with a file that was replaced meanwhile.
    engine = sa.create_engine(url.set(drivername="sqlite"), connect_args={"timeout": _LOCK_SECONDS}, poolclass=NullPool)

    @event.listens_for(engine, "connect")
    def _prepare(connection: object, _: ConnectionPoolEntry) -> None:
        # The driver would begin only before the first write: reads would not see one state, loads could interleave.
        connection.isolation_level = None  # type: ignore[attr-defined]
        connection.execute("PRAGMA foreign_keys = ON")  # type: ignore[attr-defined]

    @event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get(_BEGIN, "BEGIN"))

    return engine


def _sqlite_path(engine: sa.Engine) -> Path | None:
    return Path(str(engine.url.database)) if engine.dialect.name == "sqlite" else None


def _create_directory(engine: sa.Engine) -> None:
    path = _sqlite_path(engine)
    try:
        if path:
            path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseError(
            f"the directory {path and path.parent} cannot be made: {error.strerror or error}"
        ) from error
