"""A month to bill: rated usage and terms, of which a test names only the rows that matter."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from telecom_cdr.tables import reference
from telecom_cdr.tables.invoices import INVOICES, LINES
from telecom_cdr.tables.rated import USAGE
from telecom_cdr_tests.table_rows import frame_of, row_of, rows

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

Row = dict[str, Any]
Rows = Sequence[Mapping[str, Any]]

MONTH = "2026-01"
ALWAYS = date(2020, 1, 1)
NUMBER = "212661000001"
_TABLES = {table.name: table for table in reference.TABLES}
_DEFAULTS: dict[str, Row] = {
    "customers": {"customer_id": "C1", "tax_exempt": False},
    "subscriptions": {
        "msisdn": NUMBER,
        "customer_id": "C1",
        "plan_code": "P1",
        "status": "active",
        "valid_from": ALWAYS,
    },
    "rate_plans": {
        "plan_code": "P1",
        "name": "Plan one",
        "currency": "MAD",
        "prices_include_tax": False,
        "monthly_fee": Decimal(0),
        "payment_type": "postpaid",
    },
    "products": {"product_code": "VOICE", "service_type": "voice", "description": "Voice"},
    "discounts": {"discount_code": "D1", "applies_to": "usage", "valid_from": ALWAYS},
    "fees": {"fee_code": "F1", "per": "invoice", "only_with_usage": False, "taxable": True},
    "tax_rates": {"tax_category": "standard", "rate": Decimal("0.2"), "valid_from": ALWAYS},
}
_ONE_OF_EACH = ("customers", "subscriptions", "rate_plans", "products", "tax_rates")


def usage(amount: str, **values: Any) -> Row:
    """A rated event of the charge, on the default number, plan and product."""
    return {
        "cdr_id": amount,
        "service_type": "voice",
        "served_msisdn": NUMBER,
        "status": "rated",
        "customer_id": "C1",
        "plan_code": "P1",
        "payment_type": "postpaid",
        "currency": "MAD",
        "product_code": "VOICE",
        "billed_units": 10,
        "charge_amount": Decimal(amount),
        "is_tax_included": False,
        **values,
    }


def lines_of(engine: "SparkSession", events: Rows, month: str = MONTH, **tables: Rows) -> list[Row]:
    """The lines of the month in the order of customers and lines."""
    found, _ = bill(engine, events, month, **tables)
    return found


def bill(engine: "SparkSession", events: Rows, month: str = MONTH, **tables: Rows) -> tuple[list[Row], dict[str, Row]]:
    """The lines in order, and the invoices by customer."""
    from telecom_cdr.billing.invoices import invoices
    from telecom_cdr.billing.lines import invoice_lines
    from telecom_cdr.billing.terms import BillingTerms

    given = {name: tables.get(name, [{}] if name in _ONE_OF_EACH else []) for name in _DEFAULTS}
    full = {name: [{**_DEFAULTS[name], **row} for row in found] for name, found in given.items()}
    frames = {name: frame_of(engine, _TABLES[name], *found) for name, found in full.items()}
    typed = {name: [row_of(_TABLES[name], **row) for row in found] for name, found in full.items()}
    terms = BillingTerms.of(frames, typed, month)
    made = invoice_lines(frame_of(engine, USAGE, *events), terms).toArrow()
    assert [field.type for field in made.schema] == [column.type.arrow for column in LINES.columns]
    lines: list[Row] = sorted(made.to_pylist(), key=lambda line: (line["customer_id"], line["line_number"]))
    totals = rows(invoices(frame_of(engine, LINES, *lines), frames["customers"], month))
    _check(lines, totals)
    return lines, {row["customer_id"]: row for row in totals}


def brief(lines: Sequence[Row], *names: str) -> list[tuple[Any, ...]]:
    """Some columns of the lines."""
    return [tuple(line[name] for name in names) for line in lines]


def _check(lines: Sequence[Row], totals: Sequence[Row]) -> None:
    """What holds of every month: numbered from 1, identified, added up."""
    assert len({line["line_id"] for line in lines}) == len(lines)
    assert {row["customer_id"] for row in totals} == {line["customer_id"] for line in lines}
    for row in totals:
        assert set(row) == set(INVOICES.column_names)
        own = [line for line in lines if line["customer_id"] == row["customer_id"]]
        assert [line["line_number"] for line in own] == list(range(1, len(own) + 1))
        assert row["line_count"] == len(own)
        assert row["net_amount"] == sum(line["net_amount"] for line in own)
        assert row["total_amount"] == row["net_amount"] + row["tax_amount"]
