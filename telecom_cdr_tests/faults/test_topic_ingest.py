"""Ingest from a topic that is killed or run twice at once: the lake is the one of an ingest that nobody disturbed."""

import multiprocessing
import random
import time
from pathlib import Path
from typing import Any

import pytest

from telecom_cdr.lakehouse.catalog import Catalog
from telecom_cdr.tables.raw import CDRS, FILES
from telecom_cdr_tests.faults import topic_processes
from telecom_cdr_tests.faults.lakes import moments
from telecom_cdr_tests.faults.topic_processes import POINTS, run, run_killed
from telecom_cdr_tests.lakehouse.raw_inputs import cdr, empty_lake, lasting, raw_rows, seconds_of_a_run
from telecom_cdr_tests.topics import Topic, take_topic

pytestmark = pytest.mark.slow

LIMIT = 40
ROUNDS = 6


@pytest.fixture(scope="module")
def processes() -> Any:
    """Where processes come from: a server that has the modules loaded already, so that they start at once."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([topic_processes.__name__])
    return context


@pytest.fixture(scope="module")
def topic(kafka: str) -> Topic:
    """300 records in two partitions, of three months, some malformed, some in transactions, some aborted."""
    topic = Topic.made(kafka, partitions=2)
    for partition in (0, 1):
        payloads = [
            b"{" if row % 7 == 6 else cdr(f"{partition}-{row}", f"2026-{row % 3 + 1:02d}-10T10:00:{row % 60:02d}")
            for row in range(150)
        ]
        topic.send(*payloads[:50], partition=partition, key=b"212612345678")
        topic.transaction(*payloads[50:60], partition=partition, ends="abort")
        topic.transaction(*payloads[50:100], partition=partition)
        topic.send(*payloads[100:], partition=partition)
    return topic


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, topic: Topic) -> Catalog:
    catalog = empty_lake(tmp_path_factory.mktemp("undisturbed") / "lake")
    assert take_topic(catalog, topic, limit=LIMIT).ingested.record_count == 300
    return catalog


def assert_same(catalog: Catalog, expected: Catalog, why: str = "") -> None:
    """Equal rows, received in the same order, and equal ranges."""
    assert lasting(raw_rows(catalog)) == lasting(raw_rows(expected)), why
    order = [(name, "ascending") for name in FILES.key]
    assert catalog.read(FILES).sort_by(order).equals(expected.read(FILES).sort_by(order)), why


@pytest.mark.parametrize("point", POINTS)
def test_kill_9_at_each_point_of_a_batch_loses_and_doubles_nothing(
    tmp_path: Path, topic: Topic, undisturbed: Catalog, processes: Any, point: str
) -> None:
    catalog = empty_lake(tmp_path / "lake")
    process = processes.Process(target=run_killed, args=(catalog.root, topic, LIMIT, point))
    process.start()
    process.join()
    assert process.exitcode == -9
    committed = {"before the write": 80, "after the data files": 80}.get(point, 120)
    assert catalog.read(CDRS).num_rows == committed
    report = take_topic(catalog, topic, limit=LIMIT)
    assert report.ingested.record_count == 300 - committed
    assert_same(catalog, undisturbed)


def test_kill_9_at_random_moments_loses_and_doubles_nothing(
    tmp_path: Path, topic: Topic, undisturbed: Catalog, processes: Any, chance: random.Random
) -> None:
    longest = seconds_of_a_run(tmp_path / "timed", processes, run, topic, LIMIT)
    killed, told = 0, []
    # A fifth of it is gone before the process has reached the topic.
    for moment in moments(chance, ROUNDS, longest * 0.8):
        catalog = empty_lake(tmp_path / f"lake-{moment:.3f}")
        process = processes.Process(target=run, args=(catalog.root, topic, LIMIT))
        process.start()
        time.sleep(longest * 0.2 + moment)
        process.kill()
        process.join()
        killed += process.exitcode != 0
        told.append(f"{longest * 0.2 + moment:.2f} s: {catalog.read(CDRS).num_rows} rows")
        take_topic(catalog, topic, limit=LIMIT)
        assert_same(catalog, undisturbed, f"after a kill at {told[-1]}")
    print(f"a run takes {longest:.2f} s", *told, sep="\n")
    assert killed


def test_two_ingests_at_once_take_every_record_once(
    tmp_path: Path, topic: Topic, undisturbed: Catalog, processes: Any, chance: random.Random
) -> None:
    catalog = empty_lake(tmp_path / "lake")
    running = [processes.Process(target=run, args=(catalog.root, topic, limit)) for limit in (LIMIT, 23)]
    for process in running:
        process.start()
        time.sleep(chance.uniform(0, 0.3))
    for process in running:
        process.join()
    assert [process.exitcode for process in running] == [0, 0]
    order = ("source_partition", "source_offset")
    found, wanted = (
        sorted(lasting(raw_rows(lake)), key=lambda row: [row[name] for name in order])
        for lake in (catalog, undisturbed)
    )
    assert found == wanted
    assert sum(catalog.read(FILES)["record_count"].to_pylist()) == 300
