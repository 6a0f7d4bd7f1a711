"""The rated layer: usage events with their charges."""

from dagster import AssetExecutionContext, MaterializeResult, multi_asset

from telecom_cdr import tables
from telecom_cdr.defs.describe import spec
from telecom_cdr.defs.months import read_checked, replace
from telecom_cdr.defs.partitions import ONE_MONTH_A_RUN
from telecom_cdr.defs.resources import LakeResource
from telecom_cdr.lakehouse.reference_snapshot import reference_snapshot
from telecom_cdr.lakehouse.tariffs import Market, tariff_of
from telecom_cdr.rating.events import usage_events
from telecom_cdr.rating.usage import rate
from telecom_cdr.tables.mediated import DATA, SMS, VOICE
from telecom_cdr.tables.rated import USAGE
from telecom_cdr.tables.reference import (
    ALLOWANCES,
    DESTINATIONS,
    HOLIDAYS,
    NUMBER_PORTABILITY,
    PRODUCTS,
    RATE_PLANS,
    RATE_TIERS,
    RATES,
    SUBSCRIPTIONS,
    TIME_BANDS,
)

_TARIFF = (
    SUBSCRIPTIONS,
    RATE_PLANS,
    PRODUCTS,
    RATES,
    RATE_TIERS,
    ALLOWANCES,
    DESTINATIONS,
    TIME_BANDS,
    HOLIDAYS,
    NUMBER_PORTABILITY,
)


@multi_asset(
    name="rate",
    specs=[spec(USAGE, deps=[VOICE, SMS, DATA, *_TARIFF])],
    backfill_policy=ONE_MONTH_A_RUN,
)
def usage(context: AssetExecutionContext, lake: LakeResource) -> MaterializeResult:
    """Give every usage event of a month its charge, or the reason why it has none."""
    month = context.partition_key
    mediated = read_checked(lake, tables.mediated.TABLES, month)
    events = usage_events(mediated[VOICE], mediated[SMS], mediated[DATA])
    reference = reference_snapshot(lake.lake)
    settings = lake.settings
    tariff = tariff_of(
        lake.lake.session,
        events,
        reference.frames,
        reference.rows,
        Market(settings.timezone, settings.home_operator),
        reference.version,
    )
    return replace(context, lake, USAGE, rate(events, tariff), reference=reference)
