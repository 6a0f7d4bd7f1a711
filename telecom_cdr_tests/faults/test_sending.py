"""Brokers that die or hang while records are sent: what was acknowledged is there, and what was not is told."""

import json
import random
import subprocess
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from telecom_cdr.settings import Settings
from telecom_cdr.sources import Records
from telecom_cdr.sources.files import FileSource
from telecom_cdr.sources.kafka import producer
from telecom_cdr.sources.kafka.producer import Sender, Watch
from telecom_cdr.sources.kafka.topic import find_weaknesses
from telecom_cdr_tests.builders import a_voice_cdr, write_cdrs
from telecom_cdr_tests.kafka_server import Broker, running_broker, running_cluster
from telecom_cdr_tests.kafka_topics import count_offsets, make_topic, read_all
from telecom_cdr_tests.product import Product

pytestmark = pytest.mark.slow
RECORDS = 12_000
RATE = 2_000
Cluster = tuple[Broker, ...]


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that takes some seconds to send at the rate of these tests."""
    directory = tmp_path_factory.mktemp("source")
    write_cdrs(directory, "day.jsonl", (_record(number) for number in range(RECORDS)))
    return directory


def _record(number: int) -> dict[str, object]:
    return a_voice_cdr(record_ID=f"{number}", caller_id=f"2126610000{number % 20:02d}")


@pytest.fixture(scope="module")
def broker() -> Iterator[Broker]:
    """A broker that a test may kill, and starts again."""
    with running_broker() as broker:
        yield broker


@pytest.fixture(scope="module")
def brokers() -> Iterator[Cluster]:
    """Three brokers, of which a test may kill the second and the third, and starts them again."""
    with running_cluster(3) as brokers:
        yield brokers


@pytest.mark.parametrize("moments", ["fixed", "random"])
def test_no_acknowledged_record_is_lost_when_the_broker_is_killed_and_started_again(
    tmp_path: Path, source: Path, broker: Broker, moments: str
) -> None:
    waits = [0.0] if moments == "fixed" else random_waits(2)
    topic = make_topic(broker.bootstrap)
    sending = start_sending(tmp_path, source, broker.bootstrap, topic)
    wait_for_records(sending, broker.bootstrap, topic)
    for wait in waits:
        time.sleep(wait)
        broker.restart()
    output, errors = sending.communicate(timeout=90)
    assert sending.returncode == 0, errors
    assert acknowledged(output) == RECORDS
    assert "warning: Kafka: " in errors
    assert_all_are_there_once_and_in_order(broker.bootstrap, topic)


def test_no_acknowledged_record_is_lost_when_one_of_three_brokers_is_killed(
    tmp_path: Path, source: Path, brokers: Cluster
) -> None:
    first, second, _ = brokers
    topic = make_topic(first.bootstrap, replication=3, min_insync_replicas="2")
    sending = start_sending(tmp_path, source, first.bootstrap, topic)
    wait_for_records(sending, first.bootstrap, topic)
    second.kill()
    try:
        output, errors = sending.communicate(timeout=90)
        assert sending.returncode == 0, errors
        assert acknowledged(output) == RECORDS
        assert_all_are_there_once_and_in_order(first.bootstrap, topic)
    finally:
        second.start()


def test_a_producer_says_so_when_two_of_three_brokers_are_killed(
    tmp_path: Path, source: Path, brokers: Cluster
) -> None:
    first, *others = brokers
    topic = make_topic(first.bootstrap, replication=3, min_insync_replicas="2")
    sending = start_sending(tmp_path, source, first.bootstrap, topic, TELECOM_CDR_KAFKA_DELIVERY_SECONDS="4")
    wait_for_records(sending, first.bootstrap, topic)
    for broker in others:
        broker.kill()
    try:
        output, errors = sending.communicate(timeout=90)
        settings = Settings(kafka_bootstrap_servers=first.bootstrap, kafka_topic=topic, kafka_replication=3)
        weaknesses = find_weaknesses(settings)
    finally:
        for broker in others:
            broker.start()
    assert sending.returncode == 1, errors
    assert "Traceback" not in errors
    assert "records were not acknowledged: " in errors
    assert "error: sending ended there" in errors
    assert weaknesses == [f"partition {number} is in sync on 1 brokers, and has a leader" for number in range(3)]
    sent = acknowledged(output)
    assert 0 < sent < RECORDS
    # What was not acknowledged may be there all the same: as the first ones of each subscriber, none left out.
    received = numbers_by_subscriber(first.bootstrap, topic)
    assert sum(len(set(numbers)) for numbers in received.values()) >= sent
    for numbers in received.values():
        assert numbers == sorted(set(numbers))
        assert numbers == list(range(numbers[0] % 20, numbers[-1] + 1, 20))


def test_memory_is_bounded_while_a_broker_hangs(source: Path, broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(producer, "QUEUED_RECORDS", 1_000)
    topic = make_topic(broker.bootstrap)
    settings = Settings(kafka_bootstrap_servers=broker.bootstrap, kafka_topic=topic)
    drawn = 0
    looks = 0

    def batches() -> Iterator[Sequence[Records]]:
        nonlocal drawn
        for batch in FileSource(source, is_taken=lambda _: False, block_bytes=50_000).batches():
            drawn += sum(len(records.payloads) for records in batch)
            yield batch

    def on_progress(sent: producer.Sent) -> None:
        nonlocal looks
        looks += 1
        if looks == 10:
            # It has had time to fill the queue ten times over.
            assert drawn < 3_000
            broker.thaw()

    sender = Sender(settings, Watch(on_progress))
    broker.freeze()
    sent = sender.send(batches())
    assert (sent.acknowledged, sent.failed) == (RECORDS, 0)
    assert_all_are_there_once_and_in_order(broker.bootstrap, topic)


def random_waits(count: int) -> list[float]:
    """Seconds between one death and the next, all within the time that sending takes."""
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    return [random.Random(seed + number).uniform(0, 0.4 * RECORDS / RATE / count) for number in range(count)]


def start_sending(root: Path, source: Path, kafka: str, topic: str, **settings: str) -> "subprocess.Popen[str]":
    product = Product.at(root, TELECOM_CDR_KAFKA_BOOTSTRAP_SERVERS=kafka, TELECOM_CDR_KAFKA_TOPIC=topic, **settings)
    return product.start("produce", "--from", str(source), "--rate", str(RATE), "--format", "json")


def wait_for_records(sending: "subprocess.Popen[str]", kafka: str, topic: str) -> None:
    while sending.poll() is None and count_offsets(kafka, topic) < RATE:
        time.sleep(0.1)
    assert sending.poll() is None, "everything was sent before anything could be killed"


def acknowledged(output: str) -> int:
    (row,) = json.loads(output)
    return int(row["acknowledged"])


def numbers_by_subscriber(kafka: str, topic: str) -> dict[bytes | None, list[int]]:
    found: dict[bytes | None, list[int]] = defaultdict(list)
    for message in read_all(kafka, topic):
        found[message.key()].append(int(json.loads(message.value() or b"")["record_ID"]))
    return found


def assert_all_are_there_once_and_in_order(kafka: str, topic: str) -> None:
    received = numbers_by_subscriber(kafka, topic)
    assert len(received) == 20
    for numbers in received.values():
        assert numbers == list(range(numbers[0] % 20, RECORDS, 20))
