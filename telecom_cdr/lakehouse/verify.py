"""Verifying a month: what it was made from, and the result that is kept for the auditor.

Here: pinning a month as it stands, and the table `assurance/verifications`. Not here: the lake that a month is computed
in again (`verify_scratch`), the comparison of rows (`verify_compare`), the run itself (`cli`).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import uuid4

import pyarrow as pa

from telecom_cdr import __version__
from telecom_cdr.errors import LakeError
from telecom_cdr.lakehouse.catalog import Catalog, MonthVersion
from telecom_cdr.lakehouse.engines.capabilities import EMBEDDED, SPARK
from telecom_cdr.lakehouse.locks import month_lock
from telecom_cdr.lakehouse.month_checks import raw_version_of
from telecom_cdr.lakehouse.reference_snapshot import newest_load
from telecom_cdr.lakehouse.verify_compare import Comparison
from telecom_cdr.tables import invoices, mediated, rated, raw, reports
from telecom_cdr.tables.assurance import RECONCILIATION, VERIFICATIONS
from telecom_cdr.tables.model import Table

# Every table that a run writes, in the order in which it does.
VERIFIED: Final[tuple[Table, ...]] = (
    *mediated.TABLES,
    rated.USAGE,
    invoices.LINES,
    invoices.INVOICES,
    *reports.TABLES,
    RECONCILIATION,
)


@dataclass(frozen=True)
class Made:
    """A month as it stands: the exact content of every table, and what it was made from.

    `raw_version` is None for a month that has no record. `engine` is empty where it was not recorded.
    """

    month: str
    tables: dict[Table, MonthVersion]
    raw_version: int | None
    reference_load: str
    engine: str

    @property
    def other_engine(self) -> str:
        """The engine that shows most: not the one that made the month."""
        return EMBEDDED if self.engine.split(" ")[0] == SPARK else SPARK


def pin(catalog: Catalog, month: str, waiting: Callable[[str], None] | None = None) -> Made:
    """The month as it stands; one that is just being made is waited for, and `waiting` told.

    Raises LakeError when the month was never made, or when its layers were made from different loads.
    """
    with month_lock(catalog.root, month, waiting):
        found = {table: catalog.month_version(table, month) for table in VERIFIED}
        if not found[RECONCILIATION].record_count:
            raise LakeError(f"{month} was never made whole: run `telecom-cdr run --month {month}`")
        raw_version = raw_version_of(catalog, month)
        if raw_version is None and catalog.month_version(raw.CDRS, month).record_count:
            raise LakeError(
                f"{month} was made when raw/cdrs held nothing of it, and does now: "
                f"run `telecom-cdr run --month {month}` first"
            )
        return Made(month, found, raw_version, _load(catalog, found), found[RECONCILIATION].engine)


def _load(catalog: Catalog, found: dict[Table, MonthVersion]) -> str:
    """The load that all layers were made from; the newest for a month that holds nothing."""
    recorded = {version.reference_load: table.path for table, version in found.items() if version.reference_load}
    if len(recorded) > 1:
        told = ", ".join(f"{path} from {load}" for load, path in sorted(recorded.items()))
        month = found[RECONCILIATION].month
        raise LakeError(
            f"the layers of {month} were made from different reference data ({told}): "
            f"run `telecom-cdr run --month {month}` first"
        )
    if not recorded and found[rated.USAGE].record_count:
        month = found[RECONCILIATION].month
        raise LakeError(
            f"{month} was made before runs recorded their reference data: run `telecom-cdr run --month {month}` first"
        )
    return next(iter(recorded), None) or newest_load(catalog)


def keep(catalog: Catalog, made: Made, compared: Iterable[Comparison], *, engine: str, now: datetime) -> None:
    """Record what a verification on an engine found, table by table, for ever."""
    catalog.create_tables([VERIFICATIONS])
    identity = str(uuid4())
    rows = [
        {
            "verification_id": identity,
            "table_name": found.table.path,
            "delta_version": made.tables[found.table].version,
            "month_fingerprint": made.tables[found.table].fingerprint,
            "write_id": made.tables[found.table].write_id,
            "raw_version": made.raw_version,
            "reference_load": made.reference_load,
            "made_on": made.engine,
            "verified_on": engine,
            "row_count": found.row_count,
            "computed_row_count": found.computed_row_count,
            "missing_row_count": found.missing_row_count,
            "surplus_row_count": found.surplus_row_count,
            "differing_row_count": found.differing_row_count,
            "type_differences": "; ".join(found.type_differences),
            "is_equal": found.is_equal,
            "software_version": __version__,
            "verified_utc": now,
            "billing_month": made.month,
        }
        for found in compared
    ]
    catalog.append(VERIFICATIONS, pa.Table.from_pylist(rows, schema=VERIFICATIONS.arrow_schema))
