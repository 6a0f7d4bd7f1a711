"""Discounts: on what, how much, and how shared."""

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from telecom_cdr.billing.discounts import discount_slots
from telecom_cdr.billing.period import Period
from telecom_cdr_tests.billing.months import Row, brief, lines_of, usage

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

OTHER = "212661000002"
TWO_PLANS: dict[str, Any] = {
    "subscriptions": [{}, {"msisdn": OTHER, "plan_code": "P2"}],
    "rate_plans": [{}, {"plan_code": "P2"}],
}


def _discounts(lines: list[Row]) -> list[tuple[Any, ...]]:
    found = [line for line in lines if line["line_type"] == "discount"]
    return [(line["code"], line["plan_code"], line["listed_amount"]) for line in found]


@pytest.mark.parametrize(
    ("discount", "spend", "expected"),
    [
        ({"percent": Decimal(10)}, "50", "-5.00"),
        ({"percent": Decimal("12.5")}, "0.20", "-0.03"),
        ({"percent": Decimal("12.345678")}, "1000", "-123.46"),
        ({"percent": Decimal(100)}, "33.33", "-33.33"),
        ({"percent": Decimal(150)}, "33.33", "-33.33"),
        ({"amount": Decimal("5.00")}, "50", "-5.00"),
        ({"amount": Decimal("5.00")}, "3.21", "-3.21"),
        ({"percent": Decimal(10), "minimum_spend": Decimal(50)}, "50", "-5.00"),
        ({"percent": Decimal(10), "minimum_spend": Decimal("50.01")}, "50", None),
        ({"percent": Decimal(10)}, "0.04", None),
        ({"percent": Decimal(10)}, "0", None),
        ({"amount": Decimal(5)}, "0", None),
        ({"amount": Decimal(5)}, "-3", None),
        ({"percent": Decimal(0)}, "50", None),
        ({"percent": Decimal(10), "product_code": "SMS"}, "50", None),
        ({"percent": Decimal(10), "plan_code": "P2"}, "50", None),
        ({"percent": Decimal(10), "customer_id": "C1"}, "50", "-5.00"),
        ({"percent": Decimal(10), "customer_id": "C2"}, "50", None),
        ({"percent": Decimal(10), "segment": "gold"}, "50", "-5.00"),
        ({"percent": Decimal(10), "segment": "silver"}, "50", None),
        ({"percent": Decimal(10), "customer_id": "C1", "segment": "silver"}, "50", None),
        ({"percent": Decimal(10), "valid_from": date(2026, 1, 31)}, "50", "-5.00"),
        ({"percent": Decimal(10), "valid_from": date(2026, 2, 1)}, "50", None),
        ({"percent": Decimal(10), "valid_to": date(2026, 1, 31)}, "50", None),
        ({"percent": Decimal(10), "valid_to": date(2026, 2, 1)}, "50", "-5.00"),
        ({"percent": Decimal(10), "valid_from": None}, "50", "-5.00"),
    ],
)
def test_a_usage_discount_takes_its_part_from_what_it_matches(
    engine: "SparkSession", discount: dict[str, Any], spend: str, expected: str | None
) -> None:
    assert _granted(engine, discount, spend) == expected


@pytest.mark.parametrize(
    ("discount", "spend", "expected"),
    [
        ({"percent": Decimal("12.5")}, "0.20", "-0.03"),
        ({"amount": Decimal("5.00")}, "3.21", "-3.21"),
        ({"amount": Decimal("5.00"), "minimum_spend": Decimal("5.01")}, "5", None),
        ({"percent": Decimal(10), "plan_code": "P2"}, "50", None),
        ({"percent": Decimal(10), "segment": "silver"}, "50", None),
        ({"percent": Decimal(10), "product_code": "SMS"}, "50", "-5.00"),
    ],
)
def test_an_invoice_discount_does_so_whatever_the_product(
    engine: "SparkSession", discount: dict[str, Any], spend: str, expected: str | None
) -> None:
    assert _granted(engine, discount | {"applies_to": "invoice"}, spend) == expected


def _granted(engine: "SparkSession", discount: dict[str, Any], spend: str) -> str | None:
    customers = [{"segment": "gold"}, {"customer_id": "C2", "segment": "silver"}]
    found = _discounts(lines_of(engine, [usage(spend)], customers=customers, discounts=[discount]))
    assert [(code, plan) for code, plan, _ in found] in ([], [("D1", "P1")])
    return str(found[0][2]) if found else None


def test_usage_discounts_do_not_see_each_other_or_the_monthly_fee(engine: "SparkSession") -> None:
    lines = lines_of(
        engine,
        [usage("40", product_code="A"), usage("60", product_code="B")],
        rate_plans=[{"monthly_fee": Decimal(1000)}],
        discounts=[
            {"discount_code": "ALL", "percent": Decimal(10)},
            {"discount_code": "ONE", "percent": Decimal(50), "product_code": "A"},
        ],
    )
    assert _discounts(lines) == [("ALL", "P1", -10), ("ONE", "P1", -20)]


def test_invoice_discounts_take_from_what_is_left_one_after_the_other(engine: "SparkSession") -> None:
    lines = lines_of(
        engine,
        [usage("100")],
        rate_plans=[{"monthly_fee": Decimal(100)}],
        discounts=[
            {"discount_code": "Z_USAGE", "percent": Decimal(50)},
            {"discount_code": "A", "applies_to": "invoice", "percent": Decimal(10)},
            {"discount_code": "B", "applies_to": "invoice", "percent": Decimal(10)},
            {"discount_code": "C", "applies_to": "invoice", "percent": Decimal(10), "minimum_spend": Decimal("121.51")},
            {"discount_code": "D", "applies_to": "invoice", "amount": Decimal(200)},
            {"discount_code": "E", "applies_to": "invoice", "amount": Decimal(1)},
        ],
        fees=[{"amount": Decimal(1000)}],
    )
    assert _discounts(lines) == [
        ("Z_USAGE", "P1", -50),
        ("A", "P1", -15),
        ("B", "P1", Decimal("-13.50")),
        ("D", "P1", Decimal("-121.50")),
    ]


def test_usage_discounts_beyond_the_usage_leave_nothing_to_discount(engine: "SparkSession") -> None:
    lines = lines_of(
        engine,
        [usage("10")],
        discounts=[
            {"discount_code": "A", "percent": Decimal(60)},
            {"discount_code": "B", "percent": Decimal(60)},
            {"discount_code": "C", "applies_to": "invoice", "percent": Decimal(10)},
        ],
    )
    assert _discounts(lines) == [("A", "P1", -6), ("B", "P1", -6)]


def test_a_discount_over_several_plans_is_shared_and_the_cent_left_goes_to_the_largest(engine: "SparkSession") -> None:
    lines = lines_of(
        engine,
        [usage("10"), usage("20", plan_code="P2", served_msisdn=OTHER)],
        discounts=[{"amount": Decimal("1.00")}],
        **TWO_PLANS,
    )
    assert _discounts(lines) == [("D1", "P1", Decimal("-0.33")), ("D1", "P2", Decimal("-0.67"))]


def test_the_cent_left_goes_to_the_first_plan_among_equals(engine: "SparkSession") -> None:
    lines = lines_of(
        engine,
        [usage("10"), usage("10", plan_code="P2", served_msisdn=OTHER)],
        discounts=[{"amount": Decimal("0.05")}],
        **TWO_PLANS,
    )
    # Both round to 0.03; the first gives the cent back.
    assert _discounts(lines) == [("D1", "P1", Decimal("-0.02")), ("D1", "P2", Decimal("-0.03"))]


def test_a_plan_whose_share_is_nothing_has_no_discount_line(engine: "SparkSession") -> None:
    lines = lines_of(
        engine,
        [usage("10"), usage("0", plan_code="P2", served_msisdn=OTHER)],
        discounts=[{"percent": Decimal(10)}],
        **TWO_PLANS,
    )
    assert _discounts(lines) == [("D1", "P1", -1)]


def test_shares_of_earlier_discounts_count_for_the_plan_that_had_them(engine: "SparkSession") -> None:
    lines = lines_of(
        engine,
        [usage("100"), usage("100", plan_code="P2", served_msisdn=OTHER)],
        discounts=[
            {"discount_code": "A", "percent": Decimal(50), "plan_code": "P2"},
            {"discount_code": "B", "applies_to": "invoice", "percent": Decimal(10)},
            {"discount_code": "C", "applies_to": "invoice", "percent": Decimal(10), "plan_code": "P2"},
        ],
        **TWO_PLANS,
    )
    assert _discounts(lines) == [
        ("A", "P2", -50),
        ("B", "P1", -10),
        ("B", "P2", -5),
        ("C", "P2", Decimal("-4.50")),
    ]


def test_customers_are_discounted_each_for_itself(engine: "SparkSession") -> None:
    lines = lines_of(
        engine,
        [usage("100"), usage("10", customer_id="C2", served_msisdn=OTHER)],
        customers=[{}, {"customer_id": "C2", "segment": "gold"}],
        subscriptions=[{}, {"msisdn": OTHER, "customer_id": "C2"}],
        discounts=[
            {"discount_code": "ALL", "percent": Decimal(10), "minimum_spend": Decimal(50)},
            {"discount_code": "GOLD", "percent": Decimal(10), "segment": "gold"},
            {"discount_code": "MINE", "percent": Decimal(20), "customer_id": "C2"},
        ],
    )
    assert brief([line for line in lines if line["code"]], "customer_id", "code", "listed_amount") == [
        ("C1", "ALL", -10),
        ("C2", "GOLD", -1),
        ("C2", "MINE", -2),
    ]


def test_there_are_as_many_slots_as_one_customer_can_need() -> None:
    def row(applies_to: str, **values: Any) -> Row:
        nothing = dict.fromkeys(("customer_id", "segment", "valid_from", "valid_to"))
        return nothing | {"applies_to": applies_to} | values

    rows = [
        *(row("usage", customer_id=f"C{number}") for number in range(1000)),
        row("usage", segment="gold"),
        row("usage", segment="silver"),
        row("usage", customer_id="C1", segment="gold"),
        row("usage"),
        row("usage", valid_from=date(2026, 2, 1)),
        row("invoice"),
    ]
    slots = discount_slots(rows, Period.of("2026-01"))
    assert [(slot.target.value, slot.number) for slot in slots] == [
        ("usage", 1),
        ("usage", 2),
        ("usage", 3),
        ("usage", 4),
        ("invoice", 1),
    ]
