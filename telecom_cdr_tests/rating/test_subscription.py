"""Subscriptions: who has the number on the day of the tariff."""

from datetime import date
from typing import TYPE_CHECKING, Any

from telecom_cdr.rating.subscription import with_subscription
from telecom_cdr_tests.rating.looked_up import added, table

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

NUMBER = "212661000001"
SUBSCRIPTIONS: list[dict[str, Any]] = [
    {"msisdn": NUMBER, "customer_id": "C1", "plan_code": "P1", "status": "active", "valid_to": date(2026, 1, 10)},
    {
        "msisdn": NUMBER,
        "customer_id": "C1",
        "plan_code": "P1",
        "status": "suspended",
        "valid_from": date(2026, 1, 10),
        "valid_to": date(2026, 1, 12),
    },
    {"msisdn": NUMBER, "customer_id": "C2", "plan_code": "P2", "status": "active", "valid_from": date(2026, 1, 15)},
    {"msisdn": "212661000002", "customer_id": "C2", "plan_code": "P2", "status": "terminated"},
]
PLANS: list[dict[str, Any]] = [
    {"plan_code": "P1", "currency": "MAD", "payment_type": "postpaid"},
    {"plan_code": "P2", "currency": "EUR", "payment_type": "prepaid"},
]


def test_a_number_is_that_of_its_customer_of_the_day(each_engine: "SparkSession") -> None:
    subscriptions = table(each_engine, "subscriptions", *SUBSCRIPTIONS)
    plans = table(each_engine, "rate_plans", *PLANS)
    days = {9: ("C1", "P1", "MAD"), 10: (None,) * 3, 12: (None,) * 3, 14: (None,) * 3, 15: ("C2", "P2", "EUR")}
    events: list[dict[str, Any]] = [{"tariff_date": date(2026, 1, day)} for day in days]
    events += [{"served_msisdn": "212661000002"}, {"served_msisdn": "212661000003"}]
    found = added(
        each_engine,
        lambda each: with_subscription(each, subscriptions, plans),
        events,
        *("customer_id", "plan_code", "currency", "is_known_number"),
    )
    unknown = [(None, None, None, True), (None, None, None, None)]
    assert found == [*((*owner, True) for owner in days.values()), *unknown]
