"""Schedules: when the business acts happen by themselves. Off until somebody switches them on."""

from datetime import timedelta
from typing import Final

from dagster import DefaultScheduleStatus, RunRequest, ScheduleEvaluationContext, SkipReason, schedule

from telecom_cdr.defs.jobs import BILL_MONTH
from telecom_cdr.defs.partitions import BILLING_MONTHS
from telecom_cdr.lakehouse.catalog import Catalog
from telecom_cdr.settings import Settings
from telecom_cdr.tables.raw import CDRS


@schedule(
    job=BILL_MONTH,
    cron_schedule="0 3 2 * *",
    execution_timezone=Settings().timezone,
    default_status=DefaultScheduleStatus.STOPPED,
    description="On the second of each month, 03:00 local time: bills the month before.",
)
def bill_last_month(context: ScheduleEvaluationContext) -> RunRequest | SkipReason:
    """Ask for the month before the one of the tick."""
    month = f"{context.scheduled_execution_time.replace(day=1) - timedelta(days=1):%Y-%m}"
    if month not in BILLING_MONTHS.get_partition_keys(current_time=context.scheduled_execution_time):
        return SkipReason(f"{month} is before the first billing month, {Settings().first_month}")
    catalog = Catalog(Settings().lake)
    if not catalog.exists or month not in catalog.months(CDRS):
        return SkipReason(f"raw/cdrs holds no record of {month}: nothing to bill")
    return RunRequest(run_key=month, partition_key=month)


SCHEDULES: Final = (bill_last_month,)
