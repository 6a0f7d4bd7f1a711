"""A month that several tests look at."""

import pytest

from telecom_cdr_tests.sources.generator.made import Made, make, products, subscribers


@pytest.fixture(scope="package")
def month(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """30,000 records of 1,000 subscribers, with the default faults."""
    return make(
        tmp_path_factory.mktemp("generated"),
        30_000,
        subscriptions=subscribers(1_000),
        products=products("DATA", "SOCIAL"),
        records_per_file=7_000,
    )
