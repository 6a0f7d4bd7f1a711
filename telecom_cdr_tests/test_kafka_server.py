"""Tests that need a real Kafka say what is missing, and fail where every service must be there."""

from pathlib import Path

import pytest

from telecom_cdr.errors import EngineError
from telecom_cdr_tests.kafka_jars import fetch, require_kafka


@pytest.fixture
def no_jars(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user for whom nothing was fetched."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


@pytest.mark.usefixtures("no_jars")
@pytest.mark.parametrize(("is_required", "outcome"), [("", pytest.skip.Exception), ("true", pytest.fail.Exception)])
def test_jars_that_are_missing_are_told(
    monkeypatch: pytest.MonkeyPatch, is_required: str, outcome: type[BaseException]
) -> None:
    monkeypatch.setenv("CI", is_required)
    with pytest.raises(
        outcome, match=r"the jars of Kafka are not here: run `python -m telecom_cdr_tests[.]kafka_jars`"
    ):
        require_kafka()


@pytest.mark.usefixtures("no_jars")
def test_jars_cannot_be_fetched_without_java(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "nowhere"))
    with pytest.raises(EngineError, match="Java"):
        fetch()
