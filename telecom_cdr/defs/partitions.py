"""The one partitioning: billing months. Keys are names of months; the operator's zone decides what a month is."""

from typing import Final

from dagster import BackfillPolicy, MonthlyPartitionsDefinition

from telecom_cdr.settings import Settings

BILLING_MONTHS: Final = MonthlyPartitionsDefinition(start_date=Settings().first_month, fmt="%Y-%m", end_offset=1)
ONE_MONTH_A_RUN: Final = BackfillPolicy.multi_run(max_partitions_per_run=1)
EVERYTHING_IN_ONE_RUN: Final = BackfillPolicy.single_run()
