"""Fixtures of the reference data: a small valid catalogue, and both databases."""

from pathlib import Path

import pytest

from telecom_cdr_tests.reference.catalogue import Catalogue


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    """A directory with a small valid catalogue, to be spoilt by a test."""
    return Catalogue(tmp_path / "csv")


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A SQLite file that is not there yet, in a directory that is not there either."""
    return f"sqlite:///{tmp_path / 'operational' / 'reference.sqlite'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Each database in turn."""
    name = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    return str(request.getfixturevalue(name))
