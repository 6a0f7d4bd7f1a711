"""Kafka as the source: what the command prints, what the UI is told, and when the sensor starts an ingest."""

import os
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from dagster import (
    AssetKey,
    AssetObservation,
    DagsterInstance,
    DagsterRunStatus,
    DefaultSensorStatus,
    SensorResult,
    SkipReason,
    build_sensor_context,
)

from telecom_cdr.definitions import defs
from telecom_cdr.defs.sensors import new_files, new_messages
from telecom_cdr_tests.builders import a_voice_cdr, cdr_bytes
from telecom_cdr_tests.product import Product, Result
from telecom_cdr_tests.topics import Topic

CDRS = AssetKey(["raw", "cdrs"])


@pytest.fixture
def topic(kafka: str) -> Topic:
    return Topic.made(kafka)


@pytest.fixture
def product(tmp_path: Path, topic: Topic) -> Product:
    """No lake yet; the source is the topic."""
    return Product.at(tmp_path, TELECOM_CDR_SOURCE="kafka", **topic.environment)


def calls(*months: str) -> list[bytes]:
    return [cdr_bytes(a_voice_cdr(record_ID=f"R{month}", timestamp=f"{month}-03T10:00:00")) for month in months]


def look(product: Product, instance: DagsterInstance | None = None) -> SensorResult | SkipReason:
    with (
        mock.patch.dict(os.environ, product.settings),
        DagsterInstance.ephemeral() as empty,
        build_sensor_context(instance=instance or empty) as context,
    ):
        result = new_messages(context)
    assert isinstance(result, SensorResult | SkipReason)
    return result


def observations(product: Product) -> list[dict[str, Any]]:
    """Metadata of the observations of raw/cdrs, the oldest first."""
    with mock.patch.dict(os.environ, product.settings), DagsterInstance.get() as instance:
        records = instance.fetch_observations(CDRS, limit=100).records
    found = [record.asset_observation for record in reversed(records)]
    return [{name: value.value for name, value in each.metadata.items()} for each in found if each]


def months_told(product: Product) -> dict[str | None, Any]:
    """New records of each month, by the newest materialisations of raw/cdrs."""
    with mock.patch.dict(os.environ, product.settings), DagsterInstance.get() as instance:
        records = instance.fetch_materializations(CDRS, limit=100).records
    events = [record.asset_materialization for record in reversed(records)]
    return {event.partition: event.metadata["new_records"].value for event in events if event}


@pytest.mark.slow
def test_the_source_that_is_configured_is_taken_and_months_and_lag_are_reported(topic: Topic, product: Product) -> None:
    topic.send(*calls("2026-01", "2026-01", "2026-03"), b"{", timestamp=1)
    result = product.done("ingest")
    assert "2026-01" in result.output
    assert "4 records of 1 ranges taken" in result.errors
    assert "1 are malformed" in result.errors
    assert f"before: {topic.name}: 4 records behind, the oldest" in result.errors
    assert f"now: {topic.name}: 0 records behind" in result.errors
    taken = months_told(product)
    assert (taken["2026-01"], taken["2026-03"]) == (2, 1)
    before, after = observations(product)
    assert (before["lag_records"], after["lag_records"], after["lag_seconds"]) == (4, 0, 0)
    assert before["lag_seconds"] > 0
    assert before["seconds_until_deletion"] == 0
    assert before["topic"] == topic.name
    assert product.done("ingest", "--from", "kafka").errors.startswith("0 records of 0 ranges taken")


@pytest.mark.slow
def test_a_loss_stops_command_and_sensor_until_it_is_accepted(topic: Topic, product: Product) -> None:
    topic.send(*calls("2026-01", "2026-02", "2026-03"))
    topic.delete_before(2)
    skipped = look(product)
    assert isinstance(skipped, SensorResult)
    assert "2 were deleted before they were read" in str(skipped.skip_reason)
    failed = product.run("ingest")
    assert failed.exit_code == 1
    assert f"{topic.name}[0] offsets 0 to 1. If nobody can send them again" in _error(failed)
    accepted = product.done("ingest", "--from", "kafka", "--accept-loss")
    assert f"{topic.name}[0]: offsets 0 to 1 were deleted before they were read" in accepted.errors
    (gap,) = product.done("show", "raw/gaps", "--format", "csv").rows
    assert (gap["first_offset"], gap["last_offset"], gap["reason"]) == ("0", "1", "deleted_before_read")
    assert product.rows("raw/cdrs").num_rows == 1


def _error(result: Result) -> str:
    (line,) = [line for line in result.errors.splitlines() if line.startswith("error: ")]
    return line


def test_a_topic_that_is_not_there_is_said_in_one_line(product: Product, topic: Topic) -> None:
    topic.delete()
    result = product.run("ingest")
    assert result.exit_code == 1
    assert _error(result).startswith(f"error: ingest_cdrs: there is no topic {topic.name} at ")


def test_a_source_that_cannot_be_is_said_before_anything_is_created(tmp_path: Path) -> None:
    without = Product.at(tmp_path, TELECOM_CDR_KAFKA_BOOTSTRAP_SERVERS="")
    result = without.run("ingest", "--from", "kafka")
    assert (result.exit_code, without.lake.exists()) == (1, False)
    assert "set TELECOM_CDR_KAFKA_BOOTSTRAP_SERVERS" in _error(result)
    misplaced = without.run("ingest", "--from", str(tmp_path), "--accept-loss")
    assert (misplaced.exit_code, without.lake.exists()) == (1, False)
    assert "--accept-loss is for --from kafka" in _error(misplaced)


def test_the_sensor_is_off_until_somebody_switches_it_on() -> None:
    assert new_messages.default_status is DefaultSensorStatus.STOPPED
    assert new_messages.job_name == "ingest"


def test_the_sensor_asks_for_an_ingest_when_there_is_lag_and_observes_it(topic: Topic, product: Product) -> None:
    assert look(product) == SkipReason(f"nothing new in the topic {topic.name}")
    topic.send(*calls("2026-01", "2026-02"))
    asked = look(product)
    assert isinstance(asked, SensorResult)
    assert asked.run_requests is not None
    assert asked.run_requests[0].partition_key is not None
    (seen,) = asked.asset_events
    assert isinstance(seen, AssetObservation)
    assert (seen.asset_key, seen.metadata["lag_records"].value) == (CDRS, 2)


def test_the_sensor_waits_for_an_ingest_that_is_under_way(topic: Topic, product: Product) -> None:
    topic.send(*calls("2026-01"))
    with DagsterInstance.ephemeral() as instance:
        run = instance.create_run_for_job(defs.resolve_job_def("ingest"), status=DagsterRunStatus.STARTED)
        waiting = look(product, instance)
        assert isinstance(waiting, SensorResult)
        assert "an ingest is under way" in str(waiting.skip_reason)
        instance.report_run_failed(run)
        asked = look(product, instance)
        assert isinstance(asked, SensorResult)
        assert asked.run_requests


def test_each_sensor_leaves_the_other_source_alone(product: Product) -> None:
    with mock.patch.dict(os.environ, product.settings), build_sensor_context() as context:
        assert new_files(context) == SkipReason("the source is Kafka: `new_messages` looks at the topic")
    elsewhere = Product.at(product.root, TELECOM_CDR_SOURCE=str(product.root))
    assert look(elsewhere) == SkipReason("the source is not Kafka: put kafka in TELECOM_CDR_SOURCE")


def test_the_sensor_says_that_no_broker_answers(product: Product) -> None:
    away = Product.at(product.root, TELECOM_CDR_SOURCE="kafka", TELECOM_CDR_KAFKA_BOOTSTRAP_SERVERS="127.0.0.1:1")
    with mock.patch("telecom_cdr.sources.kafka.client.REACH_SECONDS", 1.0):
        skipped = look(away)
    assert isinstance(skipped, SkipReason)
    assert "127.0.0.1:1" in str(skipped.skip_message)
