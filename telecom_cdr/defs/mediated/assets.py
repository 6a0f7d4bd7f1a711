"""The mediated layer as one multi-asset: the rules are evaluated once, and five tables come from it."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING

from dagster import AssetExecutionContext, MaterializeResult, multi_asset

from telecom_cdr import mediation, tables
from telecom_cdr.defs.checks import check_and_record
from telecom_cdr.defs.describe import spec
from telecom_cdr.defs.months import replace
from telecom_cdr.defs.partitions import ONE_MONTH_A_RUN
from telecom_cdr.defs.resources import LakeResource
from telecom_cdr.errors import LakeError
from telecom_cdr.lakehouse import verdicts
from telecom_cdr.lakehouse.catalog import MonthVersion
from telecom_cdr.lakehouse.month_checks import blocking_checks
from telecom_cdr.tables.mediated import DATA, DUPLICATES, QUARANTINE, SMS, VOICE
from telecom_cdr.tables.model import Table
from telecom_cdr.tables.raw import CDRS
from telecom_cdr.tables.staging import COPIES, NORMALISED

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


@multi_asset(
    name="mediate",
    specs=[spec(table, deps=[CDRS]) for table in tables.mediated.TABLES],
    backfill_policy=ONE_MONTH_A_RUN,
)
def mediated(context: AssetExecutionContext, lake: LakeResource) -> Iterator[MaterializeResult]:
    """Validate, normalise, classify and deduplicate the raw records of a month."""
    month, settings = context.partition_key, lake.settings
    source = checked_raw(lake, month)
    raw = lake.lake.frame(CDRS, month, source.version)
    judged = mediation.normalise(raw, first_month=settings.first_month, home_operator=settings.home_operator)
    with ExitStack() as stack:

        def stored(table: Table, rows: "DataFrame") -> "DataFrame":
            return stack.enter_context(lake.lake.staged(table, month, context.run.run_id, rows))

        staged = stored(NORMALISED, judged)
        copies = stored(COPIES, mediation.copies(staged))
        outputs = {
            VOICE: mediation.voice(staged, copies),
            SMS: mediation.sms(staged, copies),
            DATA: mediation.data(staged, copies),
            QUARANTINE: mediation.quarantine(staged, raw),
            DUPLICATES: mediation.duplicates(staged, copies),
        }
        for table, rows in outputs.items():
            yield replace(context, lake, table, rows, raw_version=source.version)


def checked_raw(lake: LakeResource, month: str) -> MonthVersion:
    """The newest content of a raw month, checked now if ingest has not recorded a verdict on exactly that content.

    Ingest may go on while a month is materialised, so that the newest content often has no verdict yet.
    """
    catalog, required = lake.lake.catalog, blocking_checks(CDRS)
    version = catalog.month_version(CDRS, month)
    if verdicts.is_missing(catalog, version, required):
        version = check_and_record(lake, CDRS, month)[0].month
    verdicts.require_content(catalog, version, required)
    if not version.record_count and catalog.month_version(VOICE, month).record_count:
        raise LakeError(
            f"raw/cdrs holds nothing of {month} any more, but mediated/voice does: the month was made from records "
            "that are purged, so that it cannot be made again"
        )
    return version
