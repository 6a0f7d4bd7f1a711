"""Rows changed behind the system's back: `check` says where, which check, and by how much; `reconcile` likewise."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from telecom_cdr.tables.invoices import INVOICES
from telecom_cdr.tables.rated import USAGE
from telecom_cdr.tables.raw import CDRS
from telecom_cdr_tests.faults.lakes import BESIDE, MONTH, append, copy_of, row_of
from telecom_cdr_tests.product import Product

pytestmark = pytest.mark.slow

CENT = Decimal("0.01")


@pytest.fixture
def product(tmp_path: Path, billed: Product) -> Product:
    return copy_of(billed, tmp_path / "product")


def complaints(product: Product, command: str, month: str = MONTH) -> list[str]:
    """What a command complains of; it must end with 1 exactly when it complains, and without a traceback."""
    result = product.run(command, "--month", month)
    found = [line.removeprefix("error: ") for line in result.errors.splitlines() if line.startswith("error: ")]
    assert result.exit_code == (1 if found else 0)
    assert "Traceback" not in result.errors
    return found


def charged(product: Product) -> dict[str, object]:
    """A postpaid event that costs something."""
    rows = product.rows(USAGE.path, MONTH).to_pylist()
    return next(row for row in rows if row["payment_type"] == "postpaid" and row["charge_amount"])


def delete_a_charge(product: Product) -> dict[str, str]:
    event = charged(product)
    product.catalog.delta(USAGE).delete(f"cdr_id = '{event['cdr_id']}'")
    amount = event["charge_amount"]
    return {
        "rated/usage: mediated_to_rated": "records_difference 1.000000",
        "rated/usage: is_as_written": f"charges_difference -{amount}",
        "invoices/lines: rated_to_lines": f"money_difference -{amount}",
    }


def raise_a_charge(product: Product) -> dict[str, str]:
    event = charged(product)
    product.catalog.delta(USAGE).update(
        updates={"charge_amount": "charge_amount + 0.01"}, predicate=f"cdr_id = '{event['cdr_id']}'"
    )
    return {
        "rated/usage: charges_are_explained": "unexplained_charge_count 1, unexplained_charge_amount 0.010000",
        "rated/usage: is_as_written": "charges_difference 0.010000",
        "invoices/lines: rated_to_lines": "money_difference 0.010000",
    }


def add_a_record(product: Product) -> dict[str, str]:
    record = row_of(product, CDRS)
    append(product, CDRS, {**record, "source_offset": 10**6})
    return {
        "raw/cdrs: is_as_written": "records_difference 1",
        "mediated/quarantine: raw_to_mediated": "records_difference 1.000000",
    }


def raise_an_invoice(product: Product) -> dict[str, str]:
    invoice = row_of(product, INVOICES)
    product.catalog.delta(INVOICES).update(
        updates={"net_amount": "net_amount + 0.01", "total_amount": "total_amount + 0.01"},
        predicate=f"customer_id = '{invoice['customer_id']}' AND billing_month = '{MONTH}'",
    )
    return {
        "invoices/invoices: lines_are_explained": "unbalanced_invoice_count 1, unbalanced_amount 0.010000",
        "invoices/invoices: lines_to_invoices": "money_difference -0.010000",
        "invoices/invoices: is_as_written": "net_difference 0.01",
    }


@pytest.mark.parametrize(
    ("tamper", "reconciled"),
    [
        (delete_a_charge, "mediated_to_rated: records differ by 1.000000"),
        (raise_a_charge, "rated_to_lines: money differ by 0.010000"),
        (add_a_record, "raw_to_mediated: records differ by 1.000000"),
        (raise_an_invoice, "lines_to_invoices: money differ by -0.010000"),
    ],
)
def test_a_change_behind_the_systems_back_is_found_with_its_amount(
    product: Product, tamper: Callable[[Product], dict[str, str]], reconciled: str
) -> None:
    expected = tamper(product)
    found = complaints(product, "check")
    for check, figure in expected.items():
        said = [line for line in found if line.startswith(f"{check}:")]
        assert len(said) == 1, f"{check} is silent: {found}"
        assert figure in said[0]
    assert f"{MONTH}: {reconciled}" in complaints(product, "reconcile")
    assert complaints(product, "check", BESIDE) == []


def test_a_rewritten_row_with_equal_sums_is_found(product: Product) -> None:
    """Nothing reconciles differently, and still the month is not what passed its checks."""
    product.catalog.delta(USAGE).update(
        updates={"cell_id": "'FES_01'"}, predicate=f"cdr_id = '{charged(product)['cdr_id']}'"
    )
    (found,) = complaints(product, "check")
    assert found.startswith("rated/usage: is_as_written: data_files changed outside a run since version ")
    assert complaints(product, "reconcile") == []


def test_a_month_nobody_touched_passes(billed: Product) -> None:
    assert complaints(billed, "check") == []
    assert complaints(billed, "reconcile") == []
