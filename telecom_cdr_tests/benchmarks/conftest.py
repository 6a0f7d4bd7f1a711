"""Three generated months, each of a seed of its own, with every fault; and what each system makes of them.

The three lakes are made once: the product's by its commands inside this process, checks and all.
"""

from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

from benchmarks.common.work import Work
from benchmarks.data import Dataset, dataset
from telecom_cdr.cli.demo import catalogue
from telecom_cdr_tests.product import Product

RECORDS = 12_000
SEED = 11


@pytest.fixture(scope="session")
def months_data(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return dataset(tmp_path_factory.mktemp("benchmarks"), RECORDS, month_count=3, seed=SEED)


@pytest.fixture(scope="session")
def product_lake(months_data: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    product = Product.at(tmp_path_factory.mktemp("product"))
    product.done("reference", "load", str(catalogue()))
    product.done("ingest", "--from", str(months_data.source))
    product.done("run", "--month", months_data.months[0], "--to", months_data.months[-1])
    return product.lake


@pytest.fixture(scope="session")
def lake_by_hand(months_data: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The lake of a hand-written pipeline, by its system."""

    @cache
    def made(system: str) -> Path:
        lake = tmp_path_factory.mktemp(system) / "lake"
        work = Work(months_data.source, months_data.reference, lake, months_data.months)
        import_module(f"benchmarks.with_{system}.pipeline").run(work)
        return lake

    return made
