"""The exact model gives the months that were worked out by hand."""

from datetime import UTC, datetime

import pytest

from telecom_cdr_tests.builders import read_reference
from telecom_cdr_tests.exact_model import Month, compute, raw_records
from telecom_cdr_tests.exact_model.lines import Line
from telecom_cdr_tests.exact_model.raw import RawRecord
from telecom_cdr_tests.scenarios.hand_month import CDRS, REFERENCE
from telecom_cdr_tests.scenarios.hand_month import expected_charges as charges
from telecom_cdr_tests.scenarios.hand_month import expected_invoices as invoices
from telecom_cdr_tests.scenarios.hand_month.expected import INGEST, KEPT, MONTHS, NORMALISED, PLACES, Place, Position

_INGESTED = datetime(2026, 11, 23, 12, tzinfo=UTC)
_INGEST_MONTH = "2026-11"


@pytest.fixture(scope="module")
def records() -> list[RawRecord]:
    return raw_records({path.name: path.read_bytes() for path in CDRS.iterdir()}, _INGESTED)


@pytest.fixture(scope="module")
def months(records: list[RawRecord]) -> dict[str, Month]:
    return compute(records, read_reference(REFERENCE))


@pytest.fixture(scope="module")
def positions(records: list[RawRecord]) -> dict[tuple[str, int], Position]:
    names = sorted(path.name for path in CDRS.iterdir())
    return {(record.source_id, record.offset): (names[record.source_sequence], record.offset) for record in records}


def test_every_record_ends_where_it_should(
    months: dict[str, Month], positions: dict[tuple[str, int], Position]
) -> None:
    found = {
        positions[outcome.record.source_id, outcome.record.offset]: Place(
            outcome.table,
            INGEST if month == _INGEST_MONTH else month,
            ",".join(outcome.reasons),
            str(outcome.row.get("disposition", "")),
        )
        for month, result in months.items()
        for outcome in result.outcomes
    }
    assert found == PLACES


def test_duplicates_point_at_the_record_kept(
    months: dict[str, Month], positions: dict[tuple[str, int], Position]
) -> None:
    found = {
        positions[str(row["source_id"]), int(str(row["source_offset"]))]: (
            positions[str(row["kept_source_id"]), int(str(row["kept_source_offset"]))],
            row["is_conflicting"],
        )
        for row in months["2026-02"].table("duplicates")
    }
    assert found == KEPT


@pytest.mark.parametrize("record_id", NORMALISED)
def test_fields_are_normalised(months: dict[str, Month], record_id: str) -> None:
    events = [outcome.event for month in months.values() for outcome in month.outcomes if outcome.event]
    event = next(event for event in events if event["record_id"] == record_id)
    assert [(column, event[column]) for column, _ in NORMALISED[record_id]] == list(NORMALISED[record_id])


@pytest.mark.parametrize("month", MONTHS)
def test_every_charge_is_the_one_worked_out(months: dict[str, Month], month: str) -> None:
    found: dict[str, charges.Rated | charges.Unrated] = {}
    for row in months[month].rated:
        key = f"{row['record_id']}/{row['source_node']}" if row["source_node"] else str(row["record_id"])
        kind = charges.Rated if row["status"] == "rated" else charges.Unrated
        found[key] = kind._make(row[name] for name in kind._fields)
    assert found == charges.CHARGES[month]


@pytest.mark.parametrize("month", MONTHS)
def test_every_invoice_and_line_is_the_one_worked_out(months: dict[str, Month], month: str) -> None:
    bill = months[month].bill
    found = {
        (one.customer_id, month): invoices.Invoice(
            one.net_amount,
            one.tax_amount,
            one.total_amount,
            tuple(_line(line) for line in bill.lines if line.customer_id == one.customer_id),
        )
        for one in bill.invoices
    }
    assert found == {key: invoice for key, invoice in invoices.INVOICES.items() if key[1] == month}


def test_the_totals_of_february_are_those_worked_out(months: dict[str, Month]) -> None:
    assert months["2026-02"].totals == invoices.TOTALS


def _line(line: Line) -> invoices.Line:
    return invoices.Line(
        line.line_type,
        line.plan_code,
        line.product_code or line.code or "",
        line.msisdn,
        line.listed_amount,
        line.net_amount,
        line.tax_rate,
        line.unrounded_amount,
        line.event_count,
    )
