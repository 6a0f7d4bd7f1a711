"""The comparison: every system in turn on the same data, results compared row by row, figures as medians."""

import json
import shutil
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.data import BYTES_A_RECORD, SPACE_FACTOR, Dataset, dataset
from benchmarks.differences import differences
from benchmarks.machine import describe, free_bytes
from benchmarks.measure import Measured
from benchmarks.names import PRODUCT, ROOT
from benchmarks.results import Figures, as_markdown, figures_of
from benchmarks.systems import Outcome, run_system


@dataclass(frozen=True)
class Plan:
    """What is compared: sizes in records, months, seed, how often, which systems, and where it is all kept."""

    sizes: tuple[int, ...]
    work: Path
    systems: tuple[str, ...]
    month_count: int = 1
    seed: int = 1
    repeat: int = 1


def compare(plan: Plan) -> bool:
    """Run the plan and print its tables; False when the product failed or results differ."""
    facts = describe(ROOT)
    for name, value in facts.items():
        tell(f"{name}: {value}")
    figures: list[Figures] = []
    found: list[str] = []
    for size in plan.sizes:
        needed, free = size * BYTES_A_RECORD * SPACE_FACTOR, free_bytes(plan.work)
        if needed > free:
            found.append(
                f"{size:,} CDRs need about {needed >> 30} GiB in {plan.work}, and {free >> 30} GiB are free:"
                " give --work a folder with more space"
            )
            continue
        tell(f"{size:,} CDRs: generating, unless they are there")
        data = dataset(plan.work, size, month_count=plan.month_count, seed=plan.seed)
        of_size, differing = _compare_size(plan, data)
        figures += of_size
        found += differing
    _keep(plan, facts, figures, found)
    for sentence in found:
        tell(sentence)
    return not found


def _compare_size(plan: Plan, data: Dataset) -> tuple[list[Figures], list[str]]:
    runs: dict[str, list[Outcome]] = {system: [] for system in plan.systems}
    found: list[str] = []
    for turn in range(plan.repeat):
        for system in _rotated(plan.systems, turn):
            outcome = run_system(system, data, plan.work / "lakes" / system)
            runs[system].append(outcome)
            tell(f"{data.record_count:,} CDRs, {system}: {_words(outcome.measured)}")
        found += _differences(data, [runs[system][-1] for system in plan.systems])
    figures = [
        figures_of(system, data.record_count, [(run.measured, run.phases) for run in outcomes])
        for system, outcomes in runs.items()
    ]
    shutil.rmtree(plan.work / "lakes", ignore_errors=True)
    return figures, found


def _rotated(systems: Sequence[str], turn: int) -> list[str]:
    """Each system is first as often as the others: the disk's cache and the machine's mood favour none."""
    first = turn % len(systems)
    return [*systems[first:], *systems[:first]]


def _differences(data: Dataset, outcomes: Sequence[Outcome]) -> list[str]:
    """What differs from the product. A hand-written pipeline that fails is told in the table and stops nothing."""
    product = next((outcome for outcome in outcomes if outcome.system == PRODUCT), None)
    if product is None:
        return []
    if not product.measured.is_done:
        return [f"{data.record_count:,} CDRs: {PRODUCT} failed: {product.measured.last_words}"]
    found = []
    for outcome in outcomes:
        if outcome is product or not outcome.measured.is_done:
            continue
        differing = differences(product.lake, outcome.lake, data.months)
        found += [f"{data.record_count:,} CDRs, {outcome.system}: {sentence}" for sentence in differing]
        tell(f"{data.record_count:,} CDRs, {outcome.system}: {'differs' if differing else 'the same results'}")
    return found


def _keep(plan: Plan, facts: dict[str, str], figures: list[Figures], found: list[str]) -> None:
    table = as_markdown(figures)
    sys.stdout.write(f"{table}\n")
    folder = plan.work / "results"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{time.strftime('%Y%m%dT%H%M%S')}.json"
    content = {
        **facts,
        "months": plan.month_count,
        "seed": plan.seed,
        "repeat": plan.repeat,
        "figures": [each.as_json() for each in figures],
        "differences": found,
    }
    path.write_text(json.dumps(content, indent=2), encoding="utf-8")
    path.with_suffix(".md").write_text(f"{table}\n", encoding="utf-8")
    tell(f"kept in {path}")


def _words(measured: Measured) -> str:
    if not measured.is_done:
        return f"failed with exit code {measured.exit_code}: {measured.last_words}"
    return f"{measured.wall_seconds:.1f} s, {measured.cpu_seconds:.1f} CPU s, {measured.peak_bytes >> 20:,} MiB at most"


def tell(text: str) -> None:
    """Progress, on standard error: standard output is the result."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
