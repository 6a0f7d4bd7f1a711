"""`telecom-cdr bench` hands over to the comparison, and says where it can be run."""

import subprocess
import sys
from pathlib import Path

import pytest

from telecom_cdr.cli import bench
from telecom_cdr_tests.product import Product


def test_the_command_runs_the_comparison_and_ends_with_its_exit_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[str]] = []

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        asked.append(command)
        return subprocess.CompletedProcess(command, 1)

    monkeypatch.setattr(subprocess, "run", run)
    result = Product.at(tmp_path).run("bench", "--cdrs", "5000", "--cdrs", "9000", "--months", "3")
    assert result.exit_code == 1
    assert asked == [
        [*(sys.executable, "-m", "benchmarks", "compare", "--cdrs", "5000", "9000"), "--months", "3", "--repeat", "1"]
    ]


def test_an_installation_without_the_checkout_says_where_to_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench, "__file__", str(tmp_path / "a" / "b" / "bench.py"))
    result = Product.at(tmp_path).run("bench")
    assert result.exit_code == 1
    assert "run this command from a clone of the project" in result.errors
