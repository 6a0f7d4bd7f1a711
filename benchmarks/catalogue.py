"""What a tariff of all networks costs: loading it, and rating the same records by it as by the default catalogue.

The product's own commands: `reference load`, and `run` of the month, of whose steps the rated one counts.
"""

import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Final

import pyarrow.compute as pc
from deltalake import DeltaTable

from benchmarks.called import redirect
from benchmarks.compare import tell
from benchmarks.data import Dataset, dataset
from benchmarks.machine import describe
from benchmarks.measure import Measured
from benchmarks.names import ROOT
from benchmarks.reference_data import numbers_abroad, write_reference
from benchmarks.steps import runs_of
from benchmarks.systems import run_months, telecom_cdr
from telecom_cdr.cli.demo import catalogue as default_catalogue
from telecom_cdr.tables.rated import USAGE

LOAD_GOAL: Final = 15.0
RATING_GOAL: Final = 1.25
_RATED: Final = "rate"


@dataclass(frozen=True)
class Sizes:
    """How large the tariff is, how many records are rated, and how often."""

    prefix_count: int
    plan_count: int
    record_count: int
    repeat: int = 3


@dataclass
class Tariff:
    """One tariff with a lake of its own: seconds of its load, and what each run of the month took."""

    name: str
    directory: Path
    lake: Path
    load_seconds: float = 0.0
    runs: list[Measured] = field(default_factory=list)

    @property
    def run_cpu_seconds(self) -> float:
        """Processor seconds of the whole month."""
        return median(run.cpu_seconds for run in self.runs)

    def rated_seconds(self) -> float:
        """Seconds of the rated step, the median of the runs."""
        steps = [step for run in runs_of(self.lake / "_dagster") for step in run.steps if step.name == _RATED]
        return median(step.seconds for step in steps)

    def charged(self) -> object:
        """What all events cost."""
        usage = DeltaTable(self.lake / USAGE.layer / USAGE.name).to_pyarrow_table(columns=["charge_amount"])
        return pc.sum(usage["charge_amount"]).as_py()


def catalogue(work: Path, sizes: Sizes, *, seed: int = 1) -> bool:
    """Print seconds of loading and of the rated step; False when a command failed or the charges differ."""
    data = dataset(work, sizes.record_count, seed=seed)
    folder = work / "catalogue"
    shutil.rmtree(folder, ignore_errors=True)
    directory = write_reference(
        default_catalogue(),
        folder / "csv",
        prefix_count=sizes.prefix_count,
        subscriber_count=0,
        plan_count=sizes.plan_count,
    )
    redirect(data.source, folder / "cdrs", numbers_abroad(directory))
    tariffs = [
        Tariff("default catalogue", default_catalogue(), folder / "small"),
        Tariff("all networks", directory, folder / "large"),
    ]
    is_done = _run(tariffs, data, folder / "cdrs", sizes.repeat)
    if is_done:
        sys.stdout.write(f"{as_markdown(tariffs, sizes)}\n")
        small, large = (tariff.charged() for tariff in tariffs)
        is_done = small == large
        if not is_done:
            tell(f"the tariffs charge {small} and {large}, and not the same")
    shutil.rmtree(folder, ignore_errors=True)
    return is_done


def as_markdown(tariffs: Sequence[Tariff], sizes: Sizes) -> str:
    """A row a tariff, and the goals."""
    small, large = tariffs
    lines = [
        f"| {sizes.record_count:,} CDRs | prefixes | plans | load s | rated step s | whole run, processor s |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for tariff in tariffs:
        prefixes, plans = (_count(tariff.directory, name) for name in ("destinations", "rate_plans"))
        lines.append(
            f"| {tariff.name} | {prefixes:,} | {plans:,} | {tariff.load_seconds:.1f} | {tariff.rated_seconds():.2f}"
            f" | {tariff.run_cpu_seconds:.1f} |"
        )
    ratio = large.rated_seconds() / small.rated_seconds()
    lines += [
        f"| ratio | | | | {ratio:.2f} | {large.run_cpu_seconds / small.run_cpu_seconds:.2f} |",
        "",
        f"Load: {large.load_seconds:.1f} s (goal {LOAD_GOAL:g} s: {_words(large.load_seconds < LOAD_GOAL)}). "
        f"Rating: {ratio:.2f} times the seconds, medians of {sizes.repeat} "
        f"(goal {RATING_GOAL}: {_words(ratio <= RATING_GOAL)}).",
        *(f"- {name}: {fact}" for name, fact in describe(ROOT).items()),
    ]
    return "\n".join(lines)


def _words(is_reached: bool) -> str:
    return "reached" if is_reached else "not reached"


def _count(directory: Path, name: str) -> int:
    with (directory / f"{name}.csv").open(encoding="utf-8") as file:
        return sum(1 for _ in file) - 1


def _run(tariffs: Sequence[Tariff], data: Dataset, source: Path, repeat: int) -> bool:
    for tariff in tariffs:
        loaded = telecom_cdr(tariff.lake, "reference", "load", str(tariff.directory))
        tariff.load_seconds = loaded.wall_seconds
        taken = telecom_cdr(tariff.lake, "ingest", "--from", str(source))
        tell(f"{tariff.name}: loaded in {tariff.load_seconds:.1f} s, records taken in {taken.wall_seconds:.1f} s")
        if not _are_done(loaded, taken):
            return False
    for turn in range(repeat):
        # Each is first as often as the other.
        for tariff in tariffs if turn % 2 else reversed(tariffs):
            tariff.runs.append(run_months(data, tariff.lake))
            tell(f"{tariff.name}: the month in {tariff.runs[-1].wall_seconds:.1f} s")
            if not _are_done(tariff.runs[-1]):
                return False
    return True


def _are_done(*measured: Measured) -> bool:
    for one in measured:
        if not one.is_done:
            tell(one.last_words)
    return all(one.is_done for one in measured)
