"""The hand-calculated months through the command line: exactly the places, charges, lines and invoices worked out."""

from decimal import Decimal
from types import NoneType
from typing import Any, Final, get_args, get_type_hints

import pytest

from telecom_cdr.lakehouse.plain_text import as_text
from telecom_cdr.tables.raw import CDRS as RAW_CDRS
from telecom_cdr_tests.product import Product
from telecom_cdr_tests.scenarios.hand_month import CDRS, REFERENCE
from telecom_cdr_tests.scenarios.hand_month import expected_charges as charges
from telecom_cdr_tests.scenarios.hand_month import expected_invoices as invoices
from telecom_cdr_tests.scenarios.hand_month.expected import INGEST, KEPT, MONTHS, NORMALISED, PLACES, Place, Position

pytestmark = pytest.mark.slow

CsvRow = dict[str, str]

_EVENTS: Final = ("voice", "sms", "data")


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Product:
    """A lake with every month that has a record."""
    product = Product.at(tmp_path_factory.mktemp("hand_month"))
    product.done("reference", "load", str(REFERENCE))
    product.done("ingest", "--from", str(CDRS))
    *others, ingest_month = product.catalog.months(RAW_CDRS)
    assert others == ["2026-02", "2026-03", "2026-09", "2026-10"]
    product.done("run", "--month", "2026-02", "--to", "2026-03")
    product.done("run", "--month", "2026-09", "--to", "2026-10")
    product.done("run", "--month", ingest_month)
    return product


@pytest.fixture(scope="module")
def names(product: Product) -> dict[str, str]:
    """Name of each file by the identity of its content."""
    return {row["source_id"]: row["name"] for row in _shown(product, "raw/files")}


def test_every_record_ends_where_it_should(product: Product, names: dict[str, str]) -> None:
    ingest_month = product.catalog.months(RAW_CDRS)[-1]
    found = {
        _position(row, names): Place(
            table,
            INGEST if row["billing_month"] == ingest_month else row["billing_month"],
            row.get("reasons", ""),
            row.get("disposition", ""),
        )
        for table in (*_EVENTS, "quarantine", "duplicates")
        for row in _shown(product, f"mediated/{table}")
    }
    assert found == PLACES


def test_duplicates_point_at_the_record_kept(product: Product, names: dict[str, str]) -> None:
    found = {
        _position(row, names): (_position(row, names, "kept_"), row["is_conflicting"] == "true")
        for row in _shown(product, "mediated/duplicates")
    }
    assert found == KEPT


def test_fields_are_normalised(product: Product) -> None:
    events = {row["record_id"]: row for table in _EVENTS for row in _shown(product, f"mediated/{table}")}
    expected = {
        record_id: {column: as_text(value) for column, value in fields} for record_id, fields in NORMALISED.items()
    }
    found = {
        record_id: {column: events[record_id][column] for column in fields} for record_id, fields in expected.items()
    }
    assert found == expected


@pytest.mark.parametrize("month", MONTHS)
def test_every_charge_is_the_one_worked_out(product: Product, month: str) -> None:
    found: dict[str, tuple[Any, ...]] = {}
    for row in _shown(product, "rated/usage", "--month", month):
        key = f"{row['record_id']}/{row['source_node']}" if row["source_node"] else row["record_id"]
        found[key] = _read(charges.Rated if row["status"] == "rated" else charges.Unrated, row)
    assert found == charges.CHARGES[month]


@pytest.mark.parametrize("month", MONTHS)
def test_every_invoice_and_line_is_the_one_worked_out(product: Product, month: str) -> None:
    lines = sorted(_shown(product, "invoices/lines", "--month", month), key=lambda row: int(row["line_number"]))
    found: dict[tuple[str, str], tuple[Any, ...]] = {}
    for row in _shown(product, "invoices/invoices", "--month", month):
        customer = row["customer_id"]
        own = tuple(
            _read(invoices.Line, line | {"what": line["product_code"] or line["code"]})
            for line in lines
            if line["customer_id"] == customer
        )
        assert len(own) == int(row["line_count"])
        found[customer, month] = (*_read(invoices.Invoice, row, less=("lines",)), own)
    assert found == {key: invoice for key, invoice in invoices.INVOICES.items() if key[1] == month}
    assert {row["customer_id"] for row in lines} == {customer for customer, _ in found}


def test_the_layers_of_february_reconcile_at_the_totals_worked_out(product: Product) -> None:
    totals = invoices.TOTALS
    events = totals["records_rated"] + totals["records_unrated"]
    seconds = totals["seconds_rated"] + totals["seconds_unrated"]
    moved = totals["bytes_rated"] + totals["bytes_unrated"]
    charges_made = totals["charges_postpaid"] + totals["charges_prepaid"]
    expected = {
        ("raw_to_mediated", "records"): (totals["records_raw"],) * 2,
        ("mediated_to_rated", "records"): (events,) * 2,
        ("mediated_to_rated", "seconds"): (seconds,) * 2,
        ("mediated_to_rated", "bytes"): (moved,) * 2,
        ("rated_to_payment", "records"): (totals["records_rated"],) * 2,
        ("rated_to_payment", "money"): (charges_made,) * 2,
        # H29 alone is prepaid.
        ("prepaid", "records"): (Decimal(1),) * 2,
        ("prepaid", "money"): (totals["charges_prepaid"],) * 2,
        ("rated_to_lines", "records"): (totals["records_rated"] - 1,) * 2,
        ("rated_to_lines", "money"): (totals["charges_postpaid"],) * 2,
        ("rounding", "money_rounding"): (totals["unrounded_usage"], totals["listed_usage"]),
        ("lines_to_invoices", "records"): (Decimal(28),) * 2,
        ("lines_to_invoices", "money"): (totals["net_invoices"],) * 2,
        ("net_and_tax_to_total", "money"): (totals["total_invoices"],) * 2,
        ("lines_to_reports", "money"): (totals["net_lines"],) * 2,
    }
    found = {
        (row["stage"], row["measure"]): (Decimal(row["quantity_in"]), Decimal(row["quantity_out"]))
        for row in _shown(product, "assurance/reconciliation", "--month", "2026-02")
    }
    assert found == expected


def _shown(product: Product, table: str, *arguments: str) -> list[CsvRow]:
    return product.done("show", table, *arguments, "--format", "csv").rows


def _position(row: CsvRow, names: dict[str, str], prefix: str = "") -> Position:
    return names[row[f"{prefix}source_id"]], int(row[f"{prefix}source_offset"])


def _read(kind: type[tuple[Any, ...]], row: CsvRow, less: tuple[str, ...] = ()) -> tuple[Any, ...]:
    """The fields of a named tuple from text, each in the type that the tuple declares."""
    return tuple(_typed(row[name], hint) for name, hint in get_type_hints(kind).items() if name not in less)


def _typed(text: str, hint: Any) -> object:
    kinds = get_args(hint) or (hint,)
    if not text and NoneType in kinds:
        return None
    return kinds[0](text)
