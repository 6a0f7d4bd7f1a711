"""Invoice lines: usage, recurring and fees; what makes a line, and in which order."""

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from telecom_cdr_tests.billing.months import NUMBER, bill, brief, lines_of, usage

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

OTHER = "212661000002"


def test_a_usage_line_adds_up_and_is_rounded_once(engine: "SparkSession") -> None:
    # Rounded one by one they would be 0.01 each.
    (line,) = lines_of(engine, [usage("0.005"), usage("0.0049"), usage("0.005100", billed_units=7)])
    expected = {
        "line_number": 1,
        "line_type": "usage",
        "plan_code": "P1",
        "product_code": "VOICE",
        "msisdn": None,
        "code": None,
        "description": "Voice, 3 calls",
        "event_count": 3,
        "billed_units": 27,
        "unrounded_amount": Decimal("0.015000"),
        "listed_amount": Decimal("0.02"),
        "net_amount": Decimal("0.02"),
        "is_tax_included": False,
        "tax_category": "standard",
        "tax_rate": Decimal("0.2"),
        "currency": "MAD",
        "usage_month": "2026-01",
        "billing_month": "2026-01",
    }
    assert {name: line[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("unrounded", "listed"),
    [
        ("0.005", "0.01"),
        ("0.004999", "0.00"),
        ("1.115", "1.12"),
        ("-0.005", "-0.01"),
        ("-0.004999", "0.00"),
        ("0", "0"),
    ],
)
def test_halves_are_rounded_away_from_zero_on_both_sides(engine: "SparkSession", unrounded: str, listed: str) -> None:
    (line,) = lines_of(engine, [usage(unrounded)])
    assert line["listed_amount"] == Decimal(listed)


def test_free_usage_has_a_line_at_zero_and_so_an_invoice(engine: "SparkSession") -> None:
    lines, totals = bill(engine, [usage("0")])
    assert brief(lines, "line_type", "listed_amount", "event_count") == [("usage", 0, 1)]
    assert totals["C1"]["total_amount"] == 0


def test_unrated_and_prepaid_usage_is_not_billed(engine: "SparkSession") -> None:
    events = [
        usage("5", payment_type="prepaid"),
        usage("7", status="unrated", reason="NO_RATE"),
        usage("1", status="unrated", customer_id=None, plan_code=None, payment_type=None),
    ]
    assert lines_of(engine, events) == []


def test_prepaid_subscriptions_have_no_line_and_no_fee(engine: "SparkSession") -> None:
    plans = [{"payment_type": "prepaid", "monthly_fee": Decimal(50)}]
    fees: list[dict[str, Any]] = [
        {"amount": Decimal(5)},
        {"fee_code": "F2", "per": "subscription", "amount": Decimal(5)},
    ]
    assert lines_of(engine, [], rate_plans=plans, fees=fees) == []


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "status", "is_billed"),
    [
        (date(2025, 1, 1), None, "active", True),
        (None, None, "active", True),
        (date(2026, 1, 31), None, "active", True),
        (date(2026, 2, 1), None, "active", False),
        (date(2025, 1, 1), date(2026, 1, 2), "active", True),
        (date(2025, 1, 1), date(2026, 1, 1), "active", False),
        (date(2025, 1, 1), None, "suspended", False),
        (date(2025, 1, 1), None, "terminated", False),
    ],
)
def test_a_subscription_pays_when_active_on_any_day_of_the_month(
    engine: "SparkSession", valid_from: date | None, valid_to: date | None, status: str, is_billed: bool
) -> None:
    lines = lines_of(
        engine,
        [],
        subscriptions=[{"valid_from": valid_from, "valid_to": valid_to, "status": status}],
        rate_plans=[{"monthly_fee": Decimal("99.00")}],
    )
    assert brief(lines, "line_type", "msisdn", "listed_amount", "description", "event_count") == (
        [("recurring", NUMBER, Decimal(99), "Monthly fee, Plan one", 0)] if is_billed else []
    )


def test_a_subscription_with_several_states_pays_once_and_a_new_plan_once_more(engine: "SparkSession") -> None:
    lines = lines_of(
        engine,
        [],
        subscriptions=[
            {"valid_to": date(2026, 1, 5)},
            {"valid_from": date(2026, 1, 5), "valid_to": date(2026, 1, 7), "status": "suspended"},
            {"valid_from": date(2026, 1, 7), "valid_to": date(2026, 1, 20)},
            {"valid_from": date(2026, 1, 20), "plan_code": "P2"},
        ],
        rate_plans=[{"monthly_fee": Decimal(10)}, {"plan_code": "P2", "monthly_fee": Decimal(20)}],
    )
    assert brief(lines, "plan_code", "listed_amount") == [("P1", 10), ("P2", 20)]


def test_a_monthly_fee_of_nothing_makes_no_line(engine: "SparkSession") -> None:
    assert lines_of(engine, []) == []


def test_lines_stand_in_the_order_of_kind_code_plan_number_and_product(engine: "SparkSession") -> None:
    lines = lines_of(
        engine,
        [
            usage("5", product_code="B"),
            usage("4", product_code="A"),
            usage("3", plan_code="P0", product_code="Z", served_msisdn=OTHER),
        ],
        subscriptions=[{}, {"msisdn": OTHER, "plan_code": "P0"}, {"msisdn": "212661000000"}],
        rate_plans=[{"monthly_fee": Decimal(7)}, {"plan_code": "P0", "monthly_fee": Decimal(6)}],
        discounts=[
            {"discount_code": "Z", "percent": Decimal(10)},
            {"discount_code": "A", "applies_to": "invoice", "amount": Decimal(1)},
            {"discount_code": "Y", "percent": Decimal(10), "plan_code": "P1"},
        ],
        fees=[
            {"fee_code": "G", "amount": Decimal(1)},
            {"fee_code": "E", "amount": Decimal(1), "per": "subscription", "plan_code": "P1"},
        ],
    )
    assert brief(lines, "line_type", "code", "plan_code", "msisdn", "product_code") == [
        ("recurring", None, "P0", OTHER, None),
        ("recurring", None, "P1", "212661000000", None),
        ("recurring", None, "P1", NUMBER, None),
        ("usage", None, "P0", None, "Z"),
        ("usage", None, "P1", None, "A"),
        ("usage", None, "P1", None, "B"),
        ("discount", "Y", "P1", None, None),
        ("discount", "Z", "P0", None, None),
        ("discount", "Z", "P1", None, None),
        ("discount", "A", "P0", None, None),
        ("discount", "A", "P1", None, None),
        ("fee", "E", "P1", "212661000000", None),
        ("fee", "E", "P1", NUMBER, None),
        ("fee", "G", "P0", None, None),
    ]


def test_the_identity_of_a_line_does_not_depend_on_its_amount_or_place(engine: "SparkSession") -> None:
    (alone,) = lines_of(engine, [usage("1")])
    with_fee = lines_of(engine, [usage("2"), usage("9")], rate_plans=[{"monthly_fee": Decimal(5)}])
    assert [line["line_id"] for line in with_fee if line["line_type"] == "usage"] == [alone["line_id"]]
    (next_month,) = lines_of(engine, [usage("1", usage_month="2026-02", billing_month="2026-02")], month="2026-02")
    assert next_month["line_id"] != alone["line_id"]


def test_a_subscription_fee_is_due_for_each_subscription_of_the_plan(engine: "SparkSession") -> None:
    fee = {"per": "subscription", "amount": Decimal(3)}
    lines = lines_of(
        engine,
        [usage("0")],
        subscriptions=[{}, {"msisdn": OTHER}, {"msisdn": "212661000003", "plan_code": "P2"}],
        rate_plans=[{}, {"plan_code": "P2"}],
        fees=[
            fee | {"fee_code": "ALL"},
            fee | {"fee_code": "ONLY_P2", "plan_code": "P2"},
            fee | {"fee_code": "USED", "only_with_usage": True},
            fee | {"fee_code": "NOTHING", "amount": Decimal(0)},
        ],
    )
    assert brief(lines[1:], "code", "plan_code", "msisdn") == [
        ("ALL", "P1", NUMBER),
        ("ALL", "P1", OTHER),
        ("ALL", "P2", "212661000003"),
        ("ONLY_P2", "P2", "212661000003"),
        ("USED", "P1", NUMBER),
    ]


def test_usage_of_another_customer_with_the_same_number_is_not_ones_own(engine: "SparkSession") -> None:
    lines = lines_of(
        engine,
        [usage("1")],
        customers=[{}, {"customer_id": "C2"}],
        subscriptions=[{"valid_to": date(2026, 1, 10)}, {"customer_id": "C2", "valid_from": date(2026, 1, 10)}],
        fees=[{"per": "subscription", "amount": Decimal(3), "only_with_usage": True}],
    )
    assert brief(lines, "customer_id", "line_type") == [("C1", "usage"), ("C1", "fee")]


def test_an_invoice_fee_needs_another_line(engine: "SparkSession") -> None:
    assert lines_of(engine, [], fees=[{"amount": Decimal(5)}]) == []
    lines = lines_of(engine, [usage("0")], fees=[{"amount": Decimal(5)}])
    assert brief(lines, "line_type", "listed_amount", "msisdn") == [("usage", 0, None), ("fee", 5, None)]


def test_an_invoice_fee_stands_on_its_plan_or_on_the_first_with_a_line(engine: "SparkSession") -> None:
    lines = lines_of(
        engine,
        [usage("1", plan_code="P3", served_msisdn=OTHER)],
        subscriptions=[{"plan_code": "P1"}, {"plan_code": "P2"}, {"plan_code": "P3", "msisdn": OTHER}],
        rate_plans=[{}, {"plan_code": "P2", "monthly_fee": Decimal(9)}, {"plan_code": "P3"}],
        fees=[
            {"fee_code": "ANY", "amount": Decimal(1)},
            {"fee_code": "ANY_USED", "amount": Decimal(1), "only_with_usage": True},
            {"fee_code": "P1", "amount": Decimal(1), "plan_code": "P1"},
            {"fee_code": "P2_USED", "amount": Decimal(1), "plan_code": "P2", "only_with_usage": True},
            {"fee_code": "P3", "amount": Decimal(1), "plan_code": "P3"},
            {"fee_code": "P3_USED", "amount": Decimal(1), "plan_code": "P3", "only_with_usage": True},
        ],
    )
    assert brief(lines[2:], "code", "plan_code") == [
        ("ANY", "P2"),
        ("ANY_USED", "P2"),
        ("P3", "P3"),
        ("P3_USED", "P3"),
    ]


def test_a_subscription_fee_is_a_line_that_an_invoice_fee_goes_with(engine: "SparkSession") -> None:
    lines = lines_of(
        engine,
        [],
        fees=[
            {"fee_code": "A", "amount": Decimal(1)},
            {"fee_code": "B", "amount": Decimal(2), "per": "subscription"},
        ],
    )
    assert brief(lines, "code", "msisdn") == [("A", None), ("B", NUMBER)]
