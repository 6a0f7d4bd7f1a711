"""The assurance tables: the reconciliation of each month, and the verdicts that checks leave behind."""

import time
from typing import TYPE_CHECKING

import pyarrow as pa
from dagster import AssetExecutionContext, MaterializeResult, MetadataValue, multi_asset

from telecom_cdr.defs.describe import materialised, spec
from telecom_cdr.defs.partitions import ONE_MONTH_A_RUN
from telecom_cdr.defs.resources import LakeResource
from telecom_cdr.lakehouse.exports import export_csv, export_page
from telecom_cdr.tables.assurance import RECONCILIATION
from telecom_cdr.tables.invoices import INVOICES, LINES
from telecom_cdr.tables.mediated import TABLES as MEDIATED
from telecom_cdr.tables.rated import USAGE
from telecom_cdr.tables.raw import CDRS
from telecom_cdr.tables.reports import REVENUE_BY_PLAN

if TYPE_CHECKING:
    from telecom_cdr.assurance.reconcile import ReconciliationRow

_COMPARED = (CDRS, *MEDIATED, USAGE, LINES, INVOICES, REVENUE_BY_PLAN)


@multi_asset(name="reconcile", specs=[spec(RECONCILIATION, deps=_COMPARED)], backfill_policy=ONE_MONTH_A_RUN)
def reconciliation(context: AssetExecutionContext, lake: LakeResource) -> MaterializeResult:
    """Compare the counts and the money of every layer with the next."""
    started, month = time.monotonic(), context.partition_key
    found = lake.checker(month).reconciliation()
    rows = pa.Table.from_pylist([row.record(month) for row in found], schema=RECONCILIATION.arrow_schema)
    version = lake.lake.replace_month(
        RECONCILIATION, month, lake.lake.session.createDataFrame(rows), write_id=context.run.run_id
    )
    export_csv(lake.settings.lake, RECONCILIATION, month, rows)
    export_page(lake.lake.catalog, month)
    return materialised(
        lake.lake, version, {}, time.monotonic() - started, reconciliation=MetadataValue.md(_as_markdown(found))
    )


def _as_markdown(rows: "list[ReconciliationRow]") -> str:
    head = "| stage | measure | in | out | difference |\n| --- | --- | ---: | ---: | ---: |\n"
    return head + "\n".join(
        f"| {row.stage} | {row.measure} | {row.quantity_in:f} | {row.quantity_out:f} | {row.difference:f} |"
        for row in rows
    )
