"""`topic` and `doctor` with a real broker: what the topic is, and where it is not as the settings promise."""

import json
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient

from telecom_cdr.sources.kafka import client
from telecom_cdr_tests.builders import write_cdrs
from telecom_cdr_tests.cli.refusals import FAILED, refused
from telecom_cdr_tests.cli.test_produce import sender
from telecom_cdr_tests.kafka_topics import make_topic

WARNING = "warning: the topic {} is not as the settings promise: {}"


def test_a_topic_is_made_as_the_settings_promise(tmp_path: Path, kafka: str) -> None:
    product = sender(tmp_path, kafka, f"telecom-{tmp_path.name}", PARTITIONS="2", RETENTION_DAYS="3")
    made = product.done("topic", "create")
    assert made.errors == (
        f"the topic telecom-{tmp_path.name} is made: 2 partitions, each record on 1 brokers, retention 3 days\n"
    )
    described = product.done("topic", "describe")
    assert "retention 3 days, min.insync.replicas 1" in described.errors
    assert "warning" not in described.errors
    again = product.done("topic", "create")
    assert again.errors == f"the topic telecom-{tmp_path.name} is there already, and left as it is\n"


def test_seven_days_in_three_partitions_unless_set(tmp_path: Path, kafka: str) -> None:
    product = sender(tmp_path, kafka, f"telecom-{tmp_path.name}")
    assert "3 partitions, each record on 1 brokers, retention 7 days" in product.done("topic", "create").errors


def test_a_topic_that_differs_from_the_promise_is_told_and_left(tmp_path: Path, kafka: str) -> None:
    topic = make_topic(kafka, partitions=1, retention_ms="60000", cleanup_policy="compact")
    product = sender(tmp_path, kafka, topic, REPLICATION="3")
    for command in ("create", "describe"):
        errors = product.done("topic", command).errors
        for difference in (
            "1 partitions, not 3",
            "each record on 1 brokers, not on 3",
            "min.insync.replicas is 1, not 2",
            "cleanup.policy is compact, not delete",
            "retention.ms is 60 s, not 7 days",
        ):
            assert WARNING.format(topic, difference) in errors
    assert len(AdminClient({"bootstrap.servers": kafka}).list_topics(topic).topics[topic].partitions) == 1


def test_a_description_tells_leaders_and_offsets(tmp_path: Path, kafka: str) -> None:
    topic = make_topic(kafka, partitions=2)
    product = sender(tmp_path, kafka, topic, PARTITIONS="2")
    write_cdrs(tmp_path / "in", "day.jsonl", ['{"record_type": "data", "user_id": "1"}'] * 5)
    product.done("produce", "--from", str(tmp_path / "in"))
    rows = json.loads(product.done("topic", "describe", "--format", "json").output)
    assert [row["partition"] for row in rows] == [0, 1]
    assert {(row["leader"], row["replicas"], row["in sync"], row["first offset"]) for row in rows} == {(1, "1", "1", 0)}
    assert sorted(row["end offset"] for row in rows) == [0, 5]


def test_more_replicas_than_brokers_cannot_be(tmp_path: Path, kafka: str) -> None:
    product = sender(tmp_path, kafka, f"telecom-{tmp_path.name}", REPLICATION="3")
    error = refused(product, "topic", "create")
    assert "cannot be on 3 brokers: there are 1; set TELECOM_CDR_KAFKA_REPLICATION" in error


@pytest.mark.parametrize("command", ["create", "describe"])
def test_a_broker_that_is_not_there_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    monkeypatch.setattr(client, "REACH_SECONDS", 1.0)
    error = refused(sender(tmp_path, "127.0.0.1:1", "telecom"), "topic", command)
    assert "no Kafka broker answers at 127.0.0.1:1" in error


def test_doctor_tells_of_the_brokers_and_the_topic(tmp_path: Path, kafka: str) -> None:
    topic = make_topic(kafka, partitions=1)
    result = sender(tmp_path, kafka, topic).run("doctor")
    assert f"{kafka} answers (PLAINTEXT)" in result.output
    assert f"error: topic {topic}: not as the settings promise: 1 partitions, not 3" in result.errors


def test_doctor_tells_of_a_broker_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "REACH_SECONDS", 1.0)
    result = sender(tmp_path, "127.0.0.1:1", "telecom").run("doctor")
    assert result.exit_code == FAILED
    assert "error: Kafka: no Kafka broker answers at 127.0.0.1:1" in result.errors


def test_doctor_is_silent_of_kafka_where_none_is_configured(tmp_path: Path) -> None:
    result = sender(tmp_path, "", "telecom").run("doctor")
    assert "topic" not in result.output
