"""The report layer: six reports, each a table and a CSV file, and one page to read."""

from collections.abc import Iterator

from dagster import AssetExecutionContext, MaterializeResult, multi_asset

from telecom_cdr import reporting, tables
from telecom_cdr.defs.describe import spec
from telecom_cdr.defs.months import read_checked, replace
from telecom_cdr.defs.partitions import ONE_MONTH_A_RUN
from telecom_cdr.defs.resources import LakeResource
from telecom_cdr.lakehouse.exports import export_csv
from telecom_cdr.lakehouse.reference_snapshot import reference_snapshot
from telecom_cdr.tables.invoices import INVOICES, LINES
from telecom_cdr.tables.rated import USAGE
from telecom_cdr.tables.reports import (
    DAILY_REVENUE,
    INCOMPLETE_SESSIONS,
    PRODUCT_COSTS,
    REGIONAL_DISTRIBUTION,
    REVENUE_BY_PLAN,
    TOP_CUSTOMERS,
)


@multi_asset(
    name="report",
    specs=[spec(table, deps=[USAGE, LINES, INVOICES]) for table in tables.reports.TABLES],
    backfill_policy=ONE_MONTH_A_RUN,
)
def reports(context: AssetExecutionContext, lake: LakeResource) -> Iterator[MaterializeResult]:
    """Materialise every report of the month and export it."""
    month = context.partition_key
    rated = read_checked(lake, [USAGE], month)[USAGE]
    lines = read_checked(lake, [LINES], month)[LINES]
    invoices = read_checked(lake, [INVOICES], month)[INVOICES]
    reference = reference_snapshot(lake.lake)
    frames = reference.frames
    outputs = {
        REVENUE_BY_PLAN: reporting.revenue_by_plan(rated, lines, frames["rate_plans"], month),
        TOP_CUSTOMERS: reporting.top_customers(
            invoices, lines, rated, frames["customers"], frames["subscriptions"], month
        ),
        REGIONAL_DISTRIBUTION: reporting.regional_distribution(rated, month),
        PRODUCT_COSTS: reporting.product_costs(rated, month),
        DAILY_REVENUE: reporting.daily_revenue(rated, month),
        INCOMPLETE_SESSIONS: reporting.incomplete_sessions(rated, month),
    }
    for table, rows in outputs.items():
        result = replace(context, lake, table, rows, reference=reference)
        export_csv(lake.settings.lake, table, month, lake.lake.catalog.read(table, month))
        yield result
