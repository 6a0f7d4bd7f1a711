"""A product on a PostgreSQL that faults strike, and ways to stop it at a fixed point. Not here: the faults."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2

from telecom_cdr.reference.errors import DatabaseOutageError
from telecom_cdr_tests.product import Product, Result
from telecom_cdr_tests.reference.postgres import PASSWORD, PostgresServer

LONGEST_WAIT_SECONDS = 30
WAITING = "SELECT 1 FROM pg_stat_activity WHERE application_name = 'telecom_cdr' AND wait_event_type = 'Lock'"


def product_on(url: str, root: Path, patience_seconds: int) -> Product:
    settings = {"TELECOM_CDR_DATABASE_URL": url, "TELECOM_CDR_DATABASE_WAIT_SECONDS": str(patience_seconds)}
    return Product.at(root, **settings)


@contextmanager
def held(url: str, statement: str) -> Iterator[None]:
    """A session that has run a statement and does not end its transaction, until the server is killed."""
    connection = psycopg2.connect(url)
    with connection.cursor() as cursor:
        cursor.execute(statement)
    yield
    connection.close()


def wait_until_held(server: PostgresServer) -> None:
    deadline = time.monotonic() + LONGEST_WAIT_SECONDS
    while not server.execute(WAITING):
        assert time.monotonic() < deadline, "nothing waits for the lock"
        time.sleep(0.05)


def in_background(work: Callable[[], object]) -> Callable[[], object]:
    """Start work; what is given waits for it, and gives its result or its outage."""
    results: list[object] = []

    def run() -> None:
        try:
            results.append(work())
        except DatabaseOutageError as error:
            results.append(error)

    thread = threading.Thread(target=run)
    thread.start()

    def wait() -> object:
        thread.join()
        return results[0]

    return wait


def assert_told(result: Result, *words: str) -> None:
    """One error line, and no secret."""
    assert result.exit_code == 1, result.errors
    lines = [line for line in result.errors.splitlines() if line.startswith("error: ")]
    assert len(lines) == 1, result.errors
    assert all(word in lines[0] for word in words), lines
    assert "Traceback" not in result.errors
    assert PASSWORD not in result.errors + result.output
