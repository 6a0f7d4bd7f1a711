"""Which errors of the operational database pass by themselves, and how work on it is tried again.

Here: telling an outage from a mistake, what a person is told, the waiting. Not here: connecting (`connection`).
PostgreSQL gives a connection that fails no code, so there the words decide: those of its client library, which are
English, and what a server says while it starts or stops. Whatever is not known to pass is told at once.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, TypeVar

import psycopg2
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_delay, wait_random_exponential

from telecom_cdr.reference.errors import DatabaseError, DatabaseOutageError

Result = TypeVar("Result")

PATIENCE_SECONDS: Final = 30.0
_LONGEST_PAUSE_SECONDS: Final = 5.0
_PASSING_STATES: Final = frozenset(
    {
        "25P03",  # the transaction was idle for too long
        "40001",  # serialization failure
        "40P01",  # deadlock
        "53300",  # too many connections
        "55P03",  # the lock was not to be had in time
        "57P01",  # the server stops
        "57P02",  # another of its processes crashed
        "57P03",  # the server starts
        "57P05",  # the session was idle for too long
    }
)
_CONNECTION_LOST: Final = "08"
_PASSING_WORDS: Final = (
    "is the server running",
    "connection refused",
    "connection reset",
    "connection timed out",
    "timeout expired",
    "server closed the connection",
    "connection already closed",
    "connection not open",
    "could not receive data",
    "could not send data",
    "eof detected",
    "unexpected eof",
    "ssl connection has been closed unexpectedly",
    "terminating connection",
    "the database system is",
    "too many clients",
    "remaining connection slots",
    "no route to host",
    "network is unreachable",
    "temporary failure in name resolution",
)
# One name may have several addresses, and one of them a server that answers: what that one says counts.
_MISTAKES: Final = (
    ("password", "check user and password"),
    ("authentication", "check user and password"),
    ("pg_hba.conf", "have the server let this user in from here"),
    ("certificate", "check sslmode, sslrootcert and the host name, and the server's certificate"),
    ("does not support ssl", "have the server use TLS; without it sslmode=verify-full refuses"),
    ("name or service not known", "check the host name"),
    ("permission denied", "have its owner grant the rights"),
    ("statement timeout", "raise it: options=-c statement_timeout=SECONDSs"),
    ("does not exist", "check the names"),
)
_ADVICE: Final = "check that it runs, its rights, and TELECOM_CDR_DATABASE_URL"


def shown(url: sa.URL) -> str:
    """A database URL without password and parameters."""
    return url.set(drivername=url.get_backend_name(), query={}).render_as_string(hide_password=True)


@contextmanager
def told(url: sa.URL) -> Iterator[None]:
    """Tell database errors as one line: the driver's own, which names no password.

    Raises DatabaseOutageError for what may pass, DatabaseError for everything else.
    """
    try:
        yield
    except (SQLAlchemyError, psycopg2.Error) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        said = str(cause).strip() or type(cause).__name__
        if _passes(error, cause, said):
            raise DatabaseOutageError(
                f"the database {shown(url)} cannot be used now: {said.splitlines()[0]}"
            ) from error
        line, advice = _mistake(said)
        raise DatabaseError(f"the database {shown(url)} does not answer as it should: {line}; {advice}") from error


def with_patience(work: Callable[[], Result], seconds: float, say: Callable[[str], None] | None = None) -> Result:
    """Do work that may be done again, until no outage ends it or the seconds are over.

    Pauses grow exponentially, with jitter. `say` is told once that an outage is waited for.
    Raises DatabaseOutageError when it lasts, any other error at once.
    """
    attempts = Retrying(
        retry=retry_if_exception_type(DatabaseOutageError),
        wait=wait_random_exponential(multiplier=0.2, max=_LONGEST_PAUSE_SECONDS),
        stop=stop_after_delay(seconds),
        before_sleep=lambda state: _tell(state, seconds, say),
        reraise=True,
    )
    try:
        return attempts(work)
    except DatabaseOutageError as error:
        count = attempts.statistics.get("attempt_number", 1)
        tried = f"; tried {count} times in {seconds:g} s" if count > 1 else ""
        raise DatabaseOutageError(
            f"{error}{tried}; nothing is half done: see that it runs and that "
            "TELECOM_CDR_DATABASE_URL names it, and do this again"
        ) from error


def _tell(state: RetryCallState, seconds: float, say: Callable[[str], None] | None) -> None:
    if say and state.outcome and state.attempt_number == 1:
        say(f"{state.outcome.exception()}; trying again for {seconds:g} s")


def _passes(error: Exception, cause: BaseException | None, said: str) -> bool:
    state = getattr(cause, "pgcode", None)
    if state:
        return state in _PASSING_STATES or state.startswith(_CONNECTION_LOST)
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    words = said.lower()
    is_mistake = any(sign in words for sign, _ in _MISTAKES)
    return not is_mistake and any(sign in words for sign in _PASSING_WORDS)


def _mistake(said: str) -> tuple[str, str]:
    lines = said.splitlines()
    for sign, advice in _MISTAKES:
        for line in lines:
            if sign in line.lower():
                return line.strip(), f"{advice} (TELECOM_CDR_DATABASE_URL)"
    return lines[0], _ADVICE
