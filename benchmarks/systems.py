"""What is compared: the product through its command line, and the two hand-written pipelines, each as processes."""

import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.common.work import INGEST, PHASES
from benchmarks.data import Dataset
from benchmarks.measure import Measured, measure, together
from benchmarks.names import PRODUCT, ROOT
from benchmarks.steps import seconds_by_phase
from telecom_cdr.cli.demo import catalogue


@dataclass(frozen=True)
class Outcome:
    """One system on one dataset: its lake, what it took, and seconds by phase; what is in no phase is start-up."""

    system: str
    lake: Path
    measured: Measured
    phases: dict[str, float]


def run_system(system: str, data: Dataset, lake: Path) -> Outcome:
    """Run a system on a dataset into a new lake."""
    shutil.rmtree(lake, ignore_errors=True)
    return _product(data, lake) if system == PRODUCT else _by_hand(system, data, lake)


def telecom_cdr(lake: Path, *arguments: str, **settings: str) -> Measured:
    """Run a `telecom-cdr` command on a lake, with more settings if given."""
    code = "from telecom_cdr.cli.process import command; command()"
    environment = {
        "TELECOM_CDR_LAKE": str(lake),
        "TELECOM_CDR_DATABASE_URL": "",
        "DAGSTER_HOME": str(lake / "_dagster"),
        "TZ": "UTC",
        "DAGSTER_DISABLE_TELEMETRY": "yes",
        **settings,
    }
    return measure([sys.executable, "-c", code, *arguments], cwd=ROOT, environment=environment)


def load_reference(lake: Path) -> Measured:
    """Give a new lake its reference data. Not part of what is compared: the pipelines find theirs ready."""
    return telecom_cdr(lake, "reference", "load", str(catalogue()))


def run_months(data: Dataset, lake: Path) -> Measured:
    """Materialise the months of a dataset."""
    return telecom_cdr(lake, "run", "--month", data.months[0], "--to", data.months[-1])


def _product(data: Dataset, lake: Path) -> Outcome:
    loaded = load_reference(lake)
    steps: tuple[Callable[[], Measured], ...] = (
        lambda: telecom_cdr(lake, "ingest", "--from", str(data.source)),
        lambda: run_months(data, lake),
    )
    parts: list[Measured] = [] if loaded.is_done else [loaded]
    for step in steps:
        if all(part.is_done for part in parts):
            parts.append(step())
    whole = together(parts)
    phases = dict.fromkeys(PHASES, 0.0)
    if whole.is_done:
        phases |= seconds_by_phase(lake / "_dagster")
        phases[INGEST] = parts[0].wall_seconds
    return Outcome(PRODUCT, lake, whole, phases)


def _by_hand(system: str, data: Dataset, lake: Path) -> Outcome:
    timings = lake.with_name(f"{lake.name}.phases.json")
    timings.unlink(missing_ok=True)
    command = [
        *(sys.executable, "-m", "benchmarks", "pipeline", system),
        *("--source", str(data.source), "--reference", str(data.reference), "--lake", str(lake)),
        *("--months", ",".join(data.months), "--timings", str(timings)),
    ]
    measured = measure(command, cwd=ROOT, environment={"TZ": "UTC"})
    phases = json.loads(timings.read_text(encoding="utf-8")) if timings.is_file() else dict.fromkeys(PHASES, 0.0)
    return Outcome(system, lake, measured, phases)
