"""The whole chain: records in, every month's events, charges, lines, invoices and totals out."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from telecom_cdr_tests.exact_model.billing import Bill, bill
from telecom_cdr_tests.exact_model.mediation import ModelSettings, Outcome, mediate
from telecom_cdr_tests.exact_model.rated_rows import rate
from telecom_cdr_tests.exact_model.raw import RawRecord
from telecom_cdr_tests.exact_model.tariff import Reference

Row = dict[str, object]

_EVENT_TABLES = ("voice", "sms", "data")


@dataclass(frozen=True)
class Month:
    """Everything of one billing month. `totals` has what each layer counts, by name."""

    outcomes: tuple[Outcome, ...]
    rated: tuple[Row, ...]
    bill: Bill
    totals: dict[str, Decimal]

    def table(self, name: str) -> list[Row]:
        """The rows of a mediated table: voice, sms, data, quarantine or duplicates."""
        return [outcome.row for outcome in self.outcomes if outcome.table == name]


def compute(
    records: Iterable[RawRecord],
    reference: Reference,
    settings: ModelSettings | None = None,
    months: Iterable[str] = (),
) -> dict[str, Month]:
    """Every billing month that has a record, and those named in `months`, which may have recurring lines only."""
    chosen = settings or ModelSettings()
    by_month: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in mediate(records, chosen):
        by_month[outcome.billing_month].append(outcome)
    return {month: _month(month, by_month[month], reference, chosen) for month in sorted({*by_month, *months})}


def _month(month: str, outcomes: list[Outcome], reference: Reference, settings: ModelSettings) -> Month:
    events = [outcome.event for outcome in outcomes if outcome.table in _EVENT_TABLES and outcome.event]
    rated = rate(events, reference, month, settings.home_operator, settings.timezone)
    result = bill(rated, reference, month)
    return Month(tuple(outcomes), tuple(rated), result, _totals(outcomes, rated, result))


def _totals(outcomes: list[Outcome], rated: list[Row], result: Bill) -> dict[str, Decimal]:
    totals: dict[str, Decimal] = defaultdict(Decimal)
    totals["records_raw"] = Decimal(len(outcomes))
    for outcome in outcomes:
        totals[f"records_{outcome.table}"] += 1
    for row in rated:
        service, status = row["service_type"], row["status"]
        totals[f"records_{status}"] += 1
        unit = {"voice": "seconds", "sms": "messages", "data": "bytes"}[str(service)]
        totals[f"{unit}_{status}"] += Decimal(str(row["usage_units"]))
        if status == "rated":
            totals[f"charges_{row['payment_type']}"] += Decimal(str(row["charge_amount"]))
    for line in result.lines:
        totals[f"listed_{line.line_type}"] += line.listed_amount
        totals["net_lines"] += line.net_amount
        totals["unrounded_usage"] += line.unrounded_amount or 0
    for invoice in result.invoices:
        totals["net_invoices"] += invoice.net_amount
        totals["tax_invoices"] += invoice.tax_amount
        totals["total_invoices"] += invoice.total_amount
    return dict(totals)
