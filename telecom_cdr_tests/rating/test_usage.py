"""Rating end to end: whose event, which product and rate, which reason, and what a row says."""

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from telecom_cdr_tests.rating.tariffs import (
    ANNA,
    BERT,
    a_call,
    a_message,
    a_session,
    a_tariff,
    rated,
    rated_frame,
)

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def test_a_rated_row_carries_what_explains_it(engine: "SparkSession") -> None:
    tariff = a_tariff(
        rates=[
            {
                "price": Decimal("0.60"),
                "unit_size": 60,
                "first_increment": 60,
                "next_increment": 20,
                "connect_fee": Decimal("0.05"),
            }
        ],
        rate_plans=[{"prices_include_tax": True}],
    )
    row = rated(engine, tariff, calls=[a_call(duration_seconds=61)])["call"]
    expected = {
        "status": "rated",
        "reason": None,
        "customer_id": "C1",
        "plan_code": "P1",
        "payment_type": "postpaid",
        "currency": "MAD",
        "product_code": "VOICE",
        "zone": "MA",
        "destination_prefix": "212",
        "rate_zone": None,
        "rate_valid_from": date(2020, 1, 1),
        "rate_model": "flat",
        "first_increment": 60,
        "next_increment": 20,
        "unit_size": 60,
        "price": Decimal("0.60"),
        "connect_fee": Decimal("0.05"),
        "usage_units": 61,
        "billed_units": 80,
        "allowance_units": 0,
        "allowances_used": None,
        "charged_units": 80,
        "charge_amount": Decimal("0.85"),
        "is_tax_included": True,
        "reference_version": 7,
    }
    assert {name: row[name] for name in expected} == expected


def test_the_result_has_the_declared_columns_and_types(engine: "SparkSession") -> None:
    from telecom_cdr.tables.rated import USAGE

    found = rated_frame(engine, a_tariff(), calls=[a_call()]).toArrow()
    assert found.schema.names == list(USAGE.column_names)
    assert [field.type for field in found.schema] == [column.type.arrow for column in USAGE.columns]


def test_no_events_give_no_rows(engine: "SparkSession") -> None:
    assert rated(engine, a_tariff()) == {}


def test_a_missing_unit_size_and_increments_are_one_and_a_missing_fee_is_none(engine: "SparkSession") -> None:
    row = rated(engine, a_tariff(), calls=[a_call(duration_seconds=7)])["call"]
    assert (row["unit_size"], row["first_increment"], row["next_increment"], row["connect_fee"]) == (1, 1, 1, 0)
    assert row["charge_amount"] == Decimal("0.07")


def test_unused_sessions_cost_nothing_in_spite_of_fee_and_minimum(engine: "SparkSession") -> None:
    fee = {"connect_fee": Decimal(1), "minimum_charge": Decimal(2), "first_increment": 10}
    tariff = a_tariff(rates=[{"product_code": "DATA", **fee}])
    row = rated(engine, tariff, sessions=[a_session(volume_bytes=0)])["session"]
    assert (row["status"], row["billed_units"], row["charged_units"], row["charge_amount"]) == ("rated", 0, 0, 0)


REASONS: list[tuple[str, dict[str, Any], str]] = [
    ("a number never known", {"served_msisdn": "212669999999"}, "UNKNOWN_SUBSCRIBER"),
    (
        "never known, and everything else wrong too",
        {"served_msisdn": "212669999999", "traffic_class": "roaming", "called_number": "999"},
        "UNKNOWN_SUBSCRIBER",
    ),
    ("suspended that day", {"served_msisdn": BERT}, "SUBSCRIPTION_NOT_ACTIVE"),
    ("not active and no product", {"served_msisdn": BERT, "traffic_class": "fixed"}, "SUBSCRIPTION_NOT_ACTIVE"),
    ("no product", {"traffic_class": "fixed"}, "UNKNOWN_PRODUCT"),
    ("no product and no destination", {"traffic_class": "fixed", "called_number": "33612345678"}, "UNKNOWN_PRODUCT"),
    ("no destination", {"called_number": "33612345678"}, "NO_DESTINATION"),
    ("no destination and no rate", {"traffic_class": "onnet", "called_number": "33612345678"}, "NO_DESTINATION"),
    ("no rate", {"traffic_class": "onnet"}, "NO_RATE"),
]


def test_the_first_reason_is_given_and_never_a_charge(engine: "SparkSession") -> None:
    tariff = a_tariff(
        subscriptions=[{}, {"msisdn": BERT, "status": "suspended"}],
        products=[
            {"product_code": "OFFNET", "traffic_class": "offnet"},
            {"product_code": "ONNET", "traffic_class": "onnet"},
        ],
        rates=[{"product_code": "OFFNET"}],
    )
    calls = [a_call(cdr_id=name, **values) for name, values, _ in REASONS]
    found = rated(engine, tariff, calls=[*calls, a_call(cdr_id="fine")])
    assert found["fine"]["status"] == "rated"
    assert {name: found[name]["reason"] for name, _, _ in REASONS} == {name: reason for name, _, reason in REASONS}
    nothing = ("charge_amount", "billed_units", "charged_units", "allowance_units", "allowances_used", "price")
    for name, _, _ in REASONS:
        assert found[name]["status"] == "unrated"
        assert [found[name][column] for column in nothing] == [None] * len(nothing)


def test_an_unrated_event_keeps_what_is_known_of_it(engine: "SparkSession") -> None:
    stranger = "212669999999"
    tariff = a_tariff(rates=[])
    found = rated(
        engine,
        tariff,
        calls=[a_call(served_msisdn=stranger)],
        messages=[a_message()],
        sessions=[a_session(product_code="NEVER_HEARD_OF")],
    )
    assert (found["call"]["product_code"], found["call"]["zone"], found["call"]["plan_code"]) == ("VOICE", "MA", None)
    message = found["message"]
    assert (message["reason"], message["plan_code"], message["customer_id"]) == ("NO_RATE", "P1", "C1")
    assert (found["session"]["reason"], found["session"]["product_code"]) == ("UNKNOWN_PRODUCT", "NEVER_HEARD_OF")


def test_a_subscription_is_valid_from_its_first_day_to_the_day_before_its_end(engine: "SparkSession") -> None:
    tariff = a_tariff(
        subscriptions=[
            {"customer_id": "OLD", "valid_from": date(2026, 1, 5), "valid_to": date(2026, 1, 10)},
            {"customer_id": "NEW", "valid_from": date(2026, 1, 20)},
        ],
    )
    days = {4: None, 5: "OLD", 9: "OLD", 10: None, 19: None, 20: "NEW", 31: "NEW"}
    calls = [a_call(cdr_id=str(day), usage_date=date(2026, 1, day)) for day in days]
    found = rated(engine, tariff, calls=calls)
    assert {day: found[str(day)]["customer_id"] for day in days} == days
    assert found["10"]["reason"] == "SUBSCRIPTION_NOT_ACTIVE"


PRODUCTS = [
    {"product_code": "ANY"},
    {"product_code": "ABROAD", "traffic_class": "international"},
    {"product_code": "SMS", "service_type": "sms"},
    {"product_code": "DATA", "service_type": "data"},
    {"product_code": "DATA_ROAMING", "service_type": "data", "traffic_class": "roaming"},
]


@pytest.mark.parametrize(
    ("has_roaming", "product", "reason"), [(True, "ROAMING", None), (False, None, "UNKNOWN_PRODUCT")]
)
def test_roaming_calls_need_a_product_made_for_roaming(
    engine: "SparkSession", has_roaming: bool, product: str | None, reason: str | None
) -> None:
    roaming = [{"product_code": "ROAMING", "traffic_class": "roaming"}] if has_roaming else []
    tariff = a_tariff(
        products=[*PRODUCTS, *roaming],
        rates=[{"product_code": code} for code in ("ANY", "ROAMING", "DATA", "DATA_ROAMING")],
    )
    found = rated(engine, tariff, calls=[a_call(traffic_class="roaming", is_roaming=True)])["call"]
    assert (found["product_code"], found["reason"]) == (product, reason)


def test_products_are_found_by_class_before_those_of_any_class(engine: "SparkSession") -> None:
    tariff = a_tariff(
        products=PRODUCTS,
        rates=[{"product_code": code} for code in ("ANY", "ABROAD", "SMS", "DATA", "DATA_ROAMING")],
    )
    classes = {"onnet": "ANY", "offnet": "ANY", "fixed": "ANY", "special": "ANY", "international": "ABROAD"}
    found = rated(
        engine,
        tariff,
        calls=[a_call(cdr_id=name, traffic_class=name) for name in classes],
        messages=[a_message(traffic_class="international")],
        sessions=[
            a_session(),
            a_session(cdr_id="abroad", is_roaming=True),
            a_session(cdr_id="roaming", is_roaming=True, product_code="DATA_ROAMING"),
            a_session(cdr_id="voice", product_code="ANY"),
            a_session(cdr_id="none", product_code=None),
        ],
    )
    assert {name: found[name]["product_code"] for name in classes} == classes
    assert found["message"]["product_code"] == "SMS"
    assert [found[name]["reason"] for name in ("session", "abroad", "roaming", "voice", "none")] == [
        None,
        "NO_RATE",
        None,
        "UNKNOWN_PRODUCT",
        "UNKNOWN_PRODUCT",
    ]


def test_the_most_specific_rate_valid_on_the_day_wins(engine: "SparkSession") -> None:
    tariff = a_tariff(
        destinations=[
            {"prefix": "212", "zone": "MA"},
            {"prefix": "33", "zone": "FR"},
            {"prefix": "34", "zone": "ES"},
        ],
        rates=[
            {"price": Decimal(1), "valid_to": date(2026, 1, 20)},
            {"price": Decimal(2), "valid_from": date(2026, 1, 20)},
            {"price": Decimal(3), "zone": "FR", "valid_from": date(2026, 1, 10), "valid_to": date(2026, 1, 25)},
            {"price": Decimal(4), "zone": "ES", "valid_from": None, "valid_to": date(2026, 1, 5)},
            {"price": Decimal(9), "zone": "FR", "plan_code": "P2"},
        ],
        rate_plans=[{}, {"plan_code": "P2"}],
    )
    expected = {
        ("212", 19): (1, None),
        ("212", 20): (2, None),
        ("33", 9): (1, None),
        ("33", 10): (3, "FR"),
        ("33", 24): (3, "FR"),
        ("33", 25): (2, None),
        ("34", 4): (4, "ES"),
        ("34", 5): (1, None),
    }
    calls = [
        a_call(cdr_id=f"{prefix}/{day}", called_number=f"{prefix}600000000", usage_date=date(2026, 1, day))
        for prefix, day in expected
    ]
    found = rated(engine, tariff, calls=calls)
    assert {
        key: (found[f"{key[0]}/{key[1]}"]["price"], found[f"{key[0]}/{key[1]}"]["rate_zone"]) for key in expected
    } == expected


def test_prepaid_events_are_rated_like_others(engine: "SparkSession") -> None:
    tariff = a_tariff(rate_plans=[{"payment_type": "prepaid"}])
    row = rated(engine, tariff, calls=[a_call()])["call"]
    assert (row["payment_type"], row["charge_amount"]) == ("prepaid", Decimal("0.60"))


def test_overlapping_reference_rows_do_not_double_an_event(engine: "SparkSession") -> None:
    tariff = a_tariff(
        subscriptions=[
            {},
            {"customer_id": "C2", "valid_from": date(2026, 1, 10)},
            {"msisdn": ANNA, "status": "suspended"},
        ],
        rates=[{}, {"price": Decimal(5), "valid_from": date(2026, 1, 12)}],
        products=[{}, {"product_code": "VOICE_TOO"}],
    )
    row = rated(engine, tariff, calls=[a_call()])["call"]
    assert (row["customer_id"], row["price"], row["product_code"]) == ("C2", Decimal(5), "VOICE")
