"""Fixtures of ingest: an empty lake, and a topic with nothing in it."""

from pathlib import Path

import pytest

from telecom_cdr.lakehouse.catalog import Catalog
from telecom_cdr_tests.lakehouse.raw_inputs import empty_lake
from telecom_cdr_tests.topics import Topic


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    """A lake with the tables that ingest needs."""
    return empty_lake(tmp_path / "lake")


@pytest.fixture
def topic(kafka: str) -> Topic:
    """A topic of one partition on the shared broker."""
    return Topic.made(kafka)
