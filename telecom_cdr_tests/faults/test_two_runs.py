"""Processes at once on one lake: runs of the same month, of different months, and ingest beside a run."""

from pathlib import Path

import pytest

from telecom_cdr.lakehouse.orphans import leftover_staging
from telecom_cdr_tests.faults.lakes import BESIDE, MONTH, assert_same, contents, copy_of, finished, wait_for
from telecom_cdr_tests.product import Product

pytestmark = pytest.mark.slow


def test_two_runs_of_the_same_month_at_once_are_as_one(tmp_path: Path, grown: Product, rebilled: Product) -> None:
    product = copy_of(grown, tmp_path / "product")
    running = [product.start("run", "--month", MONTH) for _ in range(2)]
    for process in running:
        finished(process)
    assert_same(product, rebilled)
    assert leftover_staging(product.catalog) == []


def test_two_runs_of_different_months_at_once_are_as_one_after_the_other(
    tmp_path: Path, ingested: Product, billed: Product
) -> None:
    product = copy_of(ingested, tmp_path / "product")
    running = [product.start("run", "--month", month) for month in (MONTH, BESIDE)]
    for process in running:
        finished(process)
    assert_same(product, billed)
    assert leftover_staging(product.catalog) == []


def test_an_ingest_while_a_run_goes_on_disturbs_neither(
    tmp_path: Path, billed: Product, rebilled: Product, inbox: Path
) -> None:
    product = copy_of(billed, tmp_path / "product")
    running = product.start("run", "--month", MONTH)
    wait_for(running, "materialising")
    ingesting = product.start("ingest", "--from", str(inbox / "later"))
    finished(ingesting)
    finished(running)
    seen, old, new = (contents(lake, [MONTH]) for lake in (product, billed, rebilled))
    of_raw = f"raw/cdrs {MONTH}"
    assert seen.pop(of_raw).equals(new.pop(of_raw))
    assert _is_one_of(seen, old) or _is_one_of(seen, new), "the run mixed records of before and after"
    product.done("run", "--month", MONTH)
    assert_same(product, rebilled)


def _is_one_of(seen: dict[str, object], whole: dict[str, object]) -> bool:
    return all(rows == whole[name] for name, rows in seen.items())
