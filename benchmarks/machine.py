"""What the figures were measured on: processor, memory, versions, commit."""

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Final

import psutil

_PACKAGES: Final = ("duckdb", "polars", "deltalake", "pyarrow", "pysail", "pyspark", "dagster")


def describe(checkout: Path) -> dict[str, str]:
    """One line of text for each fact."""
    memory = psutil.virtual_memory().total / 2**30
    return {
        "machine": f"{os.cpu_count()} cores of {_processor()}, {memory:.0f} GiB",
        "system": f"{platform.system()} {platform.release()}",
        "versions": ", ".join(
            [f"python {platform.python_version()}", *(f"{name} {version(name)}" for name in _PACKAGES)]
        ),
        "commit": _commit(checkout),
    }


def free_bytes(folder: Path) -> int:
    """Space left where a folder is or will be."""
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    return psutil.disk_usage(str(existing)).free


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def _commit(checkout: Path) -> str:
    asked = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=checkout, capture_output=True, text=True, check=False
    )
    return asked.stdout.strip() or "unknown"
