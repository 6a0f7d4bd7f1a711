"""The benchmark of reference data: what it makes is valid and as large as asked, and each step is measured."""

from pathlib import Path

import pytest

from benchmarks.reference import Sizes, reference
from benchmarks.reference_data import write_reference
from telecom_cdr.cli.demo import catalogue
from telecom_cdr.reference.validation import read_reference


def test_the_grown_catalogue_is_valid_and_as_large_as_asked(tmp_path: Path) -> None:
    made = write_reference(catalogue(), tmp_path / "csv", prefix_count=1_000, subscriber_count=3_500, plan_count=20)
    tables = read_reference(made).tables
    assert [tables[name].num_rows for name in ("destinations", "subscriptions", "rate_plans")] == [1_000, 3_500, 20]


def test_every_step_is_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert reference(tmp_path, "", Sizes(prefix_count=400, subscriber_count=3_000, plan_count=9))
    table = capsys.readouterr().out
    assert "400 prefixes, 3,000 subscribers, 9 plans" in table
    assert "| load into a database without these rows |" in table
    assert "| write the snapshot into a new lake |" in table
    assert list(tmp_path.iterdir()) == []


def test_a_database_that_cannot_be_used_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sizes = Sizes(prefix_count=0, subscriber_count=0, plan_count=0)
    assert not reference(tmp_path, "mysql://u:s3cret@127.0.0.1/x", sizes)
    told = capsys.readouterr()
    assert told.out == ""
    assert "mysql is no database" in told.err
    assert "s3cret" not in told.err
