"""A small generated lake: three months taken, and the same with the months billed from the command line."""

import shutil
from pathlib import Path
from typing import Final

import pytest

from telecom_cdr_tests import browser
from telecom_cdr_tests.product import Product
from telecom_cdr_tests.requirements import miss

CATALOGUE: Final = Path(__file__).parents[2] / "sql" / "reference"
FIRST, LAST = "2026-01", "2026-03"
MONTHS: Final = (FIRST, "2026-02", LAST)


@pytest.fixture(scope="session")
def taken(tmp_path_factory: pytest.TempPathFactory) -> Product:
    """300 generated records of three months in raw; nobody may change it."""
    product = Product.at(tmp_path_factory.mktemp("taken"))
    product.done("reference", "load", str(CATALOGUE))
    for month in MONTHS:
        product.done("generate", "--cdrs", "100", "--month", month, "--out", str(product.root / "in"))
    product.done("ingest", "--from", str(product.root / "in"))
    return product


@pytest.fixture(scope="session")
def billed(taken: Product, tmp_path_factory: pytest.TempPathFactory) -> Product:
    """The three months run one after the other; nobody may change it."""
    product = copy_of(taken, tmp_path_factory.mktemp("billed"))
    product.done("run", "--month", FIRST, "--to", LAST)
    return product


def copy_of(product: Product, root: Path) -> Product:
    """The same lake elsewhere."""
    shutil.copytree(product.lake, root / "lake")
    shutil.copytree(product.root / "dagster", root / "dagster")
    return Product.at(root)


@pytest.fixture(scope="session")
def chromium() -> str:
    """A browser. Missing: skipped, but with CI=true a failure."""
    program = browser.chromium()
    if program is None:
        miss(browser.MISSING)
    return program
