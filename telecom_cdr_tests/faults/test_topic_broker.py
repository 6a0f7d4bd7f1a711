"""A broker that dies and comes back, stays away, or compacts its log, while records are taken from it."""

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from telecom_cdr.errors import BrokerError
from telecom_cdr.lakehouse.ingest import IngestReport
from telecom_cdr.tables.raw import FILES
from telecom_cdr_tests.kafka_server import Broker, running_broker
from telecom_cdr_tests.lakehouse.raw_inputs import cdr, empty_lake, lasting, raw_rows
from telecom_cdr_tests.topics import SECONDS, Topic, offsets, take_topic

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def broker() -> Iterator[Broker]:
    """A broker that may be killed, and that compacts at once."""
    with running_broker({"log.cleaner.backoff.ms": "100"}) as broker:
        yield broker


def test_an_ingest_goes_on_when_the_broker_was_killed_and_comes_back_and_says_so_when_it_stays_away(
    tmp_path: Path, broker: Broker, chance: random.Random
) -> None:
    topic = Topic.made(broker.bootstrap, partitions=2)
    for partition in (0, 1):
        # More than a reader takes ahead.
        topic.send(*(cdr(f"{partition}-{row}", cause="x" * 400_000) for row in range(100)), partition=partition)
    undisturbed, away, back = (empty_lake(tmp_path / name) for name in ("undisturbed", "away", "back"))
    take_topic(undisturbed, topic, limit=20)

    def kill(report: IngestReport) -> None:
        if report.record_count == 20:
            broker.kill()

    with pytest.raises(BrokerError) as refused:
        take_topic(away, topic, limit=20, after_batch=kill, patience=3.0)
    assert "\n" not in str(refused.value)
    assert 20 <= len(raw_rows(away)) < 200
    broker.start()
    take_topic(away, topic, limit=20)

    moment = 20 * chance.randrange(1, 10)

    def restart(report: IngestReport) -> None:
        if report.record_count == moment:
            broker.restart()

    take_topic(back, topic, limit=20, after_batch=restart, patience=SECONDS)
    for catalog in (away, back):
        assert lasting(raw_rows(catalog)) == lasting(raw_rows(undisturbed))
        assert catalog.read(FILES).sort_by("first_offset").num_rows == undisturbed.read(FILES).num_rows


def test_offsets_that_compaction_took_away_are_no_loss(tmp_path: Path, broker: Broker) -> None:
    topic = Topic.made(broker.bootstrap, cleanup_policy="compact", segment_ms="100", min_cleanable_dirty_ratio="0.01")
    for row in range(6):
        topic.send(cdr(f"old{row}"), key=b"same")
    catalog = empty_lake(tmp_path / "lake")
    deadline = time.monotonic() + SECONDS
    lake = 0
    while time.monotonic() < deadline:
        # A segment is compacted once a record has come after it.
        topic.send(cdr("new"), key=b"same")
        time.sleep(0.3)
        catalog = empty_lake(tmp_path / f"lake-{lake}")
        take_topic(catalog, topic)
        lake += 1
        if len(raw_rows(catalog)) < 6:
            break
    found = offsets(raw_rows(catalog))
    assert 0 < len(found) < 6
    assert found[0] > 0
    (told,) = catalog.read(FILES).to_pylist()
    assert (told["first_offset"], told["next_offset"]) == (0, found[-1] + 1)
    assert told["blank_line_count"] == found[-1] + 1 - len(found)
    assert take_topic(catalog, topic).ingested.record_count == 0
