"""The invoice layer: lines, and invoices made of them."""

from dagster import AssetExecutionContext, MaterializeResult, multi_asset

from telecom_cdr.billing.invoices import invoices as draw_up_invoices
from telecom_cdr.billing.lines import invoice_lines
from telecom_cdr.billing.terms import BillingTerms
from telecom_cdr.defs.describe import spec
from telecom_cdr.defs.months import read_checked, replace
from telecom_cdr.defs.partitions import ONE_MONTH_A_RUN
from telecom_cdr.defs.resources import LakeResource
from telecom_cdr.lakehouse.reference_snapshot import reference_snapshot
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
    rows = {name: reference.rows[name].to_pylist() for name in ("discounts", "fees", "tax_rates")}
    terms = BillingTerms.of(reference.frames, rows, month)
    return replace(context, lake, LINES, invoice_lines(rated, terms), reference=reference)


@multi_asset(name="invoice", specs=[spec(INVOICES, deps=[LINES, CUSTOMERS])], backfill_policy=ONE_MONTH_A_RUN)
def invoices(context: AssetExecutionContext, lake: LakeResource) -> MaterializeResult:
    """One invoice a customer: net, tax and total."""
    month = context.partition_key
    checked = read_checked(lake, [LINES], month)[LINES]
    reference = reference_snapshot(lake.lake)
    drawn_up = draw_up_invoices(checked, reference.frames["customers"], month)
    return replace(context, lake, INVOICES, drawn_up, reference=reference)
