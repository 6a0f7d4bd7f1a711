"""Running Dagster jobs inside this process, and telling how they ended."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from telecom_cdr.cli.process import loading
from telecom_cdr.errors import TelecomCdrError
from telecom_cdr.lakehouse.locks import is_alive, process_lock, setup_lock
from telecom_cdr.settings import Settings

if TYPE_CHECKING:
    from dagster import DagsterInstance, ExecuteInProcessResult
    from dagster_shared.error import SerializableErrorInfo

DAGSTER_YAML: Final = """\
# Runs and schedules of this lake. Two runs at a time; ingest one by one.
telemetry:
  enabled: false
nux:
  enabled: false
concurrency:
  runs:
    max_concurrent_runs: 2
  pools:
    default_limit: 1
    granularity: run
event_log_storage:
  module: telecom_cdr.defs.history
  class: HistoryStorage
"""
_CHECKED: Final = "ASSET_CHECK_EVALUATION"
_CHECKS_FAILED: Final = "DagsterAssetCheckFailedError"
_PROCESS_TAG: Final = "telecom_cdr/process"
_PROCESS: Final = uuid4().hex
_QUIET: Final = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


def prepare_dagster(settings: Settings) -> None:
    """Make DAGSTER_HOME where it is missing, and point this process at it."""
    # Dagster takes absolute paths only.
    home = Path(os.environ.get("DAGSTER_HOME") or settings.dagster_home).absolute()
    os.environ["DAGSTER_HOME"] = str(home)
    home.mkdir(parents=True, exist_ok=True)
    configuration = home / "dagster.yaml"
    if not configuration.exists():
        configuration.write_text(DAGSTER_YAML, encoding="utf-8")


@contextmanager
def open_instance(settings: Settings) -> Iterator["DagsterInstance"]:
    """The Dagster instance of the lake."""
    prepare_dagster(settings)
    with loading():
        from dagster import DagsterInstance

    with process_lock(settings.lake, _PROCESS):
        # Two processes that make Dagster's databases at once disturb each other.
        with setup_lock(settings.lake), loading():
            opened = DagsterInstance.get()
        with opened as instance:
            end_abandoned_runs(instance, settings)
            yield instance


def end_abandoned_runs(instance: "DagsterInstance", settings: Settings) -> None:
    """Mark the runs of processes that were killed as failed: a run that looks alive keeps its place in the queue."""
    from dagster import DagsterRunStatus, RunsFilter

    alive = [DagsterRunStatus.STARTING, DagsterRunStatus.STARTED]
    for run in instance.get_runs(RunsFilter(statuses=alive)):
        process = run.tags.get(_PROCESS_TAG)
        if process and not is_alive(settings.lake, process):
            instance.report_run_failed(run, "its process was ended from outside; run it again")


def run_job(
    instance: "DagsterInstance",
    name: str,
    *,
    month: str | None = None,
    config: Mapping[str, object] | None = None,
    lake: Mapping[str, str] | None = None,
) -> "ExecuteInProcessResult":
    """Run one job of the code location to its end; the result says whether it succeeded.

    `config` is by op; `lake` says which lake and engine, where they are not the installation's.
    """
    with loading():
        from telecom_cdr.definitions import defs

    ops = {op: {"config": values} for op, values in (config or {}).items()}
    return defs.resolve_job_def(name).execute_in_process(
        run_config={**_QUIET, "ops": ops, "resources": {"lake": {"config": dict(lake or {})}}},
        instance=instance,
        partition_key=month,
        raise_on_error=False,
        tags={_PROCESS_TAG: _PROCESS},
    )


def failures_of(result: "ExecuteInProcessResult") -> list[str]:
    """One line for each check that failed, with its figures, and for each step: the error that a user can act on, or
    the last cause.
    """
    from dagster import AssetCheckSeverity

    lines = []
    for event in result.all_events:
        if event.event_type_value == _CHECKED:
            checked = event.asset_check_evaluation_data
            if not checked.passed and checked.severity is AssetCheckSeverity.ERROR:
                lines.append(f"{checked.asset_key.to_user_string()}: {checked.check_name}: {checked.description}")
        elif event.is_step_failure:
            error = _cause(event.step_failure_data.error)
            # The checks have spoken for themselves.
            if error is None or error.cls_name != _CHECKS_FAILED:
                lines.append(f"{event.step_key}: {_words(error)}")
    return lines or [_words(_cause(error)) for error in _errors_before_steps(result)]


def _errors_before_steps(result: "ExecuteInProcessResult") -> "Iterator[SerializableErrorInfo]":
    """What kept a run from its first step, such as an engine that does not start."""
    for event in result.all_events:
        if event.is_run_failure and event.job_failure_data.error is not None:
            yield event.job_failure_data.error


def _cause(error: "SerializableErrorInfo | None") -> "SerializableErrorInfo | None":
    while error is not None and error.cause is not None:
        error = error.cause
    return error


def _words(error: "SerializableErrorInfo | None") -> str:
    return _without_class(error.message) if error else "failed"


def _without_class(message: str) -> str:
    head, separator, rest = message.partition(": ")
    names = {kind.__name__ for kind in _all_errors(TelecomCdrError)}
    return " ".join((rest if separator and head.rpartition(".")[2] in names else message).split())


def _all_errors(kind: type[TelecomCdrError]) -> list[type[TelecomCdrError]]:
    return [kind, *(found for child in kind.__subclasses__() for found in _all_errors(child))]
