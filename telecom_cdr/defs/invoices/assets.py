"""The invoice layer: lines, and invoices made of them."""

from dagster import AssetExecutionContext, MaterializeResult, multi_asset

from telecom_cdr import billing
from telecom_cdr.defs.describe import spec
from telecom_cdr.defs.months import read_checked, replace
from telecom_cdr.defs.partitions import ONE_MONTH_A_RUN
from telecom_cdr.defs.resources import LakeResource
from telecom_cdr.lakehouse.lake import reference_snapshot
from telecom_cdr.tables.invoices import INVOICES, LINES
from telecom_cdr.tables.rated import USAGE
from telecom_cdr.tables.reference import CUSTOMERS, DISCOUNTS, FEES, PRODUCTS, RATE_PLANS, SUBSCRIPTIONS, TAX_RATES

_TERMS = (CUSTOMERS, SUBSCRIPTIONS, RATE_PLANS, PRODUCTS, DISCOUNTS, FEES, TAX_RATES)


@multi_asset(name="draw_up_lines", specs=[spec(LINES, deps=[USAGE, *_TERMS])], backfill_policy=ONE_MONTH_A_RUN)
def lines(context: AssetExecutionContext, lake: LakeResource) -> MaterializeResult:
    """Usage, recurring, discount and fee lines of every customer billed."""
    month = context.partition_key
    rated = read_checked(lake, [USAGE], month)[USAGE]
    reference = reference_snapshot(lake.lake)
    rows = billing.invoice_lines(rated, reference.frames, reference.rows, month)
    return replace(context, lake, LINES, rows, reference_version=reference.version)


@multi_asset(name="invoice", specs=[spec(INVOICES, deps=[LINES, CUSTOMERS])], backfill_policy=ONE_MONTH_A_RUN)
def invoices(context: AssetExecutionContext, lake: LakeResource) -> MaterializeResult:
    """One invoice a customer: net, tax and total."""
    month = context.partition_key
    checked = read_checked(lake, [LINES], month)[LINES]
    reference = reference_snapshot(lake.lake)
    return replace(context, lake, INVOICES, billing.invoices(checked, reference.frames["customers"], month))
