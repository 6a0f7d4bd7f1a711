"""The flood of messages: a small one, end to end."""

from pathlib import Path

import pytest

from benchmarks.flood import flood

pytestmark = pytest.mark.slow


def test_every_message_is_taken_and_rate_and_memory_are_told(
    tmp_path: Path, kafka: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TELECOM_CDR_KAFKA_BOOTSTRAP_SERVERS", kafka)
    assert flood(tmp_path, 5_000)
    said = capsys.readouterr().out
    assert "| 5,000 messages |" in said
    assert "| ingest |" in said
    assert "messages/s into Delta" in said
