"""One billed lake for all tests of commands that only read, and what an error must look like."""

from pathlib import Path

import pytest

from telecom_cdr_tests.cli.small_lake import a_small_lake
from telecom_cdr_tests.product import Product


@pytest.fixture(scope="session")
def billed(tmp_path_factory: pytest.TempPathFactory) -> Product:
    """A small lake with one billed month; nobody may change it."""
    return a_small_lake(tmp_path_factory.mktemp("billed"))


@pytest.fixture
def fresh(tmp_path: Path) -> Product:
    """Settings that point at a lake which is not there."""
    return Product.at(tmp_path)
