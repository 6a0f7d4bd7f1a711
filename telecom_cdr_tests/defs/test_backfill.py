"""A backfill of several months through the daemon, two runs at a time: the same lake as month after month."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from telecom_cdr.cli.runs import DAGSTER_YAML
from telecom_cdr.tables import assurance, invoices, mediated, rated, reports
from telecom_cdr_tests.defs.conftest import FIRST, LAST, MONTHS, copy_of
from telecom_cdr_tests.defs.servers import Ui, running_ui
from telecom_cdr_tests.product import Product

pytestmark = pytest.mark.slow

ROOT: Final = Path(__file__).parents[2]
MADE: Final = (
    *mediated.TABLES, rated.USAGE, invoices.LINES, invoices.INVOICES, *reports.TABLES, assurance.RECONCILIATION,
)  # fmt: skip
_SECONDS: Final = 300
_RUNS: Final = """{ runsOrError(filter: {pipelineName: "bill_month"}) { ... on Runs { results {
  runId status startTime endTime tags { key value } } } } }"""
_BACKFILLS: Final = """{ partitionBackfillsOrError { ... on PartitionBackfills { results { id status } } } }"""
_LAUNCH: Final = """mutation ($months: [String!]!) {
  launchPartitionBackfill(backfillParams: {partitionNames: $months, selector: {
    partitionSetName: "bill_month_partition_set",
    repositorySelector: {repositoryName: "__repository__", repositoryLocationName: "telecom_cdr"}}}) {
    __typename ... on LaunchBackfillSuccess { backfillId } ... on PythonError { message } } }"""
_ENDED: Final = {"SUCCESS", "FAILURE", "CANCELED"}


@pytest.fixture
def unbilled(taken: Product, tmp_path: Path) -> Iterator[tuple[Product, Ui]]:
    """A lake with three months taken, and its UI and daemon."""
    product = copy_of(taken, tmp_path)
    with running_ui(product) as ui:
        yield product, ui


def _ended_runs(ui: Ui) -> list[dict[str, Any]]:
    """The runs of the three months, when they have ended."""
    deadline = time.monotonic() + _SECONDS
    while time.monotonic() < deadline:
        runs: list[dict[str, Any]] = ui.ask(_RUNS)["runsOrError"]["results"]
        if len(runs) >= len(MONTHS) and all(run["status"] in _ENDED for run in runs):
            return runs
        time.sleep(1)
    raise AssertionError(f"the backfill did not end: {ui.ask(_RUNS)} {ui.log.read_text()[-2000:]}")


def _month_of(run: dict[str, Any]) -> str:
    return next(str(tag["value"]) for tag in run["tags"] if tag["key"] == "dagster/partition")


def _assert_all_billed(product: Product, billed: Product, runs: list[dict[str, Any]]) -> None:
    assert sorted((_month_of(run), run["status"]) for run in runs) == [(month, "SUCCESS") for month in MONTHS]
    for table in MADE:
        for month in MONTHS:
            assert product.rows(table.path, month).equals(billed.rows(table.path, month)), (table.path, month)
        assert set(product.catalog.months(table)) <= set(MONTHS)


def test_the_instance_allows_two_runs_at_a_time_and_one_ingest() -> None:
    assert "max_concurrent_runs: 2" in DAGSTER_YAML
    assert "default_limit: 1" in DAGSTER_YAML


def test_a_backfill_from_the_command_line_runs_two_months_at_a_time(
    unbilled: tuple[Product, Ui], billed: Product
) -> None:
    product, ui = unbilled
    dagster = Path(sys.executable).with_name("dagster")
    chosen = ("--workspace", "workspace.yaml", "--job", "bill_month", "--from", FIRST, "--to", LAST)
    done = subprocess.run(
        [dagster, "job", "backfill", *chosen, "--noprompt"],
        cwd=ROOT,
        env={**os.environ, **product.settings},
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    runs = _ended_runs(ui)
    _assert_all_billed(product, billed, runs)
    spans = sorted((run["startTime"], run["endTime"]) for run in runs)
    assert spans[1][0] < spans[0][1], f"the first two months did not run at the same time: {spans}"
    (backfill,) = ui.ask(_BACKFILLS)["partitionBackfillsOrError"]["results"]
    assert backfill["status"] in {"COMPLETED", "COMPLETED_SUCCESS"}
    for month in MONTHS:
        product.done("check", "--month", month)


def test_a_backfill_from_the_ui_gives_the_same(unbilled: tuple[Product, Ui], billed: Product) -> None:
    product, ui = unbilled
    launched = ui.ask(_LAUNCH, months=list(MONTHS))["launchPartitionBackfill"]
    assert launched["__typename"] == "LaunchBackfillSuccess", launched
    _assert_all_billed(product, billed, _ended_runs(ui))
