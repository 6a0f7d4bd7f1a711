"""Ingest gives the same rows whatever the machine's own time zone and zone files are."""

import json
import os
import subprocess
import sys
from importlib import resources
from pathlib import Path

import pytest

from telecom_cdr_tests.lakehouse.raw_inputs import cdr, empty_lake, lasting, lines, raw_rows, take, write_files

STARTS = (
    "2026-02-28T23:30:00Z",
    "2026-10-31T23:30:00Z",
    "2026-02-15T02:30:00",
    "2026-03-22T02:30:00",
    "2026-09-20T01:30:00",
    "2026-10-31T23:30:00",
    "2026-01-01T00:30:00",
    "unreadable",
)
SCRIPT = """
import json, sys
from pathlib import Path
from telecom_cdr_tests.lakehouse.raw_inputs import empty_lake, lasting, raw_rows, take
catalog = empty_lake(Path(sys.argv[1]))
take(catalog, Path(sys.argv[2]))
print(json.dumps(lasting(raw_rows(catalog)), default=str))
"""


def outdated_zone_files(directory: Path) -> Path:
    """A directory in which Morocco has the clocks of Tokyo."""
    tokyo = resources.files("tzdata").joinpath("zoneinfo", "Asia", "Tokyo").read_bytes()
    return write_files(directory, {"Africa/Casablanca": tokyo})


@pytest.mark.slow
def test_rows_do_not_depend_on_the_machine(tmp_path: Path) -> None:
    inbox = write_files(tmp_path / "in", {"a.jsonl": lines(*(cdr(start, start) for start in STARTS))})
    environments = {
        "utc": {"TZ": "UTC"},
        "tokyo": {"TZ": "Asia/Tokyo"},
        "new-york": {"TZ": "America/New_York"},
        "outdated": {"TZ": "Africa/Casablanca", "PYTHONTZPATH": str(outdated_zone_files(tmp_path / "zones"))},
        "without": {"TZ": ":/nowhere", "PYTHONTZPATH": str(tmp_path / "in")},
    }
    running = {
        name: subprocess.Popen(
            [sys.executable, "-c", SCRIPT, str(tmp_path / name), str(inbox)],
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
        )
        for name, environment in environments.items()
    }
    results = {name: process.communicate()[0] for name, process in running.items()}
    catalog = empty_lake(tmp_path / "here")
    take(catalog, inbox)
    expected = json.loads(json.dumps(lasting(raw_rows(catalog)), default=str))
    for name, printed in results.items():
        assert json.loads(printed) == expected, name
    by_start = {row["record_id"]: row for row in expected}
    assert by_start["2026-02-28T23:30:00Z"]["usage_month"] == "2026-02"
    assert by_start["2026-10-31T23:30:00Z"]["usage_month"] == "2026-10"
    assert by_start["2026-02-15T02:30:00"]["is_ambiguous_time"]
    assert by_start["2026-03-22T02:30:00"]["is_shifted_time"]
