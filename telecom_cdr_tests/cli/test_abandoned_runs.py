"""Runs of processes that were killed: they must not hold their place in Dagster's queue for ever."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import pytest
from dagster import DagsterInstance, DagsterRunStatus

from telecom_cdr.cli.demo import catalogue
from telecom_cdr_tests.faults.lakes import wait_for
from telecom_cdr_tests.product import Product

pytestmark = pytest.mark.slow


@contextmanager
def history(product: Product) -> Iterator[DagsterInstance]:
    with mock.patch.dict(os.environ, product.settings), DagsterInstance.get() as instance:
        yield instance


def statuses(instance: DagsterInstance) -> list[DagsterRunStatus]:
    return [run.status for run in instance.get_runs()]


def test_a_killed_run_is_failed_by_the_next_command(tmp_path: Path) -> None:
    product = Product.at(tmp_path)
    product.done("reference", "load", str(catalogue()))
    process = product.start("run", "--month", "2026-01")
    deadline = time.monotonic() + 120
    # Two processes that make Dagster's databases at once disturb each other.
    wait_for(process, "materialising")
    with history(product) as instance:
        while DagsterRunStatus.STARTED not in statuses(instance):
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline, statuses(instance)
            time.sleep(0.2)
        process.kill()
        process.communicate()
        assert statuses(instance) == [DagsterRunStatus.STARTED]
    product.done("run", "--month", "2026-01")
    with history(product) as instance:
        assert sorted(status.value for status in statuses(instance)) == ["FAILURE", "SUCCESS"]
