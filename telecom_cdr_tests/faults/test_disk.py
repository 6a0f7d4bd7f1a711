"""A disk that refuses a write in the middle of a run: nothing half-way is read, and running again mends it."""

from pathlib import Path

import pytest

from telecom_cdr.lakehouse.orphans import leftover_staging
from telecom_cdr.tables.mediated import QUARANTINE, VOICE
from telecom_cdr.tables.rated import USAGE
from telecom_cdr_tests.faults.lakes import BESIDE, MONTH, assert_same, contents, copy_of
from telecom_cdr_tests.product import Product

pytestmark = pytest.mark.slow


def test_a_table_that_cannot_be_written_stops_the_month_until_it_can(
    tmp_path: Path, ingested: Product, billed: Product
) -> None:
    product = copy_of(ingested, tmp_path / "product")
    before = contents(product, [BESIDE])
    # A file where the directory of the month must be, so that the fourth of five tables fails even for root.
    in_the_way = Path(product.catalog.path(QUARANTINE)) / f"billing_month={MONTH}"
    in_the_way.touch()
    result = product.run("run", "--month", MONTH)
    assert result.exit_code == 1
    assert len([line for line in result.errors.splitlines() if line.startswith(f"error: {MONTH}: ")]) == 1
    assert "Traceback" not in result.errors
    assert product.rows(VOICE.path, MONTH).num_rows
    assert not product.rows(USAGE.path, MONTH).num_rows
    assert leftover_staging(product.catalog) == []
    assert all(rows.equals(before[name]) for name, rows in contents(product, [BESIDE]).items())

    in_the_way.unlink()
    product.done("run", "--month", MONTH)
    assert_same(product, billed, [MONTH])
