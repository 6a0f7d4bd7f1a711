"""What every monthly asset does around its one domain function: read what was checked, write, report."""

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from dagster import AssetExecutionContext, MaterializeResult

from telecom_cdr.defs.describe import materialised
from telecom_cdr.defs.resources import LakeResource
from telecom_cdr.lakehouse import verdicts
from telecom_cdr.lakehouse.month_checks import blocking_checks
from telecom_cdr.lakehouse.reference_snapshot import ReferenceSnapshot
from telecom_cdr.tables.model import Table

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def read_checked(lake: LakeResource, tables: Iterable[Table], month: str) -> dict[Table, "DataFrame"]:
    """The month of tables that were written together, pinned to what passed its checks; NotCheckedError otherwise."""
    passed = verdicts.require(lake.lake.catalog, {table: blocking_checks(table) for table in tables}, month)
    return {table: lake.lake.frame(table, month, version.version) for table, version in passed.items()}


def replace(
    context: AssetExecutionContext,
    lake: LakeResource,
    table: Table,
    rows: "DataFrame",
    *,
    raw_version: int | None = None,
    reference: ReferenceSnapshot | None = None,
    **metadata: object,
) -> MaterializeResult:
    """Replace the run's month of a table, and tell what it now holds."""
    started = time.monotonic()
    month = context.partition_key
    version = lake.lake.replace_month(
        table,
        month,
        rows,
        write_id=context.run.run_id,
        raw_version=raw_version,
        reference_load=reference.load if reference else "",
    )
    if reference is not None:
        metadata["reference_version"] = reference.version
    if raw_version is not None:
        metadata["raw_version"] = raw_version
    totals = lake.checker(month).totals(table)
    return materialised(lake.lake, version, totals, time.monotonic() - started, **metadata)
