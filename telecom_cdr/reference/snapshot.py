"""A state of the operational database becomes the `reference/*` tables of the lake.

Here: writing a snapshot, and which Delta versions belong to one. Not here: Delta itself (`lakehouse`).
Each table is a commit of its own, so a crash can leave some of them newer. All commits of a snapshot carry one
write id: a reader takes the newest id that every table has.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa

from telecom_cdr.errors import LakeError
from telecom_cdr.reference.database import Snapshot
from telecom_cdr.tables import reference
from telecom_cdr.tables.model import Table


class ReplacesTables(Protocol):
    """Where a snapshot is written: the lake's catalog."""

    def replace_all(self, table: Table, rows: pa.Table, write_id: str) -> int:
        """Replace every row in one commit that records the write id; gives the Delta version."""


@dataclass(frozen=True)
class Commit:
    """One commit of a table: its Delta version and the write id it carries, if any."""

    version: int
    write_id: str | None


def write_id_of(snapshot: Snapshot) -> str:
    """Identity of a snapshot in the lake; the content is part of it, for a new database counts from 1 again."""
    return f"reference-{snapshot.version}-{snapshot.content_sha256[:16]}"


def write_snapshot(catalog: ReplacesTables, snapshot: Snapshot) -> dict[str, int]:
    """Write every reference table to the lake; gives the Delta version by table name. Repeating it is safe."""
    write_id = write_id_of(snapshot)
    return {table.name: catalog.replace_all(table, snapshot.tables[table.name], write_id) for table in reference.TABLES}


def agreed_versions(histories: Mapping[str, Sequence[Commit]]) -> dict[str, int]:
    """The Delta version to read of each table: those of the newest snapshot that every table has whole.

    `histories`: commits by table name, newest first. Raises LakeError when there is no whole snapshot.
    """
    written: dict[str, dict[str, int]] = {name: {} for name in histories}
    for name, commits in histories.items():
        for commit in commits:
            if commit.write_id:
                written[name].setdefault(commit.write_id, commit.version)
    for write_id in _newest_first(written):
        if all(write_id in ids for ids in written.values()):
            return {name: ids[write_id] for name, ids in written.items()}
    raise LakeError("the lake holds no whole snapshot of the reference data: run `telecom-cdr reference load DIR`")


def _newest_first(written: Mapping[str, Mapping[str, int]]) -> list[str]:
    first = next(iter(written.values()), {})
    return sorted(first, key=lambda write_id: -first[write_id])
