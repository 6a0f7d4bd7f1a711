"""Ingest from a topic that loses records, is made anew, grows, or is taken by another ingest meanwhile."""

import re
from pathlib import Path

import pyarrow as pa
import pytest
from confluent_kafka import Consumer

from telecom_cdr.errors import BrokerError, LostRecordsError
from telecom_cdr.lakehouse.catalog import Catalog
from telecom_cdr.lakehouse.ingest import IngestReport
from telecom_cdr.lakehouse.raw_writer import RawWriter
from telecom_cdr.sources import topic_source_id
from telecom_cdr.sources.kafka.source import Lost, find_lost
from telecom_cdr.sources.kafka.stream import Bounds, Identity
from telecom_cdr.tables.raw import FILES
from telecom_cdr_tests.lakehouse.raw_inputs import cdr, empty_lake, lasting, raw_rows
from telecom_cdr_tests.topics import Topic, gaps, offsets, ranges, take_topic, versions


def test_records_deleted_before_they_were_read_stop_the_ingest_until_the_loss_is_accepted(
    catalog: Catalog, kafka: str
) -> None:
    topic = Topic.made(kafka, partitions=2)
    topic.send(*(cdr(f"a{row}") for row in range(3)))
    take_topic(catalog, topic)
    topic.send(*(cdr(f"b{row}") for row in range(5)))
    topic.send(*(cdr(f"c{row}") for row in range(2)), partition=1)
    topic.delete_before(6)
    topic.delete_before(1, partition=1)
    before = versions(catalog)
    name = re.escape(topic.name)
    with pytest.raises(LostRecordsError, match=rf"{name}\[0\] offsets 3 to 5, {name}\[1\] offsets 0 to 0\. .*--accept"):
        take_topic(catalog, topic)
    assert versions(catalog) == before
    report = take_topic(catalog, topic, accept_loss=True)
    assert report.lost == [Lost(0, 3, 5), Lost(1, 0, 0)]
    assert gaps(catalog) == [(0, 3, 5, "deleted_before_read"), (1, 0, 0, "deleted_before_read")]
    assert offsets(raw_rows(catalog)) == [0, 1, 2, 6, 7]
    assert ranges(catalog) == [(0, 0, 3, 3, "complete"), (0, 6, 8, 2, "complete"), (1, 1, 2, 1, "complete")]
    assert take_topic(catalog, topic).lost == []


def test_a_loss_is_accepted_once_whatever_becomes_of_the_run(
    catalog: Catalog, topic: Topic, monkeypatch: pytest.MonkeyPatch
) -> None:
    topic.send(*(cdr(str(row)) for row in range(6)))
    topic.delete_before(2)
    take_interrupted(catalog, topic, "append", monkeypatch, accept_loss=True)
    topic.delete_before(4)
    with pytest.raises(LostRecordsError, match="offsets 2 to 3"):
        take_topic(catalog, topic)
    take_topic(catalog, topic, accept_loss=True)
    assert gaps(catalog) == [(0, 0, 1, "deleted_before_read"), (0, 2, 3, "deleted_before_read")]
    assert offsets(raw_rows(catalog)) == [4, 5]


def take_interrupted(
    catalog: Catalog, topic: Topic, point: str, monkeypatch: pytest.MonkeyPatch, *, accept_loss: bool = False
) -> None:
    """An ingest that ends where it calls this of its writer."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(RawWriter, point, interrupt)
        with pytest.raises(KeyboardInterrupt):
            take_topic(catalog, topic, accept_loss=accept_loss)


@pytest.mark.parametrize("is_accepted", [False, True])
def test_records_deleted_while_the_ingest_reads_are_missed_too(catalog: Catalog, kafka: str, is_accepted: bool) -> None:
    topic = Topic.made(kafka, partitions=2)
    topic.send(*(cdr(f"0-{row}") for row in range(50)))
    topic.send(*(cdr(f"1-{row}") for row in range(10)), partition=1)

    def delete(report: IngestReport) -> None:
        topic.delete_before(4, partition=1)

    if is_accepted:
        report = take_topic(catalog, topic, limit=5, after_batch=delete, accept_loss=True)
        assert report.lost == [Lost(1, 0, 3)]
        assert offsets(raw_rows(catalog), 1) == list(range(4, 10))
    else:
        with pytest.raises(LostRecordsError, match=r"\[1\] offsets 0 to 3"):
            take_topic(catalog, topic, limit=5, after_batch=delete)
        take_topic(catalog, topic, accept_loss=True)
    assert offsets(raw_rows(catalog)) == list(range(50))
    assert gaps(catalog) == [(1, 0, 3, "deleted_before_read")]


def test_a_topic_created_anew_is_taken_from_its_beginning_beside_the_old_one(catalog: Catalog, topic: Topic) -> None:
    topic.send(cdr("old1"), cdr("old2"))
    take_topic(catalog, topic)
    topic.delete()
    topic.create()
    topic.send(cdr("new1"))
    report = take_topic(catalog, topic)
    rows = raw_rows(catalog)
    assert [(row["record_id"], row["source_offset"]) for row in rows] == [("old1", 0), ("old2", 1), ("new1", 0)]
    assert rows[0]["source_id"] != rows[2]["source_id"]
    assert "was created anew" in report.warnings[0]
    assert gaps(catalog) == [(0, 2, None, "topic_replaced")]
    again = take_topic(catalog, topic)
    assert (again.ingested.record_count, again.warnings, len(gaps(catalog))) == (0, [], 1)


def test_a_topic_created_anew_while_it_is_read_is_not_mixed(catalog: Catalog, topic: Topic) -> None:
    topic.send(*(cdr(f"old{row}") for row in range(30)))
    is_new = False

    def make_anew(report: IngestReport) -> None:
        nonlocal is_new
        if not is_new:
            is_new = True
            topic.delete()
            topic.create()
            topic.send(*(cdr(f"new{row}") for row in range(30)))

    with pytest.raises(BrokerError, match="was created anew while it was read"):
        take_topic(catalog, topic, limit=5, after_batch=make_anew)
    take_topic(catalog, topic)
    by_source: dict[str, list[str]] = {row["source_id"]: [] for row in raw_rows(catalog)}
    for row in raw_rows(catalog):
        by_source[row["source_id"]].append(row["record_id"])
    old, new = sorted(by_source.values(), key=len)
    assert old == [f"old{row}" for row in range(len(old))]
    assert new == [f"new{row}" for row in range(30)]


def test_added_partitions_are_taken_from_their_beginning(catalog: Catalog, topic: Topic) -> None:
    topic.send(cdr("r1"))
    take_topic(catalog, topic)
    topic.grow(3)
    topic.send(cdr("r2"), partition=2)
    report = take_topic(catalog, topic)
    assert [(row["record_id"], row["source_partition"]) for row in raw_rows(catalog)] == [("r1", 0), ("r2", 2)]
    assert report.warnings == []


def test_a_crash_between_the_two_commits_is_mended_by_the_next_ingest(
    tmp_path: Path, catalog: Catalog, topic: Topic, monkeypatch: pytest.MonkeyPatch
) -> None:
    undisturbed = empty_lake(tmp_path / "undisturbed")
    topic.send(cdr("r1"), b"{", cdr("r2", "2026-01-02T10:00:00Z"))
    take_topic(undisturbed, topic)
    take_interrupted(catalog, topic, "record_taken", monkeypatch)
    assert catalog.read(FILES).num_rows == 0
    assert take_topic(catalog, topic).ingested.record_count == 0
    assert catalog.read(FILES).to_pylist() == undisturbed.read(FILES).to_pylist()
    assert lasting(raw_rows(catalog)) == lasting(raw_rows(undisturbed))


def test_an_ingest_that_another_one_overtakes_takes_what_is_left(
    tmp_path: Path, catalog: Catalog, topic: Topic
) -> None:
    topic.send(*(cdr(str(row)) for row in range(40)))
    is_over = False

    def overtake(report: IngestReport) -> None:
        nonlocal is_over
        if not is_over:
            is_over = True
            topic.send(cdr("late"))
            take_topic(catalog, topic, limit=9)

    report = take_topic(catalog, topic, limit=8, after_batch=overtake)
    assert report.ingested.record_count == 8
    assert offsets(raw_rows(catalog)) == list(range(41))
    told = ranges(catalog)
    assert sum(row[3] for row in told) == 41
    assert [row[1] for row in told] == [0, *(row[2] for row in told[:-1])]


def test_group_offsets_that_are_refused_are_a_warning(catalog: Catalog, topic: Topic) -> None:
    topic.send(cdr("r1"))
    member = Consumer({"bootstrap.servers": topic.bootstrap, "group.id": topic.environment["TELECOM_CDR_KAFKA_GROUP"]})
    member.subscribe([topic.name])
    while not member.assignment():
        member.poll(0.1)
    report = take_topic(catalog, topic)
    member.close()
    assert report.ingested.record_count == 1
    (warning,) = report.warnings
    assert warning.startswith("the offsets of the consumer group could not be told to the brokers (")


def test_a_topic_that_is_not_there_is_an_error_in_one_line(catalog: Catalog, kafka: str) -> None:
    with pytest.raises(BrokerError, match=r"there is no topic nothing at .*: run `telecom-cdr topic create`"):
        take_topic(catalog, Topic(kafka, "nothing"), patience=0.1)


def test_another_cluster_is_taken_from_its_beginning_with_a_warning(catalog: Catalog, topic: Topic) -> None:
    topic.send(cdr("r1"))
    take_topic(catalog, topic)
    (told,) = catalog.read(FILES).to_pylist()
    elsewhere = empty_lake(catalog.root.parent / "elsewhere")
    other = topic_source_id("another-cluster", topic.name, "its-id")
    elsewhere.append(FILES, pa.Table.from_pylist([{**told, "source_id": other}], schema=FILES.arrow_schema))
    report = take_topic(elsewhere, topic)
    assert report.ingested.record_count == 1
    (warning,) = report.warnings
    assert "was taken from the cluster another-cluster before" in warning
    assert take_topic(elsewhere, topic).warnings == []


def test_a_position_beyond_the_end_is_an_error_that_says_what_happened() -> None:
    identity = Identity("c", "telecom", "t")
    assert find_lost(identity, {0: 5, 1: 2}, {0: Bounds(0, 5), 1: Bounds(4, 9)}) == [Lost(1, 2, 3)]
    with pytest.raises(BrokerError, match=r"telecom\[0\] was read up to offset 6, and now ends at 5: the brokers lost"):
        find_lost(identity, {0: 6}, {0: Bounds(0, 5)})
