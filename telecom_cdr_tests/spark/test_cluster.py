"""A month made on a cluster that loses a machine on the way is the month that the embedded engine makes."""

from pathlib import Path
from subprocess import Popen

import pytest

from telecom_cdr.cli.demo import catalogue
from telecom_cdr_tests.faults.lakes import MONTH, assert_same, copy_of, wait_for, with_settings
from telecom_cdr_tests.product import Product, Result
from telecom_cdr_tests.spark.cluster import TOKEN, running_cluster
from telecom_cdr_tests.spark_server import require_java

# A loaded machine takes several times as long.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

RECORDS = 2_000
SECONDS = 480


@pytest.fixture(scope="module")
def ingested(tmp_path_factory: pytest.TempPathFactory) -> Product:
    """The records of a month in raw, and nothing made of them."""
    product = Product.at(tmp_path_factory.mktemp("ingested"))
    inbox = product.root / "in"
    product.done("reference", "load", str(catalogue()))
    product.done("generate", "--cdrs", str(RECORDS), "--month", MONTH, "--seed", "7", "--out", str(inbox))
    product.done("ingest", "--from", str(inbox))
    return product


def ended(run: "Popen[str]") -> Result:
    """How a command ended; one that hangs is killed, and fails the test."""
    try:
        output, errors = run.communicate(timeout=SECONDS)
    finally:
        run.kill()
    return Result(run.returncode, output, errors)


def test_a_month_survives_the_death_of_a_worker_in_the_middle_of_a_stage(tmp_path: Path, ingested: Product) -> None:
    require_java()
    expected = copy_of(ingested, tmp_path / "embedded")
    expected.done("run", "--month", MONTH)
    with running_cluster(tmp_path / "cluster") as cluster:
        product = with_settings(copy_of(ingested, tmp_path / "on-a-cluster"), TELECOM_CDR_ENGINE=cluster.url)
        examined = product.run("doctor")
        assert "reached; Spark 4.2.0 with Delta" in examined.output
        run = product.start("run", "--month", MONTH)
        wait_for(run, "materialising")
        killed = cluster.kill_in_a_stage(run)
        result = ended(run)
        assert result.exit_code == 0, result.errors
        executors = {executor["id"]: executor for executor in cluster.ask("allexecutors")}
        assert not executors[killed.executor]["isActive"]
        assert sum(executor["isActive"] for name, executor in executors.items() if name != "driver") == 1
        attempts = [attempt for stage in killed.stages for attempt in cluster.ask(f"stages/{stage}")]
        assert sum(attempt["numFailedTasks"] for attempt in attempts) >= 1
        said = examined.output + examined.errors + result.output + result.errors
        assert TOKEN not in said
    assert_same(product, expected, [MONTH])
