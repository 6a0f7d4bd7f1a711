"""Connections to the operational database: URL, engine, schema, transactions, and errors a user can act on.

Here: what differs between SQLite and PostgreSQL when connecting. Not here: what is read and written (`database`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from telecom_cdr.reference.errors import DatabaseError
from telecom_cdr.reference.models import LOADS, METADATA

_CONNECT_SECONDS: Final = 5
_LOCK_SECONDS: Final = 30
_BEGIN: Final = "telecom_cdr_begin"
_FORMS: Final = "write sqlite:///FILE or postgresql://USER:PASSWORD@HOST:PORT/DATABASE in TELECOM_CDR_DATABASE_URL"


def create_engine(url: str) -> sa.Engine:
    """An engine for a database URL; connects to nothing yet. Raises DatabaseError for a URL that is none."""
    parsed = _parse(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite_engine(parsed)
    query = {"connect_timeout": str(_CONNECT_SECONDS), **parsed.query}
    return sa.create_engine(parsed.set(drivername="postgresql+psycopg2", query=query), pool_pre_ping=True)


def create_schema(engine: sa.Engine) -> None:
    """Create the tables that are missing, and the directory of a SQLite file."""
    _create_directory(engine)
    with _told(engine), engine.begin() as connection:
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
    with _told(engine), isolated.begin() as connection:
        if not sa.inspect(connection).has_table(LOADS.name):
            raise DatabaseError(
                f"{shown(engine.url)} holds no reference data: load it with `telecom-cdr reference load DIR`"
            )
        yield connection


@contextmanager
def writing(engine: sa.Engine) -> Iterator[sa.Connection]:
    """One transaction that no other load runs beside: all of it lands, or nothing. Readers see the old state."""
    with _told(engine), engine.execution_options(**{_BEGIN: "BEGIN IMMEDIATE"}).begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(sa.text(f"LOCK TABLE {LOADS.name} IN SHARE ROW EXCLUSIVE MODE"))
        yield connection


def shown(url: sa.URL) -> str:
    """A database URL without password and parameters."""
    return url.set(query={}).render_as_string(hide_password=True)


def _parse(url: str) -> sa.URL:
    try:
        parsed = sa.make_url(url)
        backend = parsed.get_backend_name()
    except (ArgumentError, NoSuchModuleError, ValueError) as error:
        raise DatabaseError(f"the database URL cannot be read: {_FORMS}") from error
    if backend == "sqlite":
        return parsed
    if backend in {"postgresql", "postgres"}:
        return parsed
    raise DatabaseError(f"{backend} is no database that telecom_cdr knows: {_FORMS}")


def _sqlite_engine(url: sa.URL) -> sa.Engine:
    if not url.database or url.database == ":memory:":
        raise DatabaseError(f"a SQLite database needs a file: {_FORMS}")
    engine = sa.create_engine(url.set(drivername="sqlite"), connect_args={"timeout": _LOCK_SECONDS})

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


@contextmanager
def _told(engine: sa.Engine) -> Iterator[None]:
    """Tell database errors as one line: the first of the driver's, which names no password."""
    try:
        yield
    except SQLAlchemyError as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        reason = (str(cause).strip() or type(cause).__name__).splitlines()[0]
        raise DatabaseError(
            f"the database {shown(engine.url)} does not answer as it should: {reason}; "
            "check that it runs, its rights, and TELECOM_CDR_DATABASE_URL"
        ) from error
