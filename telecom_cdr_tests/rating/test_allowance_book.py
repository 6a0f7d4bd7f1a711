"""The allowance book: what covers what in which pass, and by how many days of service."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from telecom_cdr.rating.allowance_book import AllowanceBook, allowance_book

Row = dict[str, Any]
PRODUCTS = [{"product_code": "VOICE"}, {"product_code": "SMS"}]


def allowance(code: str = "FREE", **values: Any) -> Row:
    """One row of allowances."""
    row = {"plan_code": "P", "allowance_code": code, "product_code": None, "zone": None, "kind": "units"}
    return {**row, "quantity": Decimal(60), "period": "month", "scope": "subscription", "priority": 1, **values}


def subscription(**values: Any) -> Row:
    """One row of subscriptions."""
    row = {"msisdn": "1", "customer_id": "C", "plan_code": "P", "status": "active"}
    return {**row, "valid_from": None, "valid_to": None, **values}


def book(*rows: Row, prorate: bool = False, subscriptions: Sequence[Row] = ()) -> AllowanceBook:
    """The book of the rows, for February 2026."""
    plans = [{"plan_code": "P", "prorate": prorate}]
    return allowance_book(rows, PRODUCTS, plans, lambda: subscriptions, ["2026-02"])


def test_an_allowance_of_any_product_covers_each() -> None:
    covered = book(allowance()).anywhere
    assert [(row["product_code"], row["_units_1"]) for row in covered] == [("VOICE", 0), ("SMS", 0)]


def test_those_that_may_cover_one_event_come_in_different_passes_units_before_money() -> None:
    found = book(
        allowance("A"),
        allowance("B", priority=2, zone="FR"),
        allowance("C", priority=3, kind="money"),
        allowance("D", product_code="SMS", kind="money"),
    )
    assert (found.unit_passes, found.money_passes) == (("_units_1", "_units_2"), ("_money_1", "_money_2"))
    assert [row["_units_2"] for row in found.of_zones] == [1, 1]
    sms = next(row for row in found.anywhere if row["product_code"] == "SMS")
    assert (sms["_units_1"], sms["_money_1"], sms["_money_2"]) == (0, 3, 2)


def test_money_is_counted_in_millionths() -> None:
    found = book(allowance(kind="money", quantity=Decimal("1.5")), allowance("UNITS"))
    assert [str(row["_quantity"]) for row in found.allowances] == ["1500000", "60"]


def test_days_of_service_are_counted_where_the_plan_goes_by_them() -> None:
    served = [
        subscription(valid_to=date(2026, 2, 11)),
        subscription(status="suspended", valid_from=date(2026, 2, 11), valid_to=date(2026, 2, 20)),
        subscription(valid_from=date(2026, 2, 20)),
        subscription(msisdn="2", valid_from=date(2026, 2, 15), valid_to=date(2026, 2, 21)),
        subscription(msisdn="3", plan_code="OTHER"),
    ]
    found = book(allowance(), prorate=True, subscriptions=served)
    days = {(row["_user"], row["_service_days"], row["_month_days"]) for row in found.service}
    assert days == {("1", 19, 28), ("2", 6, 28), ("", 24, 28)}
    assert [row["_is_prorated"] for row in found.allowances] == [True]


def test_nothing_goes_by_days_unless_the_plan_says_so_and_the_period_is_the_month() -> None:
    served = [subscription()]
    assert book(allowance(), subscriptions=served).service == []
    daily = book(allowance(period="day"), prorate=True, subscriptions=served)
    assert daily.service == []
    assert [row["_is_prorated"] for row in daily.allowances] == [False]
