"""`telecom-cdr bench`: the product against the same work written by hand, from a clone of the project.

The comparison itself is the package `benchmarks` beside this one, which is not installed.
"""

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from telecom_cdr.errors import InputError


def bench(
    cdrs: Annotated[list[int] | None, typer.Option("--cdrs", min=1, metavar="N", help="Records; may be repeated.")] = (
        None
    ),
    months: Annotated[int, typer.Option(min=1, max=12, help="Months that the records are spread over.")] = 1,
    repeat: Annotated[int, typer.Option(min=1, help="Runs of each; medians are shown.")] = 1,
) -> None:
    """Compare with hand-written DuckDB and Polars on the same records: seconds, memory, and every invoice."""
    sizes = [str(size) for size in cdrs or [100_000, 1_000_000]]
    command = [sys.executable, "-m", "benchmarks", "compare", "--cdrs", *sizes]
    command += ["--months", str(months), "--repeat", str(repeat)]
    raise typer.Exit(subprocess.run(command, cwd=_checkout(), check=False).returncode)


def _checkout() -> Path:
    root = Path(__file__).resolve().parents[2]
    if not (root / "benchmarks" / "__main__.py").is_file():
        raise InputError(f"the benchmarks are not in {root}: run this command from a clone of the project")
    return root
