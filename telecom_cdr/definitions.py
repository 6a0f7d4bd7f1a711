"""The code location: assets, checks, jobs, schedules, sensors and resources, assembled once."""

from dagster import AssetSpec, Definitions

from telecom_cdr import tables
from telecom_cdr.defs.assurance import assets as assurance
from telecom_cdr.defs.checks import checks_for
from telecom_cdr.defs.describe import spec
from telecom_cdr.defs.invoices import assets as invoices
from telecom_cdr.defs.jobs import EXECUTOR, JOBS
from telecom_cdr.defs.mediated import assets as mediated
from telecom_cdr.defs.rated import assets as rated
from telecom_cdr.defs.raw import assets as raw
from telecom_cdr.defs.reference import assets as reference
from telecom_cdr.defs.reports import assets as reports
from telecom_cdr.defs.resources import LakeResource
from telecom_cdr.defs.schedules import SCHEDULES
from telecom_cdr.defs.sensors import SENSORS
from telecom_cdr.lakehouse.engine import prepare_environment
from telecom_cdr.lakehouse.month_checks import CHECKED

prepare_environment()

ASSETS = (
    raw.cdrs,
    mediated.mediated,
    rated.usage,
    invoices.lines,
    invoices.invoices,
    reports.reports,
    assurance.reconciliation,
    reference.reference,
)
# Written by the system itself, beside the assets.
RECORDS: tuple[AssetSpec, ...] = tuple(
    spec(table, kinds=("deltalake",)).replace_attributes(partitions_def=None)
    for table in (
        tables.raw.FILES,
        tables.raw.GAPS,
        tables.invoices.BILLING_PERIODS,
        tables.assurance.VERDICTS,
        tables.assurance.VERIFICATIONS,
    )
)

defs = Definitions(
    assets=[*ASSETS, *RECORDS],
    asset_checks=[checks_for(table) for table in CHECKED],
    jobs=JOBS,
    schedules=SCHEDULES,
    sensors=SENSORS,
    resources={"lake": LakeResource()},
    executor=EXECUTOR,
)
