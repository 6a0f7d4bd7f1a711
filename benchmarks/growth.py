"""What growth costs: the product's month materialised again after 1 % new records, beside the full month."""

import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import Final

from benchmarks.compare import tell
from benchmarks.data import Dataset, dataset
from benchmarks.measure import Measured
from benchmarks.systems import load_reference, run_months, telecom_cdr

_NEW_SHARE: Final = 100
# Another seed gives other records, with other IDs.
_OTHER_SEED: Final = 1_000


def growth(work: Path, record_count: int, *, seed: int = 1) -> bool:
    """Print seconds of the full month and of the month again, ingest and run apart; False when a command failed."""
    full = dataset(work, record_count, seed=seed)
    new = dataset(work, max(1, record_count // _NEW_SHARE), seed=seed + _OTHER_SEED)
    lake = work / "lakes" / "growth"
    shutil.rmtree(lake, ignore_errors=True)
    parts: dict[str, Measured] = {"reference": load_reference(lake)}
    for name, data in {"full": full, "1 % more": replace(new, months=full.months)}.items():
        for step, measured in _materialise(data, lake):
            parts[f"{name}, {step}"] = measured
            tell(f"{name}, {step}: {measured.wall_seconds:.1f} s")
            if not measured.is_done:
                tell(measured.last_words)
                return False
    shutil.rmtree(lake, ignore_errors=True)
    sys.stdout.write(f"{as_markdown(record_count, parts)}\n")
    return True


def as_markdown(record_count: int, parts: dict[str, Measured]) -> str:
    """The full month, the month again, and their ratio."""
    lines = [
        f"| {record_count:,} CDRs | ingest s | run s | together s |",
        "| --- | ---: | ---: | ---: |",
    ]
    sums = {}
    for name in ("full", "1 % more"):
        taken, run = (parts[f"{name}, {step}"].wall_seconds for step in ("ingest", "run"))
        sums[name] = (taken, run, taken + run)
        lines.append(f"| {name} | {taken:.1f} | {run:.1f} | {taken + run:.1f} |")
    ratios = [after / before for before, after in zip(sums["full"], sums["1 % more"], strict=True)]
    lines.append(f"| ratio | {' | '.join(f'{ratio:.0%}' for ratio in ratios)} |")
    return "\n".join(lines)


def _materialise(data: Dataset, lake: Path) -> list[tuple[str, Measured]]:
    taken = telecom_cdr(lake, "ingest", "--from", str(data.source))
    return [("ingest", taken), ("run", run_months(data, lake))] if taken.is_done else [("ingest", taken)]
