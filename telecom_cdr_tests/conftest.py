"""Fixtures that every test may use: one embedded engine a session, a fresh lake a test."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from telecom_cdr.lakehouse.engine import open_session, prepare_environment

prepare_environment()

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from telecom_cdr.lakehouse.lake import Lake


@pytest.fixture(scope="session")
def engine() -> Iterator["SparkSession"]:
    """A session on the embedded engine, shared by all tests."""
    with open_session("embedded") as session:
        yield session


@pytest.fixture
def lake(engine: "SparkSession", tmp_path: Path) -> "Lake":
    """An empty lake with every declared table."""
    from telecom_cdr.lakehouse.catalog import Catalog
    from telecom_cdr.lakehouse.lake import Lake

    catalog = Catalog(tmp_path / "lake")
    catalog.create_tables()
    return Lake(catalog, engine)
