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
    """The reference data of one load, by table name: frames for the engine, rows for the facts that shape a plan.

    `load` is the identity of the load in the lake; the number alone repeats when a database is made anew.
    """

    load: str
    version: int
    frames: dict[str, "DataFrame"]
    rows: dict[str, pa.Table]


def pinned_versions(catalog: Catalog, load: str | None = None) -> dict[str, int]:
    """Delta version of each reference table in one whole load, the newest by default; LakeError when there is none."""
    return agreed_versions(_histories(catalog, load))


def newest_load(catalog: Catalog) -> str:
    """Identity of the newest whole load; LakeError when there is none."""
    return _newest(catalog)[0]


def _newest(catalog: Catalog) -> tuple[str, dict[str, int]]:
    histories = _histories(catalog)
    versions = agreed_versions(histories)
    name, version = next(iter(versions.items()))
    load = next(commit.write_id for commit in histories[name] if commit.version == version)
    return load or "", versions


def _histories(catalog: Catalog, load: str | None = None) -> dict[str, list[Commit]]:
    """The commits of each reference table, newest first; of one load if given."""
    return {
        table.name: [
            Commit(int(commit["version"]), commit.get("write_id"))
            for commit in catalog.delta(table).history()
            if load in {None, commit.get("write_id")}
        ]
        for table in tables.reference.TABLES
    }


def reference_version(catalog: Catalog) -> int:
    """Number of the newest whole load; LakeError when there is none."""
    plans = tables.reference.RATE_PLANS
    rows = catalog.read(plans, columns=("reference_version",), version=pinned_versions(catalog)[plans.name])
    return int(rows["reference_version"][0].as_py())


def reference_snapshot(lake: Lake) -> ReferenceSnapshot:
    """Every reference table, pinned to the newest whole load; LakeError when there is none."""
    plans = tables.reference.RATE_PLANS.name
    load, versions = _newest(lake.catalog)
    frames = {table.name: lake.frame(table, version=versions[table.name]) for table in tables.reference.TABLES}
    rows = {table.name: lake.catalog.read(table, version=versions[table.name]) for table in tables.reference.TABLES}
    return ReferenceSnapshot(load, int(rows[plans]["reference_version"][0].as_py()), frames, rows)
