"""Which checks a month of a table must pass, and running them on the engine.

Here: putting `quality` and `assurance` to work on the lake. Not here: what a rule says (there), nor what is done
with an outcome (`verdicts`, the Dagster checks, the `check` command).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
from deltalake import DeltaTable

from telecom_cdr.assurance.explained import charge_is_explained, lines_are_explained
from telecom_cdr.assurance.reconcile import ReconciliationRow, reconcile, tables_of
from telecom_cdr.assurance.totals import TABLES as TOTALLED
from telecom_cdr.assurance.totals import control_totals
from telecom_cdr.lakehouse import verdicts
from telecom_cdr.lakehouse.catalog import Catalog, MonthVersion
from telecom_cdr.lakehouse.lake import Lake
from telecom_cdr.quality.table_checks import TableCheck, by_check, checks_of, duplicate_keys, foreign_keys, orphans
from telecom_cdr.quality.table_checks import violations as count_violations
from telecom_cdr.tables import BY_PATH, invoices, mediated, rated, raw, reports
from telecom_cdr.tables.differences import schema_differences
from telecom_cdr.tables.model import Table

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

Figures = Mapping[str, int | str | Decimal]
# (path of a table, fingerprint of a month's content) -> its control totals.
TotalsByContent = dict[tuple[str, str], dict[str, Decimal]]

# The stages whose last table is the one named: what reconciles once that table is there.
STAGES: Final[dict[str, tuple[str, ...]]] = {
    mediated.QUARANTINE.path: ("raw_to_mediated",),
    rated.USAGE.path: ("mediated_to_rated", "rated_to_payment"),
    invoices.LINES.path: ("rated_to_lines",),
    invoices.INVOICES.path: ("lines_to_invoices", "net_and_tax_to_total"),
    reports.REVENUE_BY_PLAN.path: ("prepaid", "lines_to_reports"),
}
EXPLAINED: Final = {
    rated.USAGE.path: "charges_are_explained",
    invoices.INVOICES.path: "lines_are_explained",
}
# What is worth knowing of a month and stops nothing: tables whose every row is something odd; the check, the figure.
WATCHED: Final = {reports.INCOMPLETE_SESSIONS.path: ("sessions_are_complete", "incomplete_session_count")}
CONTROL_TOTALS: Final = "control_totals"
AS_WRITTEN: Final = "is_as_written"
# Layers whose months are checked, in the order in which they are made.
CHECKED: Final[tuple[Table, ...]] = (
    raw.CDRS,
    *mediated.TABLES,
    rated.USAGE,
    invoices.LINES,
    invoices.INVOICES,
    *reports.TABLES,
)


@dataclass(frozen=True)
class Outcome:
    """What one check of one table and month found."""

    month: MonthVersion
    check_name: str
    is_passed: bool
    figures: Figures


def blocking_checks(table: Table) -> tuple[str, ...]:
    """Names of the checks that a month of a table must pass before the next layer reads it."""
    explained = (EXPLAINED[table.path],) if table.path in EXPLAINED else ()
    return (*(check.value for check in checks_of(table)), *explained, *STAGES.get(table.path, ()))


def warning_checks(table: Table) -> tuple[str, ...]:
    """Names of the checks of a table that only warn."""
    return WATCHED[table.path][:1] if table.path in WATCHED else ()


def raw_version_of(catalog: Catalog, month: str) -> int | None:
    """Version of raw/cdrs that the mediated month was made from; None where nothing was made yet.

    Ingest may go on while a month is materialised: what came later is the next run's.
    """
    read = (catalog.month_version(table, month).raw_version for table in mediated.TABLES)
    # An empty month replaced by an empty one makes no commit: the newest write is the one that read the most.
    return max((version for version in read if version is not None), default=None)


@dataclass
class MonthChecker:
    """Runs the checks of one month, each table at the version that it had when it was first asked for.

    With `has_raw_as_read`, raw/cdrs is what the mediated month was made from, not what it holds now. Control totals
    are computed once a content and kept in `known`, which the checkers of one run share: equal fingerprints are equal
    rows.
    """

    lake: Lake
    month: str
    has_raw_as_read: bool = False
    known: TotalsByContent = field(default_factory=dict)
    _versions: dict[str, MonthVersion] = field(default_factory=dict)

    def totals(self, table: Table) -> dict[str, Decimal]:
        """Control totals of a table's month; none for a table that nothing reconciles."""
        if table not in TOTALLED:
            return {}
        content = table.path, self._version(table).fingerprint
        if content not in self.known:
            self.known[content] = _one_row(control_totals(table, self._frame(table)))
        return self.known[content]

    def reconciliation(self) -> list[ReconciliationRow]:
        """Every stage of the month."""
        return reconcile({table.path: self.totals(table) for table in TOTALLED})

    def outcomes(self, table: Table) -> list[Outcome]:
        """Run every blocking check of a table on what its month holds now."""
        version, frame = self._version(table), self._frame(table)
        found = self._generated(table, frame)
        if table.path in EXPLAINED:
            found[EXPLAINED[table.path]] = self._explained(table, frame)
        for stage in STAGES.get(table.path, ()):
            found[stage] = self._stage(stage)
        return [Outcome(version, name, _is_clean(figures), figures) for name, figures in found.items()]

    def warnings(self, table: Table) -> list[Outcome]:
        """Run every check of a table that only warns; its failure blocks nothing, and no verdict is kept."""
        if table.path not in WATCHED:
            return []
        version, (check_name, figure) = self._version(table), WATCHED[table.path]
        return [Outcome(version, check_name, not version.record_count, {figure: version.record_count})]

    def control_totals(self, table: Table) -> Outcome:
        """What the month of a table adds up to: recorded with the verdicts, so that later changes show."""
        version = self._version(table)
        totals = self.totals(table) or {"records": Decimal(version.record_count)}
        return Outcome(version, CONTROL_TOTALS, is_passed=True, figures=totals)

    def as_written(self, table: Table) -> Outcome:
        """Whether the month still holds exactly what the newest verdicts were given on, and by how much it differs."""
        now = self.control_totals(table)
        then = verdicts.newest(self.lake.catalog, table, self.month, CONTROL_TOTALS)
        if then is None:
            return Outcome(now.month, AS_WRITTEN, is_passed=False, figures={"unrecorded_version": now.month.version})
        recorded = json.loads(str(then["figures"]))
        figures: dict[str, int | str | Decimal] = {
            f"{name}_difference": Decimal(str(total)) - Decimal(recorded.get(name, "0"))
            for name, total in now.figures.items()
        }
        is_same = then["month_fingerprint"] == now.month.fingerprint
        if not is_same:
            figures["data_files"] = f"changed outside a run since version {then['delta_version']}"
        return Outcome(now.month, AS_WRITTEN, is_passed=is_same and _is_clean(figures), figures=figures)

    def _version(self, table: Table) -> MonthVersion:
        if table.path not in self._versions:
            handle = self.lake.catalog.delta(table)
            if table is raw.CDRS and self.has_raw_as_read:
                self._load_as_read(handle)
            self._versions[table.path] = self.lake.catalog.month_version(table, self.month, handle)
        return self._versions[table.path]

    def _load_as_read(self, handle: DeltaTable) -> None:
        version = raw_version_of(self.lake.catalog, self.month)
        if version is not None:
            handle.load_as_version(version)

    def _frame(self, table: Table) -> "DataFrame":
        return self.lake.frame(table, self.month, self._version(table).version)

    def _generated(self, table: Table, frame: "DataFrame") -> dict[str, Figures]:
        counted = by_check(_one_row(count_violations(table, frame, self.month)))
        found: dict[str, Figures] = {}
        for check in checks_of(table):
            if check is TableCheck.SCHEMA:
                found[check.value] = {**self._schema_differences(table), **counted.get(check, {})}
            elif check is TableCheck.KEY_IS_UNIQUE:
                found[check.value] = _one_row(duplicate_keys(table, frame))
            elif check is TableCheck.FOREIGN_KEYS:
                found[check.value] = self._foreign_keys(table, frame)
            else:
                found[check.value] = counted.get(check, {})
        return found

    def _schema_differences(self, table: Table) -> Figures:
        actual = pa.schema(self.lake.catalog.delta(table).schema().to_arrow())
        differences = schema_differences(table, actual)
        return {"schema_difference_count": len(differences), "schema_differences": "; ".join(differences)}

    def _foreign_keys(self, table: Table, frame: "DataFrame") -> Figures:
        found: dict[str, int | str | Decimal] = {}
        for column, target in foreign_keys(table).items():
            row = _one_row(orphans(table, frame, self.lake.frame(target), column))
            found[f"{column}_orphans"] = row["orphan_row_count"]
            if row["orphan_row_count"]:
                found[f"{column}_example"] = row["example"]
        return found

    def _explained(self, table: Table, frame: "DataFrame") -> Figures:
        if table is rated.USAGE:
            return _one_row(charge_is_explained(frame))
        return _one_row(lines_are_explained(self._frame(invoices.LINES), frame))

    def _stage(self, stage: str) -> Figures:
        totals = {path: self.totals(BY_PATH[path]) for path in tables_of([stage])}
        figures: dict[str, int | str | Decimal] = {}
        for row in reconcile(totals, [stage]):
            figures[f"{row.measure}_difference"] = row.difference
            if not row.is_balanced:
                figures |= {f"{row.measure}_in": str(row.quantity_in), f"{row.measure}_out": str(row.quantity_out)}
        return figures


def _is_clean(figures: Figures) -> bool:
    """Every number is 0; text only explains."""
    return all(value == 0 for value in figures.values() if not isinstance(value, str))


def _one_row(frame: "DataFrame") -> dict[str, Any]:
    row: dict[str, Any] = frame.toArrow().to_pylist()[0]
    return row
