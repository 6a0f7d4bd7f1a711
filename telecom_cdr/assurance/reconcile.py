"""What reconciles with what: each layer's control totals against the next layer's, in exact decimals.

Here: the stages, as data. Not here: how a table's figures are made (`totals`), nor whether single rows add up
(`explained`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from telecom_cdr.assurance.totals import Totals
from telecom_cdr.errors import LakeError
from telecom_cdr.tables import invoices, mediated, rated, raw, reports
from telecom_cdr.vocabulary import Measure

# (path of a table, name of one of its control totals)
Figure = tuple[str, str]

_RAW = raw.CDRS.path
_VOICE, _SMS, _DATA = mediated.VOICE.path, mediated.SMS.path, mediated.DATA.path
_QUARANTINE, _DUPLICATES = mediated.QUARANTINE.path, mediated.DUPLICATES.path
_RATED, _LINES, _INVOICES = rated.USAGE.path, invoices.LINES.path, invoices.INVOICES.path
_REVENUE = reports.REVENUE_BY_PLAN.path


@dataclass(frozen=True)
class Comparison:
    """One measure of one stage: the sum of the figures that went in against the sum of those that came out."""

    stage: str
    measure: Measure
    received: tuple[Figure, ...]
    passed_on: tuple[Figure, ...]

    @property
    def tables(self) -> frozenset[str]:
        """Paths of the tables whose control totals it needs."""
        return frozenset(path for path, _ in (*self.received, *self.passed_on))


@dataclass(frozen=True)
class ReconciliationRow:
    """One row of `assurance/reconciliation`, without its month."""

    stage: str
    measure: Measure
    quantity_in: Decimal
    quantity_out: Decimal

    @property
    def difference(self) -> Decimal:
        """What went in and did not come out."""
        return self.quantity_in - self.quantity_out

    @property
    def is_balanced(self) -> bool:
        """Whether nothing is missing or added; a rounding residue is shown, never a fault."""
        return self.measure is Measure.MONEY_ROUNDING or self.difference == 0

    def record(self, month: str) -> dict[str, str | Decimal]:
        """The row by column name, for a billing month `YYYY-MM`."""
        return {
            "stage": self.stage,
            "measure": self.measure.value,
            "quantity_in": self.quantity_in,
            "quantity_out": self.quantity_out,
            "difference": self.difference,
            "billing_month": month,
        }


def _stage(name: str, *measures: tuple[Measure, tuple[Figure, ...], tuple[Figure, ...]]) -> tuple[Comparison, ...]:
    return tuple(Comparison(name, measure, received, passed_on) for measure, received, passed_on in measures)


COMPARISONS: Final = (
    *_stage(
        "raw_to_mediated",
        (
            Measure.RECORDS,
            ((_RAW, "records"),),
            tuple((path, "records") for path in (_VOICE, _SMS, _DATA, _QUARANTINE, _DUPLICATES)),
        ),
    ),
    *_stage(
        "mediated_to_rated",
        (
            Measure.RECORDS,
            ((_VOICE, "records"), (_SMS, "records"), (_DATA, "records")),
            ((_RATED, "rated_records"), (_RATED, "unrated_records")),
        ),
        (Measure.SECONDS, ((_VOICE, "seconds"),), ((_RATED, "rated_seconds"), (_RATED, "unrated_seconds"))),
        (Measure.BYTES, ((_DATA, "bytes"),), ((_RATED, "rated_bytes"), (_RATED, "unrated_bytes"))),
    ),
    # Every charge is either invoiced or prepaid: the two payment types leave nothing over.
    *_stage(
        "rated_to_payment",
        (
            Measure.RECORDS,
            ((_RATED, "rated_records"),),
            ((_RATED, "postpaid_records"), (_RATED, "prepaid_records")),
        ),
        (Measure.MONEY, ((_RATED, "charges"),), ((_RATED, "postpaid_charges"), (_RATED, "prepaid_charges"))),
    ),
    # Prepaid charges are never invoiced, so that what passes them on is the report.
    *_stage(
        "prepaid",
        (Measure.RECORDS, ((_RATED, "prepaid_records"),), ((_REVENUE, "prepaid_events"),)),
        (Measure.MONEY, ((_RATED, "prepaid_charges"),), ((_REVENUE, "prepaid_charges"),)),
    ),
    *_stage(
        "rated_to_lines",
        (Measure.RECORDS, ((_RATED, "postpaid_records"),), ((_LINES, "usage_events"),)),
        (Measure.MONEY, ((_RATED, "postpaid_charges"),), ((_LINES, "usage_unrounded"),)),
    ),
    *_stage("rounding", (Measure.MONEY_ROUNDING, ((_LINES, "usage_unrounded"),), ((_LINES, "usage_listed"),))),
    *_stage(
        "lines_to_invoices",
        (Measure.RECORDS, ((_LINES, "records"),), ((_INVOICES, "lines"),)),
        (Measure.MONEY, ((_LINES, "net"),), ((_INVOICES, "net"),)),
    ),
    *_stage(
        "net_and_tax_to_total",
        (Measure.MONEY, ((_INVOICES, "net"), (_INVOICES, "tax")), ((_INVOICES, "total"),)),
    ),
    *_stage(
        "lines_to_reports",
        (Measure.MONEY, ((_LINES, "net"),), ((_REVENUE, "net"),)),
    ),
)
STAGES: Final = tuple(dict.fromkeys(comparison.stage for comparison in COMPARISONS))


def tables_of(stages: Iterable[str] = STAGES) -> frozenset[str]:
    """Paths of the tables whose control totals the stages need."""
    chosen = frozenset(stages)
    return frozenset(path for comparison in COMPARISONS if comparison.stage in chosen for path in comparison.tables)


def reconcile(totals: Mapping[str, Totals], stages: Iterable[str] = STAGES) -> list[ReconciliationRow]:
    """Compare the control totals of one billing month, by path of table, stage by stage.

    Records, seconds, bytes and money are exact: a row that was lost, added or changed shows as a difference.
    LakeError when a stage lacks the totals of a table that it needs, or is not known.
    """
    chosen = tuple(stages)
    unknown = sorted(set(chosen) - set(STAGES))
    if unknown:
        raise LakeError(f"reconciliation has no stage {', '.join(unknown)}; it has {', '.join(STAGES)}")
    missing = sorted(tables_of(chosen) - set(totals))
    if missing:
        raise LakeError(f"reconciliation needs the control totals of {', '.join(missing)}: materialise them first")
    return [
        ReconciliationRow(
            comparison.stage,
            comparison.measure,
            _sum(totals, comparison.received),
            _sum(totals, comparison.passed_on),
        )
        for comparison in COMPARISONS
        if comparison.stage in chosen
    ]


def _sum(totals: Mapping[str, Totals], figures: Iterable[Figure]) -> Decimal:
    return sum((totals[path][name] for path, name in figures), Decimal(0))
