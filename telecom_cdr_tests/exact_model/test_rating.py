"""The worked examples that rating is asked to meet, and what rows say beside the charge."""

from datetime import date
from decimal import Decimal
from itertools import permutations

import pytest

from telecom_cdr_tests.builders import Cells, a_data_cdr, a_reference, a_voice_cdr, an_sms_cdr
from telecom_cdr_tests.exact_model.trial import ANNA, BERT, a_tariff, by_id, calls, charges, entries, rated

_OFFICE_HOURS: Cells = {
    "time_band": "OFFICE",
    "weekdays": "12345",
    "start_time": "08:00",
    "end_time": "19:00",
    "on_holidays": "false",
}


@pytest.mark.parametrize(
    ("rate", "seconds", "charge"),
    [
        ({"price": "1", "first_increment": "60"}, 85, "85"),
        ({"price": "1", "first_increment": "60"}, 1, "60"),
        ({"price": "0.05", "unit_size": "60", "connect_fee": "0.15"}, 24, "0.17"),
        ({"price": "0.1", "unit_size": "60"}, 180, "0.3"),
        ({"price": "0.006", "unit_size": "60", "first_increment": "30", "next_increment": "6"}, 32, "0.0036"),
        ({"price": "0.006", "unit_size": "60", "first_increment": "30", "next_increment": "6"}, 57, "0.006"),
        ({"price": "0.006", "unit_size": "60", "first_increment": "30", "next_increment": "6"}, 75, "0.0078"),
        ({"price": "1", "maximum_charge": "10"}, 1800, "10"),
        ({"model": "package", "price": "100", "unit_size": "10"}, 121, "1300"),
    ],
)
def test_a_call_costs_what_was_worked_out(rate: Cells, seconds: int, charge: str) -> None:
    assert charges(a_tariff(rate), *calls(seconds)) == {"1": charge}


@pytest.mark.parametrize(("seconds", "charge"), [(20, "0.6"), (85, "0.641667"), (120, "0.7")])
def test_tiers_of_the_event(seconds: int, charge: str) -> None:
    tiers = [{"up_to": "60", "price": "0.2", "unit_size": "60"}, {"price": "0.1", "unit_size": "60"}]
    rate = {"model": "graduated", "connect_fee": "0.4", "first_increment": "60"}
    assert charges(a_tariff(rate, tiers=tiers), *calls(seconds)) == {"1": charge}


@pytest.mark.parametrize(
    ("start", "charge"), [("2026-02-09T09:00", "1.4"), ("2026-02-09T21:00", "0.55"), ("2026-02-10T09:00", "0.55")]
)
def test_office_hours_and_a_holiday(start: str, charge: str) -> None:
    office = {"time_band": "OFFICE", "connect_fee": "0.2", "price": "1.2", "unit_size": "60", "first_increment": "60"}
    reference = a_tariff(
        office,
        {"connect_fee": "0.1", "price": "0.01"},
        time_bands=[_OFFICE_HOURS],
        holidays=[{"date": "2026-02-10"}],
    )
    assert charges(reference, *calls(45, timestamp=start)) == {"1": charge}


def test_a_call_is_cut_at_the_edge_of_a_band() -> None:
    bands = [{"time_band": "DAY", "weekdays": "12345", "start_time": "00:00", "end_time": "18:00"}]
    reference = a_tariff(
        {"time_band": "DAY", "connect_fee": "1", "price": "1"},
        {"price": "0.5"},
        time_bands=bands,
    )
    (row,) = rated(reference, *calls(3600, timestamp="2026-02-12T17:30:00"))
    assert row["charge_amount"] == 2701
    assert [(entry["kind"], entry.get("band"), entry.get("units"), entry["amount"]) for entry in entries(row)] == [
        ("connect_fee", None, None, "1.000000000000"),
        ("usage", "DAY", 1800, "1800.000000000000"),
        ("usage", None, 1800, "900.000000000000"),
    ]


def test_the_longest_prefix_prices_a_message() -> None:
    reference = a_reference(
        destinations=[
            {"prefix": "10", "zone": "FAR", "country_code": "1"},
            {"prefix": "1002", "zone": "NEAR", "country_code": "1"},
        ],
        rates=[
            {"product_code": "SMS", "zone": "FAR", "price": "0.2"},
            {"product_code": "SMS", "zone": "NEAR", "price": "0.1"},
        ],
    )
    messages = [an_sms_cdr(record_ID=number, receiver_id=number) for number in ("+10025550123", "+10035550123")]
    assert charges(reference, *messages) == {"+10025550123": "0.1", "+10035550123": "0.2"}


@pytest.mark.parametrize("fee", [{"connect_fee": "1000"}, {"flat_fee": "1000"}])
def test_an_access_fee(fee: Cells) -> None:
    tiers = [{"up_to": "10", "price": "1", **fee}, {"price": "100"}] if "flat_fee" in fee else []
    tiers = tiers or [{"up_to": "10", "price": "1"}, {"price": "100"}]
    rate = {"model": "graduated", **({} if "flat_fee" in fee else fee)}
    assert charges(a_tariff(rate, tiers=tiers), *calls(10)) == {"1": "1010"}


def test_allowances_by_priority_and_what_is_over() -> None:
    allowances = [
        {"allowance_code": code, "quantity": quantity, "priority": priority}
        for code, quantity, priority in (("A", "75", "3"), ("B", "100", "1"), ("C", "40", "2"))
    ]
    tiers = [{"up_to": "20", "price": "0.2"}, {"price": "0.5"}]
    rate = {"model": "graduated", "tier_scope": "month"}
    found = by_id(a_tariff(rate, tiers=tiers, allowances=allowances), *calls(60, 50, 50, 280))
    assert [found[name]["charge_amount"] for name in "1234"] == [0, 0, 0, Decimal("106.5")]
    assert [found[name]["allowances_used"] for name in "1234"] == ["B=60", "B=40,C=10", "C=30,A=20", "A=55"]
    assert [found[name]["allowances_left"] for name in "1234"] == ["B=40", "B=0,C=30", "C=0,A=55", "A=0"]


def test_an_allowance_shared_by_a_customer() -> None:
    reference = a_tariff(
        {"price": "0.1"},
        allowances=[{"quantity": "10", "scope": "customer"}],
        subscriptions=[{"msisdn": ANNA}, {"msisdn": BERT}],
    )
    first, second = calls(8, 8)
    assert charges(reference, first, second | {"caller_id": BERT}) == {"1": "0", "2": "0.6"}


def test_a_money_allowance_pays_charges() -> None:
    allowances = [{"kind": "money", "quantity": "30"}]
    (row,) = rated(a_tariff({"price": "0.2"}, allowances=allowances), *calls(240))
    assert row["charge_amount"] == 18
    assert (row["money_allowance_amount"], row["money_allowances_used"], row["money_allowances_left"]) == (
        30,
        "FREE=30.000000",
        "FREE=0.000000",
    )
    assert entries(row)[-1] == {"kind": "money_allowance", "code": "FREE", "amount": "-30.000000000000"}


@pytest.mark.parametrize(("lengths", "total"), [((10,), 102), ((10, 1), 110), ((10, 11), 163), ((3, 4, 14), 163)])
def test_graduated_by_month(lengths: tuple[int, ...], total: int) -> None:
    tiers = [
        {"up_to": "10", "price": "10", "flat_fee": "2"},
        {"up_to": "20", "price": "5", "flat_fee": "3"},
        {"price": "5", "flat_fee": "3"},
    ]
    reference = a_tariff({"model": "graduated", "tier_scope": "month"}, tiers=tiers)
    assert sum(Decimal(charge) for charge in charges(reference, *calls(*lengths)).values()) == total


@pytest.mark.parametrize(
    ("lengths", "total"), [((100,), 210), ((100, 1), 101), ((100, 110), 155), ((210,), 155), ((150, 60), 155)]
)
def test_volume_by_month(lengths: tuple[int, ...], total: int) -> None:
    tiers = [
        {"up_to": "100", "price": "2", "flat_fee": "10"},
        {"up_to": "200", "price": "1"},
        {"price": "0.5", "flat_fee": "50"},
    ]
    reference = a_tariff({"model": "volume", "tier_scope": "month"}, tiers=tiers)
    assert sum(Decimal(charge) for charge in charges(reference, *calls(*lengths)).values()) == total


def test_the_order_of_arrival_decides_nothing() -> None:
    reference = a_tariff({"price": "0.6", "unit_size": "60"}, allowances=[{"quantity": "60"}])
    sent = [
        a_voice_cdr(record_ID=f"{hour}", timestamp=f"2026-02-10T{hour}:15:00", duration_sec=120) for hour in (16, 15)
    ]
    for records in permutations(sent):
        assert charges(reference, *records) == {"15": "0.6", "16": "1.2"}


def test_a_row_says_what_its_rate_is() -> None:
    reference = a_tariff(
        {"model": "package", "price": "2", "unit_size": "60", "zone": "MA", "valid_from": "2026-01-01"},
        {"product_code": "SMS", "price": "0.5", "connect_fee": "0.1"},
    )
    voice, sms = rated(reference, *calls(61), an_sms_cdr())
    names = ("rate_model", "tier_scope", "tier_basis", "rate_zone", "rate_valid_from", "unit_size", "price")
    assert [voice[name] for name in names] == ["package", "event", "charged", "MA", date(2026, 1, 1), 60, 2]
    assert [sms[name] for name in names[:5]] == ["flat", None, None, None, date(2020, 1, 1)]
    assert voice["breakdown"] == (
        '[{"kind":"package","band":null,"packages":2,"units":61,"from":1,"to":61,"price":"2.000000000","unit_size":60,'
        '"amount":"4.000000000000"}]'
    )
    assert sms["breakdown"] == (
        '[{"kind":"connect_fee","amount":"0.100000000000"},{"kind":"usage","band":null,"units":1,"from":1,"to":1,'
        '"price":"0.500000000","unit_size":1,"amount":"0.500000000000"}]'
    )


def test_an_unrated_row_has_no_numbers() -> None:
    (row,) = rated(a_tariff({"product_code": "SMS"}), *calls(61))
    assert row["reason"] == "NO_RATE"
    names = (
        "billed_units",
        "charge_amount",
        "breakdown",
        "money_allowance_amount",
        "rate_model",
        "tier_scope",
        "price",
    )
    assert [row[name] for name in names] == [None] * len(names)


def test_nothing_used_costs_nothing() -> None:
    rate = {"product_code": "DATA", "price": "1", "connect_fee": "5", "minimum_charge": "9"}
    (row,) = rated(a_tariff(rate), a_data_cdr(data_volume_mb=0))
    assert (row["charge_amount"], row["breakdown"], row["money_allowance_amount"]) == (0, "[]", 0)


@pytest.mark.parametrize(
    ("price", "size", "units", "charge"),
    [("0.000001", "2", 1, "0.000001"), ("0.0000009", "2", 1, "0"), ("1", "3", 7, "2.333333")],
)
def test_a_charge_is_exact_and_rounded_once(price: str, size: str, units: int, charge: str) -> None:
    assert charges(a_tariff({"price": price, "unit_size": size}), *calls(units)) == {"1": charge}


def test_what_rounding_adds_is_the_last_entry() -> None:
    (row,) = rated(a_tariff({"price": "1", "unit_size": "3"}), *calls(7))
    assert [entry["amount"] for entry in entries(row)] == ["2.333333333333", "-0.000000333333"]
    assert entries(row)[-1]["kind"] == "rounding"
