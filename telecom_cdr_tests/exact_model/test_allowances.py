"""How the model gives allowances away."""

import pytest

from telecom_cdr_tests.builders import Cells, a_data_cdr, a_reference, a_voice_cdr, an_sms_cdr
from telecom_cdr_tests.exact_model.trial import ANNA, BERT, a_tariff, by_id, calls, entries, plain, rated

_BOTH: list[Cells] = [{"msisdn": ANNA}, {"msisdn": BERT}]


def test_allowances_go_by_priority_then_code_and_a_code_counts_once() -> None:
    reference = a_reference(
        allowances=[
            {"allowance_code": "B", "quantity": "10", "priority": "1"},
            {"allowance_code": "B", "quantity": "10", "priority": "1", "product_code": "VOICE"},
            {"allowance_code": "A", "quantity": "10", "priority": "1", "period": "day", "product_code": "VOICE"},
            {"allowance_code": "C", "quantity": "5", "priority": "0", "period": "event", "product_code": "VOICE"},
        ]
    )
    sent = [
        a_voice_cdr(record_ID=f"{hour}", timestamp=f"2026-02-10T{hour}:00:00Z", duration_sec=12) for hour in (10, 11)
    ]
    found = rated(reference, *sent, a_voice_cdr(record_ID="12", timestamp="2026-02-11T10:00:00Z", duration_sec=12))
    assert [row["allowances_used"] for row in found] == ["C=5,A=7", "C=5,A=3,B=4", "C=5,A=7"]
    assert [row["allowances_left"] for row in found] == ["C=0,A=3", "C=0,A=0,B=6", "C=0,A=3"]


@pytest.mark.parametrize(
    ("scope", "period", "used"),
    [
        ("subscription", "month", ["FREE=8", "FREE=8", "FREE=2", "FREE=2"]),
        ("customer", "month", ["FREE=8", "FREE=2", None, None]),
        ("customer", "day", ["FREE=8", "FREE=2", "FREE=8", "FREE=2"]),
        ("customer", "event", ["FREE=8", "FREE=8", "FREE=8", "FREE=8"]),
    ],
)
def test_who_shares_an_allowance_and_for_how_long(scope: str, period: str, used: list[str | None]) -> None:
    allowances: list[Cells] = [{"quantity": "10", "scope": scope, "period": period}]
    reference = a_tariff({}, subscriptions=_BOTH, allowances=allowances)
    sent = [
        call
        | {"record_ID": name + str(call["record_ID"]), "caller_id": msisdn, "timestamp": f"{call['timestamp']}.{name}"}
        for call in calls(8, 8)
        for name, msisdn in (("1", ANNA), ("2", BERT))
    ]
    assert [row["allowances_used"] for row in rated(reference, *sent)] == used


def test_another_plan_or_customer_starts_anew() -> None:
    reference = a_tariff(
        {},
        {"plan_code": "P2"},
        customers=[{}, {"customer_id": "C2"}],
        rate_plans=[{}, {"plan_code": "P2"}],
        subscriptions=[
            {"valid_to": "2026-02-02"},
            {"customer_id": "C2", "valid_from": "2026-02-02", "valid_to": "2026-02-03"},
            {"customer_id": "C2", "plan_code": "P2", "valid_from": "2026-02-03"},
        ],
        allowances=[{"quantity": "10"}, {"quantity": "10", "plan_code": "P2"}],
    )
    assert [row["allowances_used"] for row in rated(reference, *calls(8, 8, 8))] == ["FREE=8"] * 3


@pytest.mark.parametrize(
    ("cells", "subscription", "free"),
    [
        # Active on 14 of 28 days of February: half of 61 is 30.5.
        ({"quantity": "61"}, {"valid_from": "2026-02-15"}, 31),
        ({"quantity": "60"}, {"valid_from": "2026-02-15"}, 30),
        ({"quantity": "61"}, {"valid_from": "2026-01-15"}, 61),
        ({"quantity": "61", "period": "day"}, {"valid_from": "2026-02-15"}, 61),
        ({"quantity": "61", "period": "event"}, {"valid_from": "2026-02-15"}, 61),
        ({"quantity": "28"}, {"valid_from": "2026-02-28", "valid_to": "2026-03-05"}, 1),
    ],
)
def test_a_prorating_plan_gives_its_share_of_a_month(cells: Cells, subscription: Cells, free: int) -> None:
    for prorate, expected in (("true", free), ("false", int(cells["quantity"]))):
        reference = a_tariff({}, rate_plans=[{"prorate": prorate}], subscriptions=[subscription], allowances=[cells])
        (row,) = rated(reference, *calls(1000, timestamp="2026-02-28T10:00:00"))
        assert row["allowance_units"] == expected


def test_a_shared_allowance_has_the_days_of_any_number() -> None:
    reference = a_tariff(
        {},
        rate_plans=[{"prorate": "true"}],
        subscriptions=[
            {"msisdn": ANNA, "valid_to": "2026-02-08"},
            {"msisdn": ANNA, "status": "suspended", "valid_from": "2026-02-08"},
            {"msisdn": BERT, "valid_from": "2026-02-22"},
        ],
        allowances=[
            {"allowance_code": "OWN", "quantity": "28", "priority": "1"},
            {"allowance_code": "SHARED", "quantity": "28", "priority": "2", "scope": "customer"},
        ],
    )
    found = by_id(
        reference,
        a_voice_cdr(record_ID="A", timestamp="2026-02-01T10:00:00"),
        a_voice_cdr(record_ID="B", timestamp="2026-02-28T10:00:00", caller_id=BERT),
    )
    assert [found[name]["allowances_used"] for name in "AB"] == ["OWN=7,SHARED=14", "OWN=7"]


def test_money_is_prorated_to_the_sixth_decimal() -> None:
    reference = a_tariff(
        {"price": "1"},
        rate_plans=[{"prorate": "true"}],
        subscriptions=[{"valid_from": "2026-02-26"}],
        allowances=[{"kind": "money", "quantity": "1"}],
    )
    (row,) = rated(reference, *calls(1, timestamp="2026-02-28T10:00:00"))
    assert row["money_allowances_used"] == "FREE=0.107143"


def test_money_pays_the_connect_fee_and_comes_after_units_and_limits() -> None:
    reference = a_tariff(
        {"price": "1", "connect_fee": "2", "minimum_charge": "5"},
        allowances=[
            {"allowance_code": "UNITS", "quantity": "9", "priority": "9"},
            {"allowance_code": "B", "kind": "money", "quantity": "4", "priority": "2"},
            {"allowance_code": "A", "kind": "money", "quantity": "2.5", "priority": "1"},
        ],
    )
    found = by_id(reference, *calls(10, 3, 1))
    names = ("allowances_used", "money_allowances_used", "money_allowances_left")
    assert [[found[number][name] for name in names] for number in "123"] == [
        ["UNITS=9", "A=2.500000,B=2.500000", "A=0.000000,B=1.500000"],
        [None, "B=1.500000", "B=0.000000"],
        [None, None, None],
    ]
    assert [plain(found[number]["charge_amount"]) for number in "123"] == ["0", "3.5", "5"]
    assert [(entry["kind"], entry["amount"]) for entry in entries(found["1"])] == [
        ("connect_fee", "2.000000000000"),
        ("usage", "1.000000000000"),
        ("minimum", "2.000000000000"),
        ("money_allowance", "-2.500000000000"),
        ("money_allowance", "-2.500000000000"),
    ]


def test_money_covers_products_of_any_unit() -> None:
    reference = a_reference(allowances=[{"kind": "money", "quantity": "1", "scope": "customer"}])
    sent = [a_voice_cdr(record_ID="v", duration_sec=50), an_sms_cdr(record_ID="s"), a_data_cdr(record_ID="d")]
    found = by_id(reference, *(record | {"timestamp": f"2026-02-1{day}T10:00:00"} for day, record in enumerate(sent)))
    assert [found[name]["money_allowances_left"] for name in "vsd"] == [
        "FREE=0.500000",
        "FREE=0.400000",
        "FREE=0.385000",
    ]


def test_a_refund_takes_no_money_and_gives_none_back() -> None:
    tiers: list[Cells] = [{"up_to": "10", "price": "1"}, {"price": "0.1"}]
    reference = a_tariff(
        {"model": "volume", "tier_scope": "month"}, tiers=tiers, allowances=[{"kind": "money", "quantity": "15"}]
    )
    found = by_id(reference, *calls(10, 1, 100))
    assert [plain(found[name]["charge_amount"]) for name in "123"] == ["0", "-8.9", "5"]
    assert [found[name]["money_allowances_left"] for name in "123"] == ["FREE=5.000000", None, "FREE=0.000000"]


def test_an_allowance_of_a_zone_or_product_covers_nothing_else() -> None:
    reference = a_tariff(
        {},
        {"product_code": "SMS"},
        destinations=[{}, {"prefix": "33", "zone": "FR"}],
        allowances=[
            {"allowance_code": "FR", "zone": "FR", "product_code": "VOICE"},
            {"allowance_code": "SMS", "product_code": "SMS"},
        ],
    )
    home, abroad = calls(10, 10)
    found = by_id(reference, home, abroad | {"callee_id": "+33612345678"}, an_sms_cdr(record_ID="3"))
    assert [found[name]["allowances_used"] for name in "123"] == [None, "FR=10", "SMS=1"]
