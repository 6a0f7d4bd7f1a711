"""Jobs, named for the business act."""

from typing import Final

from dagster import AssetSelection, define_asset_job, in_process_executor

from telecom_cdr.defs.describe import key
from telecom_cdr.tables.assurance import RECONCILIATION
from telecom_cdr.tables.raw import CDRS

# One process a run: the engine is what runs in parallel.
EXECUTOR: Final = in_process_executor

INGEST: Final = define_asset_job(
    "ingest",
    selection=AssetSelection.assets(key(CDRS)).without_checks(),
    description="Take every new record of the source, once. Any month may be chosen: all that is there is taken.",
)
BILL_MONTH: Final = define_asset_job(
    "bill_month",
    selection=AssetSelection.groups("mediated", "rated", "reports")
    | AssetSelection.assets(["invoices", "lines"], ["invoices", "invoices"], key(RECONCILIATION)),
    description="Mediate, rate, invoice and report one billing month from what raw holds.",
)
JOBS: Final = (INGEST, BILL_MONTH)
