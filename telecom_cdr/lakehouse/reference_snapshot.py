"""The reference data that a run reads: one whole load, pinned.

A load replaces table after table, so that a reader could meet two of them; it reads the newest load that every
table has whole. Here: finding and reading it. Not here: loading and writing it (`reference`).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from telecom_cdr import tables
from telecom_cdr.lakehouse.catalog import Catalog
from telecom_cdr.lakehouse.lake import Lake
from telecom_cdr.reference.snapshot import Commit, agreed_versions

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


@dataclass(frozen=True)
class ReferenceSnapshot:
    """The reference data of one load, by table name: frames for the engine, rows for the facts that shape a plan."""

    version: int
    frames: dict[str, "DataFrame"]
    rows: dict[str, pa.Table]


def pinned_versions(catalog: Catalog) -> dict[str, int]:
    """Delta version of each reference table in the newest whole load; LakeError when there is none."""
    histories = {
        table.name: [
            Commit(int(commit["version"]), commit.get("write_id")) for commit in catalog.delta(table).history()
        ]
        for table in tables.reference.TABLES
    }
    return agreed_versions(histories)


def reference_version(catalog: Catalog) -> int:
    """Number of the newest whole load; LakeError when there is none."""
    plans = tables.reference.RATE_PLANS
    rows = catalog.read(plans, columns=("reference_version",), version=pinned_versions(catalog)[plans.name])
    return int(rows["reference_version"][0].as_py())


def reference_snapshot(lake: Lake) -> ReferenceSnapshot:
    """Every reference table, pinned to the newest whole load; LakeError when there is none."""
    versions = pinned_versions(lake.catalog)
    frames = {table.name: lake.frame(table, version=versions[table.name]) for table in tables.reference.TABLES}
    rows = {table.name: lake.catalog.read(table, version=versions[table.name]) for table in tables.reference.TABLES}
    version = int(rows[tables.reference.RATE_PLANS.name]["reference_version"][0].as_py())
    return ReferenceSnapshot(version, frames, rows)
