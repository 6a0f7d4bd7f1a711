"""How the model makes lines and invoices, where the hand-calculated months do not reach."""

from collections.abc import Sequence
from decimal import Decimal

import pytest

from telecom_cdr_tests.builders import ReferenceRows, a_reference
from telecom_cdr_tests.exact_model import Bill, bill
from telecom_cdr_tests.exact_model.billing import NoTaxRateError
from telecom_cdr_tests.exact_model.discounts import split

Row = dict[str, object]
_MONTH = "2026-02"


def _usage(charge: str, product: str = "VOICE", plan: str = "P1") -> Row:
    return {
        "status": "rated",
        "billing_month": _MONTH,
        "payment_type": "postpaid",
        "customer_id": "C1",
        "plan_code": plan,
        "product_code": product,
        "served_msisdn": "212661000001",
        "billed_units": 1,
        "charge_amount": Decimal(charge),
    }


def _listed(result: Bill) -> list[tuple[str, str | None, str]]:
    return [(line.line_type, line.code or line.product_code, str(line.listed_amount)) for line in result.lines]


def _bill(reference: ReferenceRows, rated: Sequence[Row] = ()) -> Bill:
    return bill(rated, reference, _MONTH)


def test_usage_discounts_are_independent_and_what_is_left_may_be_nothing() -> None:
    discounts = [
        {"discount_code": "A", "percent": "60"},
        {"discount_code": "B", "amount": "99", "product_code": "VOICE"},
        {"discount_code": "C", "percent": "50", "applies_to": "invoice"},
    ]
    result = _bill(a_reference(discounts=discounts), [_usage("10")])
    assert _listed(result) == [("usage", "VOICE", "10.00"), ("discount", "A", "-6.00"), ("discount", "B", "-10.00")]
    assert result.invoices[0].total_amount == Decimal("-7.20")


def test_invoice_discounts_follow_one_another() -> None:
    discounts = [
        {"discount_code": "A", "percent": "50", "applies_to": "invoice"},
        {"discount_code": "B", "amount": "9.99", "applies_to": "invoice"},
    ]
    result = _bill(a_reference(discounts=discounts, rate_plans=[{"monthly_fee": "10.01"}]))
    # 5.005 is rounded up, and 5.00 are left for the next.
    assert [entry[2] for entry in _listed(result)] == ["10.01", "-5.01", "-5.00"]


def test_a_discount_is_split_to_the_cent() -> None:
    bases = {"P1": Decimal("1.00"), "P2": Decimal("1.00"), "P3": Decimal("1.00")}
    assert split(Decimal("1.00"), bases) == {"P1": Decimal("0.34"), "P2": Decimal("0.33"), "P3": Decimal("0.33")}


def test_a_spend_of_exactly_the_minimum_earns_the_discount() -> None:
    discounts = [
        {"discount_code": "A", "amount": "1", "minimum_spend": "10.00"},
        {"discount_code": "B", "amount": "1", "minimum_spend": "10.01"},
    ]
    result = _bill(a_reference(discounts=discounts), [_usage("10")])
    assert [entry[1] for entry in _listed(result)] == ["VOICE", "A"]


def test_fees_need_another_line() -> None:
    fees = [{"fee_code": "F"}, {"fee_code": "G", "plan_code": "P1", "only_with_usage": "true"}]
    assert _bill(a_reference(fees=fees)).lines == ()
    with_fee = _bill(a_reference(fees=fees, rate_plans=[{"monthly_fee": "1"}]))
    assert [entry[1] for entry in _listed(with_fee)] == [None, "F"]
    with_usage = _bill(a_reference(fees=fees), [_usage("0")])
    assert [entry[1] for entry in _listed(with_usage)] == ["VOICE", "F", "G"]


def test_a_fee_per_subscription_falls_due_without_a_monthly_fee() -> None:
    result = _bill(a_reference(fees=[{"per": "subscription"}, {"fee_code": "F2", "per": "invoice"}]))
    assert _listed(result) == [("fee", "F1", "5.00"), ("fee", "F2", "5.00")]


def test_without_a_tax_rate_only_untaxed_lines_can_be_billed() -> None:
    fees = [{"per": "subscription", "taxable": "false"}]
    untaxed = _bill(a_reference(tax_rates=[], fees=fees))
    assert untaxed.invoices[0].total_amount == Decimal("5.00")
    with pytest.raises(NoTaxRateError):
        _bill(a_reference(tax_rates=[]), [_usage("1")])


def test_negative_amounts_are_rounded_alike() -> None:
    discounts = [{"discount_code": "A", "percent": "100"}, {"discount_code": "B", "amount": "0.10"}]
    plans = [{"prices_include_tax": "true"}]
    invoice = _bill(a_reference(discounts=discounts, rate_plans=plans), [_usage("1.00")]).invoices[0]
    # Gross -0.10: tax -0.10 / 6 = -0.01667 -> -0.02.
    assert (invoice.net_amount, invoice.tax_amount) == (Decimal("-0.08"), Decimal("-0.02"))
