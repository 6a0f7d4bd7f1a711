"""Ingest from a topic: every committed record once, byte for byte, and every offset accounted for."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from confluent_kafka import ConsumerGroupTopicPartitions
from confluent_kafka.admin import AdminClient

from telecom_cdr.errors import BrokerError
from telecom_cdr.lakehouse import compaction, raw_files
from telecom_cdr.lakehouse.catalog import Catalog
from telecom_cdr.lakehouse.compaction import compact_month
from telecom_cdr.lakehouse.ingest_topic import topic_lag
from telecom_cdr.settings import Settings
from telecom_cdr.sources.kafka.reader import Limits
from telecom_cdr.tables.raw import CDRS, FILES
from telecom_cdr_tests.lakehouse.raw_inputs import cdr, empty_lake, lasting, lines, raw_rows, take, write_files
from telecom_cdr_tests.topics import INGESTED, Topic, offsets, ranges, take_topic, versions

SENT = datetime(2026, 4, 2, 8, 30, 0, 123_000, tzinfo=UTC)
MILLISECOND = int(SENT.timestamp() * 1000)


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
    assert re.fullmatch(r"[A-Za-z0-9_-]{22}", identity.topic_id)
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


def test_a_lake_of_a_version_without_kafka_gets_the_columns(
    tmp_path: Path, topic: Topic, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog = _older_lake(tmp_path, monkeypatch)
    catalog.create_tables()
    topic.send(cdr("r1"), key=b"k")
    take_topic(catalog, topic)
    take(catalog, write_files(tmp_path / "later", {"b.jsonl": lines(cdr("r2"))}))
    rows = [(row["record_id"], row["message_key"]) for row in raw_rows(catalog)]
    assert rows == [("r0", None), ("r1", b"k"), ("r2", None)]
    monkeypatch.setattr(compaction, "MANY_FILES", 2)
    assert compact_month(catalog, "2026-04")
    assert [(row["record_id"], row["message_key"]) for row in raw_rows(catalog)] == rows
    before = versions(catalog)
    catalog.create_tables()
    assert versions(catalog) == before


def _older_lake(root: Path, monkeypatch: pytest.MonkeyPatch) -> Catalog:
    """A lake with one record, whose raw/cdrs and data file lack the columns that came with Kafka."""
    new = ("message_key", "broker_utc")
    old = replace(CDRS, columns=tuple(column for column in CDRS.columns if column.name not in new))
    Catalog(root / "lake").create_tables((old,))
    catalog = empty_lake(root / "lake", add_columns=False)
    with monkeypatch.context() as patched:
        written = [field for field in raw_files._SCHEMA if field.name not in new]
        patched.setattr(raw_files, "_SCHEMA", pa.schema(written))
        take(catalog, write_files(root / "before", {"a.jsonl": lines(cdr("r0"))}))
    return catalog


def test_settings_without_a_broker_are_an_error_in_one_line(catalog: Catalog) -> None:
    with pytest.raises(BrokerError, match="set TELECOM_CDR_KAFKA_BOOTSTRAP_SERVERS"):
        topic_lag(catalog, Settings(lake=catalog.root), INGESTED)
