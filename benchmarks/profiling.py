"""Where the product's seconds go: by Dagster step, and within a step by the table that it wrote."""

import shutil
import sys
from pathlib import Path

from benchmarks.compare import tell
from benchmarks.data import dataset
from benchmarks.names import PRODUCT
from benchmarks.steps import Run, runs_of
from benchmarks.systems import run_system


def profile(work: Path, record_count: int, *, month_count: int = 1, seed: int = 1) -> bool:
    """Run the product once and print its steps; False when it failed."""
    data = dataset(work, record_count, month_count=month_count, seed=seed)
    lake = work / "lakes" / "profile"
    outcome = run_system(PRODUCT, data, lake)
    if not outcome.measured.is_done:
        tell(outcome.measured.last_words)
        return False
    runs = runs_of(lake / "_dagster")
    shutil.rmtree(lake, ignore_errors=True)
    sys.stdout.write(f"{as_markdown(runs, outcome.measured.wall_seconds)}\n")
    return True


def as_markdown(runs: list[Run], wall_seconds: float) -> str:
    """One row a step, and one for each table within; shares are of the wall seconds of both processes."""
    lines = ["| run | step | seconds | share |", "| --- | --- | ---: | ---: |"]

    def add(where: str, what: str, seconds: float) -> None:
        lines.append(f"| {where} | {what} | {seconds:.2f} | {seconds / wall_seconds:.1%} |")

    in_runs = 0.0
    for run in runs:
        where = f"{run.job} {run.month}".strip()
        in_runs += run.seconds
        add(where, "before the first step", run.start_seconds)
        for step in run.steps:
            add(where, step.name, step.seconds)
            written = 0.0
            for table, after in step.written:
                add("", f"… {table}", after - written)
                written = after
            if step.written:
                add("", "… the rest of the step", step.seconds - written)
        checks = sum(step.seconds for step in run.steps if step.is_check)
        gaps = sum(step.gap_seconds for step in run.steps)
        add(where, "all checks", checks)
        add(where, "between steps", gaps)
        add(where, "the whole run", run.seconds)
    add("", "outside the runs: starting two processes", wall_seconds - in_runs)
    return "\n".join(lines)
