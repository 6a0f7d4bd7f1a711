"""What a write that was cut off leaves behind: data files that no version of a table names, and staged rows.

They are never read; they only take room. Here: finding them. Not here: removing anything.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import unquote

import pyarrow as pa

from telecom_cdr import tables
from telecom_cdr.lakehouse.catalog import STAGING, Catalog
from telecom_cdr.tables.model import Table

_LOG: Final = "_delta_log"


def orphans(catalog: Catalog) -> dict[str, list[Path]]:
    """Data files of each table that neither its newest version nor any commit in its log names."""
    found = {table.path: list(_orphans_of(catalog, table)) for table in tables.ALL}
    return {name: files for name, files in found.items() if files}


def leftover_staging(catalog: Catalog) -> list[Path]:
    """Folders of intermediate rows; a run drops its own at its end."""
    folder = catalog.root / STAGING
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _orphans_of(catalog: Catalog, table: Table) -> Iterator[Path]:
    root = Path(catalog.path(table))
    named = set(_committed(root))
    active = pa.table(catalog.delta(table).get_add_actions(flatten=True))
    named.update(unquote(path) for path in (active["path"].to_pylist() if active.num_rows else ()))
    for file in sorted(root.rglob("*.parquet")):
        if _LOG not in file.parts and unquote(str(file.relative_to(root))) not in named:
            yield file


def _committed(root: Path) -> Iterator[str]:
    for commit in (root / _LOG).glob("*.json"):
        for line in commit.read_text(encoding="utf-8").splitlines():
            action = json.loads(line)
            for kind in ("add", "remove"):
                if kind in action:
                    yield unquote(action[kind]["path"])
