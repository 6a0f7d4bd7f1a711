"""Figures of several runs as medians, and as Markdown for people and documents."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from benchmarks.common.work import PHASES
from benchmarks.measure import Measured
from benchmarks.names import DUCKDB

_MEBIBYTE = 2**20


@dataclass(frozen=True)
class Figures:
    """One system at one size: medians of its runs. `failure`: what a failed run said; then nothing else counts."""

    system: str
    record_count: int
    runs: int
    wall_seconds: float
    cpu_seconds: float
    peak_bytes: int
    phases: dict[str, float]
    failure: str = ""

    @property
    def records_per_second(self) -> float:
        """CDRs a second, from files to reports."""
        return self.record_count / self.wall_seconds if self.wall_seconds else 0.0

    @property
    def other_seconds(self) -> float:
        """Wall seconds outside the phases: starting, and between steps."""
        return max(0.0, self.wall_seconds - sum(self.phases.values()))

    def as_json(self) -> dict[str, Any]:
        """The figures by name."""
        return {**vars(self), "records_per_second": self.records_per_second, "other_seconds": self.other_seconds}


def figures_of(system: str, record_count: int, runs: Sequence[tuple[Measured, dict[str, float]]]) -> Figures:
    """Medians of the runs of one system; failed as soon as one of them failed."""
    failed = next((measured for measured, _ in runs if not measured.is_done), None)
    return Figures(
        system=system,
        record_count=record_count,
        runs=len(runs),
        wall_seconds=median(measured.wall_seconds for measured, _ in runs),
        cpu_seconds=median(measured.cpu_seconds for measured, _ in runs),
        peak_bytes=int(median(measured.peak_bytes for measured, _ in runs)),
        phases={name: median(phases.get(name, 0.0) for _, phases in runs) for name in PHASES},
        failure=f"exit code {failed.exit_code}: {failed.last_words}" if failed else "",
    )


def as_markdown(figures: Sequence[Figures]) -> str:
    """One row a system and size; the ratios are those of CPU and wall seconds to DuckDB's at that size."""
    names = [*PHASES, "start and rest", "wall s", "CPU s", "peak MiB", "CDRs/s", "CPU ratio", "ratio to DuckDB"]
    lines = [
        f"| CDRs | system | {' | '.join(names)} |",
        f"| ---: | --- | {' | '.join('---:' for _ in names)} |",
    ]
    reference = {each.record_count: each for each in figures if each.system == DUCKDB and not each.failure}
    for each in figures:
        if each.failure:
            lines.append(f"| {each.record_count:,} | {each.system} | failed |{' |' * (len(names) - 1)}")
            continue
        base = reference.get(each.record_count)
        cells = [
            *(f"{each.phases[name]:.1f}" for name in PHASES),
            f"{each.other_seconds:.1f}",
            f"{each.wall_seconds:.1f}",
            f"{each.cpu_seconds:.1f}",
            f"{each.peak_bytes / _MEBIBYTE:,.0f}",
            f"{each.records_per_second:,.0f}",
            f"{each.cpu_seconds / base.cpu_seconds:.2f}" if base else "",
            f"{each.wall_seconds / base.wall_seconds:.2f}" if base else "",
        ]
        lines.append(f"| {each.record_count:,} | {each.system} | {' | '.join(cells)} |")
    return "\n".join(lines)
