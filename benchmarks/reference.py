"""Seconds of loading a large set of reference data into a database, and of its snapshot in the lake, step by step."""

import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.compare import tell
from benchmarks.reference_data import write_reference
from telecom_cdr.cli.demo import catalogue
from telecom_cdr.errors import TelecomCdrError
from telecom_cdr.lakehouse.catalog import Catalog
from telecom_cdr.reference.database import load, read_snapshot
from telecom_cdr.reference.snapshot import write_snapshot
from telecom_cdr.reference.validation import content_hash, read_reference
from telecom_cdr.tables.reference import HOLIDAYS

_CHANGE = "2199-01-01,A change\n"


@dataclass(frozen=True)
class Sizes:
    """How large the reference data is."""

    prefix_count: int
    subscriber_count: int
    plan_count: int


@dataclass
class Steps:
    """Wall and CPU seconds by step; CPU is that of this process, not of the database's server."""

    seconds: dict[str, tuple[float, float]] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Measure what is done inside."""
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        self.seconds[name] = (time.perf_counter() - wall, time.process_time() - cpu)
        tell(f"{name}: {self.seconds[name][0]:.2f} s")


def reference(work: Path, url: str, sizes: Sizes) -> bool:
    """Print seconds of each step; the database at `url` (SQLite in `work` if empty) is filled. False: it failed."""
    folder = work / "reference"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        steps, row_count = _run(folder, url or f"sqlite:///{folder / 'reference.sqlite'}", sizes)
    except TelecomCdrError as error:
        tell(str(error))
        return False
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    sys.stdout.write(f"{as_markdown(steps, sizes, row_count)}\n")
    return True


def as_markdown(steps: Steps, sizes: Sizes, row_count: int) -> str:
    """One row a step."""
    lines = [
        f"{row_count:,} rows: {sizes.prefix_count:,} prefixes, {sizes.subscriber_count:,} subscribers, "
        f"{sizes.plan_count:,} plans",
        "",
        "| step | wall s | CPU s of the client |",
        "| --- | ---: | ---: |",
    ]
    lines += [f"| {name} | {wall:.2f} | {cpu:.2f} |" for name, (wall, cpu) in steps.seconds.items()]
    return "\n".join(lines)


def _run(folder: Path, url: str, sizes: Sizes) -> tuple[Steps, int]:
    steps = Steps()
    directory = write_reference(
        catalogue(),
        folder / "csv",
        prefix_count=sizes.prefix_count,
        subscriber_count=sizes.subscriber_count,
        plan_count=sizes.plan_count,
    )
    with steps.step("validate the files, a part of each load"):
        data = read_reference(directory)
        content_hash(data.tables)
    with steps.step("load into a database without these rows"):
        loaded = load(directory, url)
    with steps.step("load the same again: compared, unchanged"):
        load(directory, url)
    with (directory / f"{HOLIDAYS.name}.csv").open("a", encoding="utf-8") as file:
        file.write(_CHANGE)
    with steps.step("load with one row more: all replaced"):
        load(directory, url)
    with steps.step("read the snapshot"):
        snapshot = read_snapshot(url)
    with steps.step("write the snapshot into a new lake"):
        catalog = Catalog(folder / "lake")
        catalog.create_tables()
        write_snapshot(catalog, snapshot)
    return steps, sum(loaded.counts.values())
