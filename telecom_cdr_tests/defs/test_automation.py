"""The schedule and the sensor: off until switched on, and telling why when there is nothing to do."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from unittest import mock

import pytest
from dagster import (
    DagsterInstance,
    DefaultScheduleStatus,
    DefaultSensorStatus,
    RunRequest,
    SkipReason,
    build_schedule_context,
    build_sensor_context,
)

from telecom_cdr.defs.schedules import bill_last_month
from telecom_cdr.defs.sensors import new_files
from telecom_cdr_tests.builders import a_voice_cdr, write_cdrs
from telecom_cdr_tests.product import Product


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with one file, set as the source."""
    directory = tmp_path / "in"
    write_cdrs(directory, "a.jsonl", [a_voice_cdr()])
    monkeypatch.setenv("TELECOM_CDR_SOURCE", str(directory))
    return directory


@pytest.fixture
def of_lake(taken: Product) -> Iterator[Product]:
    """The settings of a lake that holds three months."""
    with mock.patch.dict(os.environ, taken.settings):
        yield taken


def _tick(year: int, month: int) -> RunRequest | SkipReason:
    at = datetime(year, month, 2, 3, tzinfo=UTC)
    with build_schedule_context(scheduled_execution_time=at) as context:
        result = bill_last_month(context)
    assert isinstance(result, RunRequest | SkipReason)
    return result


def _look(cursor: str | None = None) -> tuple[RunRequest | SkipReason, str | None]:
    with DagsterInstance.ephemeral() as instance, build_sensor_context(instance=instance, cursor=cursor) as context:
        result = new_files(context)
        assert isinstance(result, RunRequest | SkipReason)
        return result, context.cursor


def test_both_are_off_until_somebody_switches_them_on_and_say_what_they_do() -> None:
    assert bill_last_month.default_status is DefaultScheduleStatus.STOPPED
    assert new_files.default_status is DefaultSensorStatus.STOPPED
    assert bill_last_month.description == "On the second of each month, 03:00 local time: bills the month before."
    assert new_files.description
    assert bill_last_month.execution_timezone == "Africa/Casablanca"
    assert bill_last_month.job_name == "bill_month"
    assert new_files.job_name == "ingest"


def test_the_schedule_asks_for_the_month_before(of_lake: Product) -> None:
    request = _tick(2026, 3)
    assert isinstance(request, RunRequest)
    assert (request.partition_key, request.run_key) == ("2026-02", "2026-02")


def test_the_schedule_bills_december_in_january(of_lake: Product) -> None:
    result = _tick(2026, 1)
    month = "2025-12"
    if isinstance(result, RunRequest):
        assert result.partition_key == month
    else:
        assert result.skip_message is not None
        assert month in result.skip_message


def test_the_schedule_skips_a_month_without_records(of_lake: Product) -> None:
    assert _tick(2025, 3) == SkipReason("raw/cdrs holds no record of 2025-02: nothing to bill")


def test_the_schedule_skips_where_there_is_no_lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELECOM_CDR_LAKE", str(tmp_path / "nothing"))
    assert _tick(2026, 3) == SkipReason("raw/cdrs holds no record of 2026-02: nothing to bill")


def test_the_schedule_skips_a_month_before_the_first() -> None:
    assert _tick(2024, 1) == SkipReason("2023-12 is before the first billing month, 2024-01")


def test_the_sensor_says_that_no_source_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELECOM_CDR_SOURCE", "")
    result, cursor = _look()
    assert isinstance(result, SkipReason)
    assert "no source is set" in str(result.skip_message)
    assert cursor is None


def test_the_sensor_says_that_the_source_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELECOM_CDR_SOURCE", str(tmp_path / "nothing"))
    result, _ = _look()
    assert isinstance(result, SkipReason)
    assert "does not exist" in str(result.skip_message)


def test_the_sensor_asks_for_an_ingest_once_for_the_same_files(source: Path) -> None:
    first, cursor = _look()
    assert isinstance(first, RunRequest)
    assert first.partition_key is not None
    again, _ = _look(cursor)
    assert again == SkipReason(f"nothing new in {source}")


def test_the_sensor_asks_again_for_a_file_that_is_new_or_has_grown(source: Path) -> None:
    first, cursor = _look()
    write_cdrs(source / "below", "b.jsonl", [a_voice_cdr(record_ID="R2")])
    second, cursor = _look(cursor)
    write_cdrs(source, "a.jsonl", [a_voice_cdr(), a_voice_cdr(record_ID="R3")])
    third, _ = _look(cursor)
    requests = [first, second, third]
    assert all(isinstance(request, RunRequest) for request in requests)
    assert len({request.run_key for request in requests if isinstance(request, RunRequest)}) == len(requests)
