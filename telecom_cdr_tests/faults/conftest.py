"""Lakes in the states that faults strike in, made once for all tests of the folder, which work on copies."""

import random
from pathlib import Path

import pytest

from telecom_cdr.cli.demo import catalogue as default_catalogue
from telecom_cdr_tests.faults.lakes import BESIDE, MONTH, copy_of
from telecom_cdr_tests.product import Product
from telecom_cdr_tests.reference.catalogue import Catalogue


@pytest.fixture
def chance() -> random.Random:
    """What chooses random moments; its seed is printed with a failure."""
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    return random.Random(seed)


@pytest.fixture(scope="session")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the records of the lakes come from: `first`, and `later`, which adds records to MONTH."""
    return tmp_path_factory.mktemp("inbox")


@pytest.fixture(scope="session")
def referenced(tmp_path_factory: pytest.TempPathFactory, inbox: Path) -> Product:
    """A lake with the default catalogue and no record yet; the files to take are in the inbox."""
    product = Product.at(tmp_path_factory.mktemp("referenced"))
    product.done("reference", "load", str(default_catalogue()))
    product.done("generate", "--cdrs", "400", "--month", MONTH, "--seed", "1", "--out", str(inbox / "first" / MONTH))
    product.done("generate", "--cdrs", "400", "--month", BESIDE, "--seed", "2", "--out", str(inbox / "first" / BESIDE))
    product.done("generate", "--cdrs", "200", "--month", MONTH, "--seed", "3", "--out", str(inbox / "later"))
    return product


@pytest.fixture(scope="session")
def ingested(tmp_path_factory: pytest.TempPathFactory, referenced: Product, inbox: Path) -> Product:
    """The records of two months are in raw; nothing was made of them."""
    product = copy_of(referenced, tmp_path_factory.mktemp("ingested") / "product")
    product.done("ingest", "--from", str(inbox / "first"))
    return product


@pytest.fixture(scope="session")
def billed(tmp_path_factory: pytest.TempPathFactory, ingested: Product) -> Product:
    """Two months, each materialised once, undisturbed."""
    product = copy_of(ingested, tmp_path_factory.mktemp("billed") / "product")
    product.done("run", "--month", MONTH, "--to", BESIDE)
    return product


@pytest.fixture(scope="session")
def grown(tmp_path_factory: pytest.TempPathFactory, billed: Product, inbox: Path) -> Product:
    """Two billed months, and later records of MONTH in raw that no run has seen."""
    product = copy_of(billed, tmp_path_factory.mktemp("grown") / "product")
    product.done("ingest", "--from", str(inbox / "later"))
    return product


@pytest.fixture(scope="session")
def rebilled(tmp_path_factory: pytest.TempPathFactory, grown: Product) -> Product:
    """Two billed months, MONTH with its later records, undisturbed."""
    product = copy_of(grown, tmp_path_factory.mktemp("rebilled") / "product")
    product.done("run", "--month", MONTH)
    return product


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    """A directory with a small valid catalogue, to be changed by a test."""
    return Catalogue(tmp_path / "csv")
