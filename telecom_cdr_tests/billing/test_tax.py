"""Tax and totals: prices with and without, exempt customers, and where the cents go."""

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from telecom_cdr.billing.period import Period
from telecom_cdr.billing.tax import standard_tax_rate
from telecom_cdr.errors import InputError
from telecom_cdr_tests.billing.months import ALWAYS, bill, brief, usage

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

WITH_TAX: dict[str, Any] = {"rate_plans": [{"prices_include_tax": True}]}


def _amounts(invoice: dict[str, Any]) -> tuple[str, str, str]:
    net, tax, total = (str(invoice[name]) for name in ("net_amount", "tax_amount", "total_amount"))
    return net, tax, total


def test_99_99_with_tax_stays_99_99(engine: "SparkSession") -> None:
    lines, totals = bill(engine, [usage("99.99")], **WITH_TAX)
    assert _amounts(totals["C1"]) == ("83.32", "16.67", "99.99")
    assert brief(lines, "listed_amount", "net_amount", "is_tax_included") == [
        (Decimal("99.99"), Decimal("83.32"), True)
    ]


def test_what_rounding_leaves_of_prices_with_tax_goes_to_the_largest_line(engine: "SparkSession") -> None:
    events = [usage("0.04", product_code=code) for code in ("A", "B", "C")] + [usage("5.00", product_code="D")]
    lines, totals = bill(engine, events, **WITH_TAX)
    # 5.12 / 1.2 = 4.27; the lines alone are 3 x 0.03 and 4.17.
    assert _amounts(totals["C1"]) == ("4.27", "0.85", "5.12")
    assert [str(line["net_amount"]) for line in lines] == ["0.03", "0.03", "0.03", "4.18"]


def test_among_largest_lines_the_first_takes_the_residue_and_size_ignores_the_sign(engine: "SparkSession") -> None:
    events = [usage(amount, product_code=code) for code, amount in (("A", "0.04"), ("B", "-0.05"), ("C", "0.05"))]
    lines, totals = bill(engine, events, **WITH_TAX)
    # 0.04 gross: net 0.03. Alone the lines are 0.03 - 0.04 + 0.04.
    assert _amounts(totals["C1"]) == ("0.03", "0.01", "0.04")
    assert [str(line["net_amount"]) for line in lines] == ["0.03", "-0.04", "0.04"]
    events = [usage("0.07", product_code=code) for code in ("A", "B", "C")]
    lines, totals = bill(engine, events, **WITH_TAX)
    # 0.21 gross: tax 0.035 is 0.04, net 0.17; alone 3 x 0.06.
    assert _amounts(totals["C1"]) == ("0.17", "0.04", "0.21")
    assert [str(line["net_amount"]) for line in lines] == ["0.05", "0.06", "0.06"]


def test_tax_on_prices_without_it_is_rounded_once_for_the_sum(engine: "SparkSession") -> None:
    _, totals = bill(engine, [usage("0.02", product_code=code) for code in ("A", "B", "C")])
    # Line by line it would be nothing.
    assert _amounts(totals["C1"]) == ("0.06", "0.01", "0.07")


def test_half_a_cent_of_tax_is_rounded_away_from_zero(engine: "SparkSession") -> None:
    _, totals = bill(engine, [usage("0.05")], tax_rates=[{"rate": Decimal("0.1")}])
    assert _amounts(totals["C1"]) == ("0.05", "0.01", "0.06")
    _, totals = bill(engine, [usage("-0.05")], tax_rates=[{"rate": Decimal("0.1")}])
    assert _amounts(totals["C1"]) == ("-0.05", "-0.01", "-0.06")


def test_prices_with_and_without_tax_are_taxed_apart_on_one_invoice(engine: "SparkSession") -> None:
    events = [usage("12.00"), usage("10.00", plan_code="P2")]
    plans: list[dict[str, Any]] = [{"prices_include_tax": True}, {"plan_code": "P2"}]
    lines, totals = bill(engine, events, rate_plans=plans)
    assert [str(line["net_amount"]) for line in lines] == ["10.00", "10.00"]
    assert _amounts(totals["C1"]) == ("20.00", "4.00", "24.00")


def test_exempt_customers_pay_the_net(engine: "SparkSession") -> None:
    exempt = [{"tax_exempt": True}]
    lines, totals = bill(engine, [usage("99.99")], customers=exempt, **WITH_TAX)
    assert _amounts(totals["C1"]) == ("83.32", "0.00", "83.32")
    assert totals["C1"]["is_tax_exempt"] is True
    assert brief(lines, "tax_category", "tax_rate") == [("standard", Decimal("0.2"))]
    _, totals = bill(engine, [usage("10")], customers=exempt)
    assert _amounts(totals["C1"]) == ("10.00", "0.00", "10.00")


@pytest.mark.parametrize(
    ("includes_tax", "expected"), [(False, ("15.00", "2.00", "17.00")), (True, ("13.33", "1.67", "15.00"))]
)
def test_untaxed_fees_bear_no_tax_and_keep_their_amount(
    engine: "SparkSession", includes_tax: bool, expected: tuple[str, str, str]
) -> None:
    fees = [{"amount": Decimal(5), "taxable": False}]
    plans = [{"prices_include_tax": includes_tax}]
    lines, totals = bill(engine, [usage("10")], fees=fees, rate_plans=plans)
    assert _amounts(totals["C1"]) == expected
    assert brief(lines[1:], "tax_category", "tax_rate", "net_amount", "is_tax_included") == [(None, 0, 5, includes_tax)]


def test_discounts_lower_the_tax_on_the_basis_of_their_plan(engine: "SparkSession") -> None:
    lines, totals = bill(engine, [usage("120")], discounts=[{"percent": Decimal(10)}], **WITH_TAX)
    assert [str(line["net_amount"]) for line in lines] == ["100.00", "-10.00"]
    assert _amounts(totals["C1"]) == ("90.00", "18.00", "108.00")


def test_the_rate_is_the_one_of_the_last_day_of_the_month(engine: "SparkSession") -> None:
    rates = [
        {"rate": Decimal("0.2"), "valid_to": date(2026, 1, 31)},
        {"rate": Decimal("0.1"), "valid_from": date(2026, 1, 31)},
        {"rate": Decimal("0.5"), "tax_category": "reduced"},
    ]
    _, totals = bill(engine, [usage("10")], tax_rates=rates)
    assert totals["C1"]["tax_amount"] == 1


def test_a_month_without_a_tax_rate_is_refused_with_the_day() -> None:
    rows = [
        {"tax_category": "standard", "rate": Decimal("0.2"), "valid_from": ALWAYS, "valid_to": date(2026, 1, 31)},
        {"tax_category": "reduced", "rate": Decimal("0.1"), "valid_from": None, "valid_to": None},
    ]
    with pytest.raises(InputError, match=r"tax_rates\.csv.*2026-01-31"):
        standard_tax_rate(rows, Period.of("2026-01"))
    assert standard_tax_rate(rows, Period.of("2025-12")) == Decimal("0.2")


def test_random_months_of_prices_with_tax_add_up(engine: "SparkSession") -> None:
    events = [
        usage(
            f"{(customer * 37 + product * 113) % 977 / 100:.2f}",
            customer_id=f"C{customer:02d}",
            product_code=str(product),
        )
        for customer in range(60)
        for product in range(7)
    ]
    customers = [{"customer_id": f"C{customer:02d}"} for customer in range(60)]
    lines, totals = bill(engine, events, customers=customers, subscriptions=[], **WITH_TAX)
    assert len(totals) == 60
    for customer, invoice in totals.items():
        gross = sum(line["listed_amount"] for line in lines if line["customer_id"] == customer)
        assert invoice["total_amount"] == gross
