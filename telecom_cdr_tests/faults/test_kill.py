"""Processes that die at any moment: what was there stays readable, and running again gives what was wanted."""

import random
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from subprocess import Popen

import pytest

from telecom_cdr.lakehouse.ingest import ingest_directory
from telecom_cdr.lakehouse.orphans import leftover_staging, orphans
from telecom_cdr.settings import Settings
from telecom_cdr.tables.rated import USAGE
from telecom_cdr_tests.faults.lakes import (
    MONTH,
    Contents,
    assert_same,
    contents,
    copy_of,
    finished,
    kill_after,
    moments,
    newest_verdicts,
    wait_for,
)
from telecom_cdr_tests.product import Product

pytestmark = pytest.mark.slow

MOMENTS = 10
MOMENTS_OF_INGEST = 3
AT_ONCE = 2


def seconds_after(process: "Popen[str]", text: str) -> float:
    """How long a process that succeeds goes on after it has said this."""
    wait_for(process, text)
    began = time.perf_counter()
    finished(process)
    return time.perf_counter() - began


def test_a_month_whose_run_is_killed_at_any_moment_is_whole_and_is_made_by_the_next_run(
    tmp_path: Path, billed: Product, grown: Product, rebilled: Product, chance: random.Random
) -> None:
    old, new = contents(billed, [MONTH]), contents(rebilled, [MONTH])
    timed = copy_of(grown, tmp_path / "timed")
    longest = seconds_after(timed.start("run", "--month", MONTH), "materialising")
    assert_same(timed, rebilled)

    def kill_twice(pair: tuple[float, float]) -> list[str]:
        product = copy_of(grown, tmp_path / f"killed at {pair[0]:.3f} s")
        told = []
        for moment in pair:
            process = product.start("run", "--month", MONTH)
            wait_for(process, "materialising")
            was_killed = kill_after(process, moment)
            changed = changed_tables(product, old, new)
            left = bool(orphans(product.catalog)) or bool(leftover_staging(product.catalog))
            told.append(f"{moment:.2f} s: {'killed' if was_killed else 'over'}, {changed} tables new, {left=}")
        finished(product.start("run", "--month", MONTH))
        assert_same(product, rebilled, why=f"after kills: {told}")
        return told

    early_and_late = moments(chance, MOMENTS, longest)
    pairs = zip(early_and_late[: MOMENTS // 2], early_and_late[MOMENTS // 2 :], strict=True)
    with ThreadPoolExecutor(AT_ONCE) as threads:
        told = [line for lines in threads.map(kill_twice, pairs) for line in lines]
    print(f"a run goes on for {longest:.2f} s", *told, sep="\n")
    assert sum("killed" in line for line in told) > MOMENTS // 2


def changed_tables(product: Product, old: Contents, new: Contents) -> int:
    """How many tables hold the new rows; each must hold either the old ones or the new ones, whole."""
    changed = 0
    for name, rows in contents(product, [MONTH]).items():
        is_new = rows.equals(new[name])
        assert is_new or rows.equals(old[name]), f"{name} is neither what it was nor what it was to be"
        changed += is_new and not rows.equals(old[name])
    return changed


def test_an_ingest_that_is_killed_at_any_moment_is_completed_by_the_next_one(
    tmp_path: Path, billed: Product, grown: Product, inbox: Path, chance: random.Random
) -> None:
    take = ("ingest", "--from", str(inbox / "later"))
    timed = copy_of(billed, tmp_path / "timed")
    began = time.perf_counter()
    finished(timed.start(*take))
    longest = time.perf_counter() - began

    def kill_one(moment: float) -> None:
        product = copy_of(billed, tmp_path / f"killed-{moment:.3f}")
        kill_after(product.start(*take), moment)
        finished(product.start(*take))
        assert_same(product, grown, why=f"after a kill at {moment:.3f} s")

    with ThreadPoolExecutor(AT_ONCE) as threads:
        list(
            threads.map(kill_one, (longest / 2 + moment for moment in moments(chance, MOMENTS_OF_INGEST, longest / 2)))
        )


def test_records_that_an_ingest_committed_but_never_checked_are_checked_by_the_next_one(
    tmp_path: Path, billed: Product, grown: Product, inbox: Path
) -> None:
    product = copy_of(billed, tmp_path / "product")
    # What a process leaves behind that is killed right after its commit.
    ingest_directory(product.catalog, Settings(), inbox / "later", now=lambda: datetime.now(UTC))
    assert newest_verdicts(product.catalog, MONTH) != newest_verdicts(grown.catalog, MONTH)
    product.done("ingest", "--from", str(inbox / "later"))
    assert_same(product, grown)


def test_doctor_tells_what_a_write_that_was_cut_off_left_behind(tmp_path: Path, billed: Product) -> None:
    product = copy_of(billed, tmp_path / "product")
    assert product.run("doctor").exit_code == 0
    committed = next(Path(product.catalog.path(USAGE)).rglob("*.parquet"))
    (committed.parent / "part-of-a-write-that-was-cut-off.parquet").write_bytes(committed.read_bytes())
    (product.catalog.staging_path("a-run") / "normalised").mkdir(parents=True)
    result = product.run("doctor")
    assert result.exit_code == 1
    size = f"{committed.stat().st_size:,}"
    assert f"error: orphan files of rated/usage: 1 files, {size} bytes" in result.errors
    assert "error: staging left behind: a-run:" in result.errors
    assert product.rows(USAGE.path, MONTH).equals(billed.rows(USAGE.path, MONTH))
