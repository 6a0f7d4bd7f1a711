"""The rated layer: usage events with their charges."""

from dagster import AssetExecutionContext, MaterializeResult, multi_asset

from telecom_cdr import tables
from telecom_cdr.defs.describe import spec
from telecom_cdr.defs.months import read_checked, replace
from telecom_cdr.defs.partitions import ONE_MONTH_A_RUN
from telecom_cdr.defs.resources import LakeResource
from telecom_cdr.lakehouse.reference_snapshot import reference_snapshot
from telecom_cdr.rating.tariff import Tariff, tariff_facts
from telecom_cdr.rating.unsupported import refuse_unsupported
from telecom_cdr.rating.usage import rate
from telecom_cdr.tables.mediated import DATA, SMS, VOICE
from telecom_cdr.tables.rated import USAGE
from telecom_cdr.tables.reference import (
    ALLOWANCES,
    DESTINATIONS,
    PRODUCTS,
    RATE_PLANS,
    RATES,
    SUBSCRIPTIONS,
)

_JUDGED = ("rates", "rate_tiers", "allowances", "number_portability", "destinations")
_TARIFF = (SUBSCRIPTIONS, RATE_PLANS, PRODUCTS, RATES, ALLOWANCES, DESTINATIONS)


@multi_asset(
    name="rate",
    specs=[spec(USAGE, deps=[VOICE, SMS, DATA, *_TARIFF])],
    backfill_policy=ONE_MONTH_A_RUN,
)
def usage(context: AssetExecutionContext, lake: LakeResource) -> MaterializeResult:
    """Give every usage event of a month its charge, or the reason why it has none."""
    month = context.partition_key
    events = read_checked(lake, tables.mediated.TABLES, month)
    reference = reference_snapshot(lake.lake)
    rows = {name: table.to_pylist() for name, table in reference.rows.items() if name in _JUDGED}
    refuse_unsupported(rows)
    facts = tariff_facts(destinations=rows["destinations"], allowances=rows["allowances"])
    tariff = Tariff.of(reference.frames, facts, reference.version, lake.lake.held)
    charges = rate(events[VOICE], events[SMS], events[DATA], tariff)
    return replace(context, lake, USAGE, charges, reference=reference)
