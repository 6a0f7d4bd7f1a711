"""What the product's own history says about where its seconds went: Dagster's event log, step by step."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final
from unittest import mock

from benchmarks.common.work import INGEST, INVOICE, MEDIATE, RATE, REPORT

if TYPE_CHECKING:
    from dagster import DagsterEvent, EventLogEntry

_PHASE_OF_STEP: Final = {
    "ingest_cdrs": INGEST,
    "mediate": MEDIATE,
    "check_mediated": MEDIATE,
    "rate": RATE,
    "check_rated": RATE,
    "draw_up_lines": INVOICE,
    "invoice": INVOICE,
    "check_invoices": INVOICE,
    "report": REPORT,
    "check_reports": REPORT,
    "reconcile": REPORT,
}


@dataclass(frozen=True)
class Step:
    """One step of one run: `written` gives seconds from its start to the commit of each table that it wrote."""

    job: str
    month: str
    name: str
    seconds: float
    gap_seconds: float
    written: tuple[tuple[str, float], ...]

    @property
    def is_check(self) -> bool:
        """Whether the step only checks."""
        return self.name.startswith("check_")


@dataclass(frozen=True)
class Run:
    """One run: seconds from its first event to its last, and before its first step."""

    job: str
    month: str
    seconds: float
    start_seconds: float
    steps: tuple[Step, ...]


def runs_of(dagster_home: Path) -> list[Run]:
    """The runs of a lake that succeeded, oldest first."""
    from dagster import DagsterInstance, DagsterRunStatus

    # The instance's own storages look for their files there, too.
    with mock.patch.dict(os.environ, DAGSTER_HOME=str(dagster_home)), DagsterInstance.get() as instance:
        runs = [run for run in instance.get_runs() if run.status is DagsterRunStatus.SUCCESS]
        return [_run(instance.all_logs(run.run_id), run.job_name, run.tags) for run in reversed(runs)]


def seconds_by_phase(dagster_home: Path) -> dict[str, float]:
    """Seconds of all steps of all runs, by phase; checks count with the layer that they check."""
    seconds: dict[str, float] = {}
    for run in runs_of(dagster_home):
        for step in run.steps:
            name = next((key for key in _PHASE_OF_STEP if step.name == key or step.name.startswith(f"{key}_")), None)
            if name:
                phase = _PHASE_OF_STEP[name]
                seconds[phase] = seconds.get(phase, 0.0) + step.seconds
    return seconds


def _run(logs: "Sequence[EventLogEntry]", job: str, tags: Mapping[str, str]) -> Run:
    month = tags.get("dagster/partition", "")
    events = [(entry, entry.dagster_event) for entry in logs if entry.dagster_event is not None]
    steps = tuple(_steps(events, job, month))
    began, ended = events[0][0].timestamp, events[-1][0].timestamp
    first = min((entry.timestamp for entry, _ in events if entry.step_key), default=began)
    return Run(job, month, ended - began, first - began, steps)


def _steps(events: "list[tuple[EventLogEntry, DagsterEvent]]", job: str, month: str) -> Iterator[Step]:
    started: dict[str, float] = {}
    written: dict[str, list[tuple[str, float]]] = {}
    gaps: dict[str, float] = {}
    previous = None
    for entry, event in events:
        kind, name = event.event_type_value, entry.step_key or ""
        if kind == "STEP_START":
            started[name], written[name] = entry.timestamp, []
            gaps[name] = entry.timestamp - previous if previous is not None else 0.0
        elif kind == "ASSET_MATERIALIZATION" and name in started:
            table = "/".join(event.asset_key.path) if event.asset_key else ""
            written[name].append((table, entry.timestamp - started[name]))
        elif kind == "STEP_SUCCESS":
            previous = entry.timestamp
            yield Step(job, month, name, entry.timestamp - started[name], gaps[name], tuple(written[name]))
