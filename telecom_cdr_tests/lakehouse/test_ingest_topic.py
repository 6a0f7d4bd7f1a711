"""Ingest from a topic: every committed record once, byte for byte, and every offset accounted for."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from confluent_kafka import Consumer, ConsumerGroupTopicPartitions
from confluent_kafka.admin import AdminClient
from deltalake import DeltaTable

from telecom_cdr.errors import BrokerError, LostRecordsError
from telecom_cdr.lakehouse.catalog import Catalog
from telecom_cdr.lakehouse.ingest import IngestReport
from telecom_cdr.lakehouse.ingest_topic import topic_lag
from telecom_cdr.lakehouse.raw_writer import RawWriter
from telecom_cdr.settings import Settings
from telecom_cdr.sources.kafka.reader import Limits
from telecom_cdr.sources.kafka.source import Lost
from telecom_cdr.tables.raw import CDRS, FILES, GAPS
from telecom_cdr_tests.lakehouse.raw_inputs import cdr, lasting, lines, raw_rows, take, write_files
from telecom_cdr_tests.topics import INGESTED, Topic, empty_lake, offsets, take_topic

SENT = datetime(2026, 4, 2, 8, 30, 0, 123_000, tzinfo=UTC)
MILLISECOND = int(SENT.timestamp() * 1000)


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    return empty_lake(tmp_path / "lake")


@pytest.fixture
def topic(kafka: str) -> Topic:
    return Topic.made(kafka)


def ranges(catalog: Catalog) -> list[tuple[int, int, int, int, str]]:
    """Rows of raw/files: partition, first and next offset, records, state."""
    columns = ("source_partition", "first_offset", "next_offset", "record_count", "state")
    return sorted(tuple(row[name] for name in columns) for row in catalog.read(FILES).to_pylist())


def gaps(catalog: Catalog) -> list[tuple[int, int, int | None, str]]:
    """Rows of raw/gaps: partition, first and last offset, reason."""
    columns = ("source_partition", "first_offset", "last_offset", "reason")
    return sorted(tuple(row[name] for name in columns) for row in catalog.read(GAPS).to_pylist())


def versions(catalog: Catalog) -> list[int]:
    return [catalog.delta(table).version() for table in (CDRS, FILES, GAPS)]


def test_a_record_is_kept_byte_for_byte_with_topic_partition_offset_key_and_timestamp(
    catalog: Catalog, topic: Topic
) -> None:
    payload = cdr("r1", "2026-02-28T23:30:00Z") + b"  \r\n"
    topic.send(b"first")
    topic.send(payload, key=b"\xff212612345678", timestamp=MILLISECOND)
    report = take_topic(catalog, topic)
    row = raw_rows(catalog)[1]
    identity = report.lag_after.identity
    assert (row["source_id"], row["source_partition"], row["source_offset"]) == (identity.source_id, 0, 1)
    assert identity.source_id == f"kafka:{identity.cluster_id}/{topic.name}/{identity.topic_id}"
    assert (row["payload"], row["message_key"], row["broker_utc"]) == (payload, b"\xff212612345678", SENT)
    assert (row["record_id"], row["billing_month"], row["ingested_utc"]) == ("r1", "2026-02", INGESTED)
    assert report.ingested.months == {"2026-02": 1, "2026-04": 1}
    (told,) = catalog.read(FILES).to_pylist()
    assert (told["name"], told["byte_count"], told["malformed_count"]) == (f"{topic.name}[0]", 5 + len(payload), 1)
    assert ranges(catalog) == [(0, 0, 2, 2, "complete")]


def test_what_was_taken_is_never_taken_again_and_what_comes_later_is(catalog: Catalog, topic: Topic) -> None:
    topic.send(cdr("r1"), cdr("r2"))
    assert take_topic(catalog, topic).ingested.record_count == 2
    before = versions(catalog)
    assert take_topic(catalog, topic).ingested.record_count == 0
    assert versions(catalog) == before
    topic.send(cdr("r3"))
    assert take_topic(catalog, topic).ingested.record_count == 1
    assert [row["record_id"] for row in raw_rows(catalog)] == ["r1", "r2", "r3"]


def test_partitions_are_taken_in_order_and_small_batches_give_the_same_rows(tmp_path: Path, kafka: str) -> None:
    topic = Topic.made(kafka, partitions=3)
    for partition in (2, 0):
        topic.send(*(cdr(f"{partition}-{row}") for row in range(25)), partition=partition)
    whole, parts = empty_lake(tmp_path / "whole"), empty_lake(tmp_path / "parts")
    take_topic(whole, topic)
    take_topic(parts, topic, limit=7)
    assert whole.delta(CDRS).version() == 1
    assert parts.delta(CDRS).version() == 8
    assert [row["record_id"] for row in raw_rows(parts)] == [f"{part}-{row}" for part in (0, 2) for row in range(25)]
    assert lasting(raw_rows(parts)) == lasting(raw_rows(whole))
    assert sum(row[3] for row in ranges(parts)) == 50


def test_a_batch_is_bounded_by_bytes_too(catalog: Catalog, topic: Topic) -> None:
    large = [cdr(str(row), cause="x" * 900_000) for row in range(12)]
    topic.send(*large)
    take_topic(catalog, topic, limits=Limits(byte_count=3_000_000))
    assert [row["payload"] for row in raw_rows(catalog)] == large
    assert max(row[3] for row in ranges(catalog)) <= 4


def test_a_message_without_a_value_is_a_malformed_record_without_bytes(catalog: Catalog, topic: Topic) -> None:
    topic.send(None, b"", key=b"k")
    report = take_topic(catalog, topic)
    found = [(row["payload"], row["message_key"], row["is_well_formed"]) for row in raw_rows(catalog)]
    assert found == [(b"", b"k", False)] * 2
    assert report.ingested.malformed_count == 2


def test_markers_and_aborted_records_are_passed_and_an_open_transaction_is_waited_for_by_a_later_ingest(
    catalog: Catalog, topic: Topic
) -> None:
    topic.transaction(cdr("r1"), cdr("r2"))
    topic.transaction(cdr("gone"), ends="abort")
    still_open = topic.transaction(cdr("r3"), ends="open")
    topic.send(cdr("r4"))
    report = take_topic(catalog, topic)
    assert offsets(raw_rows(catalog)) == [0, 1]
    assert ranges(catalog) == [(0, 0, 5, 2, "complete")]
    assert report.lag_after.record_count == 0
    still_open.commit_transaction()
    take_topic(catalog, topic)
    assert [row["record_id"] for row in raw_rows(catalog)] == ["r1", "r2", "r3", "r4"]
    assert offsets(raw_rows(catalog)) == [0, 1, 5, 6]


def test_a_partition_of_nothing_but_markers_is_passed_once(catalog: Catalog, topic: Topic) -> None:
    topic.transaction(cdr("gone"), ends="abort")
    report = take_topic(catalog, topic)
    assert (report.ingested.record_count, report.lag_after.record_count) == (0, 0)
    assert ranges(catalog) == [(0, 0, 2, 0, "empty")]
    before = versions(catalog)
    take_topic(catalog, topic)
    assert versions(catalog) == before


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


def group_offset(topic: Topic) -> int:
    admin = AdminClient({"bootstrap.servers": topic.bootstrap})
    group = topic.environment["TELECOM_CDR_KAFKA_GROUP"]
    (found,) = admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group)]).values()
    return int(found.result().topic_partitions[0].offset)


def test_the_group_shows_the_position_for_lag_monitors_and_nothing_reads_it(catalog: Catalog, topic: Topic) -> None:
    topic.send(cdr("r1"), cdr("r2"))
    take_topic(catalog, topic)
    assert group_offset(topic) == 2
    admin = AdminClient({"bootstrap.servers": topic.bootstrap})
    (deleted,) = admin.delete_consumer_groups([topic.environment["TELECOM_CDR_KAFKA_GROUP"]]).values()
    deleted.result()
    assert take_topic(catalog, topic).ingested.record_count == 0
    assert group_offset(topic) == 2


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


def test_lag_is_told_in_records_in_seconds_and_in_time_left(catalog: Catalog, kafka: str) -> None:
    topic = Topic.made(kafka, partitions=2, retention_ms=str(30 * 24 * 3600 * 1000))
    topic.send(cdr("r1"), cdr("r2"), timestamp=MILLISECOND)
    settings = topic.settings(catalog.root)
    now = datetime(2026, 4, 2, 9, 30, 0, 123_000, tzinfo=UTC)
    lag = topic_lag(catalog, settings, now)
    assert (lag.record_count, lag.lost_count, lag.seconds) == (2, 0, 3600)
    assert lag.seconds_left == 30 * 24 * 3600 - 3600
    assert (
        lag.in_words()
        == f"{topic.name}: 2 records behind, the oldest 60.0 min old, kept for another 30.0 days at least"
    )
    topic.delete_before(1)
    lag = topic_lag(Catalog(catalog.root / "nowhere"), settings, now)
    assert (lag.record_count, lag.lost_count) == (1, 1)
    take_topic(catalog, topic, accept_loss=True)
    lag = topic_lag(catalog, settings, now)
    assert (lag.record_count, lag.lost_count, lag.seconds, lag.seconds_left) == (0, 0, 0, None)


def test_a_topic_that_is_not_there_is_an_error_in_one_line(catalog: Catalog, kafka: str) -> None:
    with pytest.raises(BrokerError, match=r"there is no topic nothing at .*: run `telecom-cdr topic create`"):
        take_topic(catalog, Topic(kafka, "nothing"), patience=0.1)


def test_files_and_a_topic_share_a_lake(tmp_path: Path, catalog: Catalog, topic: Topic) -> None:
    topic.send(cdr("r1"))
    take_topic(catalog, topic)
    take(catalog, write_files(tmp_path / "in", {"a.jsonl": lines(cdr("r2"))}))
    topic.send(cdr("r3"))
    take_topic(catalog, topic)
    rows = raw_rows(catalog)
    assert [row["record_id"] for row in rows] == ["r1", "r2", "r3"]
    assert [row["broker_utc"] is None for row in rows] == [False, True, False]
    assert rows[1]["message_key"] is None


def test_a_lake_of_a_version_without_kafka_gets_the_columns(tmp_path: Path, topic: Topic) -> None:
    catalog = _older_lake(tmp_path / "lake")
    take_files = write_files(tmp_path / "in", {"a.jsonl": lines(cdr("r2"))})
    catalog.create_tables((CDRS, FILES, GAPS))
    topic.send(cdr("r1"), key=b"k")
    take_topic(catalog, topic)
    take(catalog, take_files)
    assert [row["message_key"] for row in raw_rows(catalog)] == [b"k", None]
    before = versions(catalog)
    catalog.create_tables((CDRS, FILES, GAPS))
    assert versions(catalog) == before


def _older_lake(root: Path) -> Catalog:
    """A lake whose raw/cdrs lacks the columns that came with Kafka."""
    new = ("message_key", "broker_utc")
    old = replace(CDRS, columns=tuple(column for column in CDRS.columns if column.name not in new))
    catalog = Catalog(root)
    catalog.create_tables((old,))
    assert "message_key" not in DeltaTable(catalog.path(CDRS)).schema().to_json()
    empty_lake(root)
    return catalog


def test_settings_without_a_broker_are_an_error_in_one_line(catalog: Catalog) -> None:
    with pytest.raises(BrokerError, match="set TELECOM_CDR_KAFKA_BOOTSTRAP_SERVERS"):
        topic_lag(catalog, Settings(lake=catalog.root), INGESTED)
