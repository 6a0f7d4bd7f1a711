"""The reference layer: the snapshot of the operational database, all tables in one version."""

from collections.abc import Iterator

from dagster import AssetExecutionContext, MaterializeResult, multi_asset

from telecom_cdr import tables
from telecom_cdr.defs.describe import key, spec
from telecom_cdr.defs.resources import LakeResource
from telecom_cdr.reference.database import read_snapshot
from telecom_cdr.reference.snapshot import write_snapshot


@multi_asset(
    name="snapshot_reference",
    specs=[spec(table, kinds=("deltalake", "sql")) for table in tables.reference.TABLES],
)
def reference(context: AssetExecutionContext, lake: LakeResource) -> Iterator[MaterializeResult]:
    """Copy the newest load of the database into the lake."""
    settings = lake.settings
    snapshot = read_snapshot(
        settings.database_url, patience_seconds=settings.database_wait_seconds, say=context.log.warning
    )
    write_snapshot(lake.lake.catalog, snapshot)
    context.log.info(f"reference data, version {snapshot.version}")
    for table in tables.reference.TABLES:
        yield MaterializeResult(
            asset_key=key(table),
            metadata={
                "dagster/row_count": snapshot.tables[table.name].num_rows,
                "reference_version": snapshot.version,
            },
        )
