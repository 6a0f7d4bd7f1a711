"""A rated row in words: every kind of piece, and the facts beside them, from rows made by hand."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from telecom_cdr.cli.explain_charge import charge_steps
from telecom_cdr.cli.pieces import in_short
from telecom_cdr.tables.rated import USAGE
from telecom_cdr_tests.table_rows import row_of

Row = dict[str, Any]
Piece = dict[str, Any]

AT_HOME = {"is_roaming": False, "serving_plmn": None}
CONNECT: Piece = {"kind": "connect_fee", "amount": "0.150000000000"}


def a_charge(*pieces: Piece, **values: Any) -> Row:
    """A call of 60 s at 0.01 a second, rated by the pieces given."""
    defaults = {
        "service_type": "voice",
        "traffic_class": "onnet",
        "status": "rated",
        "customer_id": "C1",
        "plan_code": "P1",
        "payment_type": "postpaid",
        "currency": "MAD",
        "product_code": "VOICE",
        "zone": "MA",
        "destination_prefix": "212",
        "usage_date": date(2026, 2, 10),
        "rate_valid_from": date(2020, 1, 1),
        "rate_model": "flat",
        "first_increment": 1,
        "next_increment": 1,
        "unit_size": 1,
        "price": Decimal("0.010000000"),
        "usage_units": 60,
        "billed_units": 60,
        "allowance_units": 0,
        "charged_units": 60,
        "is_tax_included": False,
        "reference_version": 3,
        "charge_amount": sum((Decimal(piece["amount"]) for piece in pieces), Decimal(0)).quantize(Decimal("0.000001")),
        "breakdown": json.dumps(pieces),
    }
    return row_of(USAGE, **(defaults | values))


def usage(amount: str, price: str = "0.010000000", **values: Any) -> Piece:
    """A piece of 60 s."""
    piece = {"kind": "usage", "band": None, "units": 60, "from": 1, "to": 60, "price": price, "unit_size": 1}
    return piece | values | {"amount": amount}


def told(row: Row, step: str, event: Row = AT_HOME) -> list[str]:
    """The words of each step of this name."""
    return [words for name, words in charge_steps(row, event) if name == step]


def only_told(row: Row, step: str, event: Row = AT_HOME) -> str:
    """The words of the only step of this name."""
    (words,) = told(row, step, event)
    return words


@pytest.mark.parametrize(
    ("piece", "words"),
    [
        (CONNECT, "connect fee = 0.15"),
        (usage("0.600000000000"), "60 s (units 1 to 60) x 0.01 per s = 0.6"),
        (usage("0.010000000000", units=1, to=1), "1 s (unit 1) x 0.01 per s = 0.01"),
        (
            usage("1.200000000000", "1.200000000", unit_size=60, band="PEAK"),
            "60 s in PEAK (units 1 to 60) x 1.2 per 60 s = 1.2",
        ),
        (
            {"kind": "flat_fee", "band": None, "tier_from": 11, "amount": "3.000000000000"},
            "flat fee of the tier that begins at unit 11, now entered = 3",
        ),
        (
            {"kind": "flat_fee", "band": "NIGHT", "tier_from": 1, "amount": "-3.000000000000"},
            "flat fee of the tier that begins at unit 1 in NIGHT, charged before, given back = -3",
        ),
        (
            {"kind": "package", "band": None, "packages": 13, "units": 121, "from": 1, "to": 121}
            | {"price": "100.000000000", "unit_size": 10, "amount": "1300.000000000000"},
            "13 package(s) of 10 s begun by 121 s (units 1 to 121) x 100 = 1300",
        ),
        (
            {"kind": "repricing", "band": None, "units": -1100, "price": "2.000000000", "unit_size": 1}
            | {"amount": "-2200.000000000000"},
            "1,100 s charged before, given back at their old price x 2 per s = -2200",
        ),
        ({"kind": "rounding", "amount": "0.000000333333"}, "rounding to 6 decimals = 0.000000333333"),
    ],
)
def test_each_kind_of_piece_is_told_with_its_arithmetic(piece: Piece, words: str) -> None:
    assert only_told(a_charge(piece), "piece") == words


@pytest.mark.parametrize(
    ("kind", "amount", "words"),
    [
        ("minimum", "1.400000000000", "raised to the least charge (least 2, greatest none) = 1.4"),
        ("maximum", "-0.600000000000", "lowered to the greatest charge (least 2, greatest none) = -0.6"),
    ],
)
def test_a_limit_is_told_with_the_limits_of_the_rate(kind: str, amount: str, words: str) -> None:
    row = a_charge({"kind": kind, "amount": amount}, minimum_charge=Decimal("2.000000"))
    assert only_told(row, "piece") == words
    in_session = row | {"session_id": "S1"}
    assert " of the session (least" in only_told(in_session, "piece")


def test_a_money_allowance_tells_what_it_paid_and_what_is_left() -> None:
    paid = {"kind": "money_allowance", "code": "TALK", "amount": "-0.600000000000"}
    row = a_charge(
        usage("0.600000000000"), paid, money_allowances_used="TALK=0.600000", money_allowances_left="TALK=29.400000"
    )
    assert told(row, "piece")[1] == "paid by the money allowance TALK (29.4 left) = -0.6"
    assert only_told(row, "charge") == "0.6 - 0.6 = 0.000000 MAD (without tax)"


def test_the_pieces_add_up_to_the_charge_in_their_order() -> None:
    row = a_charge(CONNECT, usage("0.600000000000"), {"kind": "rounding", "amount": "-0.000000400000"})
    assert [words.partition(" = ")[0] for words in told(row, "piece")] == [
        "connect fee", "60 s (units 1 to 60) x 0.01 per s", "rounding to 6 decimals",
    ]  # fmt: skip
    assert only_told(row, "charge") == "0.15 + 0.6 - 0.0000004 = 0.750000 MAD (without tax)"


def test_nothing_charged_has_no_piece() -> None:
    row = a_charge(charged_units=0, allowance_units=60, allowances_used="FREE=60", allowances_left="FREE=40")
    assert told(row, "piece") == []
    assert only_told(row, "charge") == "nothing to pay: 0.000000 MAD (without tax)"


def test_a_row_without_stored_pieces_says_so_and_computes_nothing() -> None:
    row = a_charge(breakdown=None, charge_amount=Decimal("0.600000"), is_tax_included=True)
    assert told(row, "piece") == []
    assert only_told(row, "charge").startswith("0.600000 MAD (tax included); it was rated before pieces were kept")


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (
            {"rate_zone": "MA", "time_band": "PEAK"},
            "the rate of zone MA in band PEAK, the most specific there can be, flat",
        ),
        ({"rate_zone": "MA"}, "the rate of zone MA at any hour, as none of this zone is for a band active then, flat"),
        ({"time_band": "PEAK"}, "the rate of any zone in band PEAK, as none is for zone MA, flat"),
        ({}, "the rate of any zone, as none is for zone MA, and at any hour, as none is for a band active then, flat"),
        (
            {"zone": None},
            "no zone: the rate of any zone, as the event has none, and at any hour, as none is for a band active then",
        ),
    ],
)
def test_the_rate_is_told_with_why_it_was_chosen(asked: Row, words: str) -> None:
    rate = only_told(a_charge(**asked), "rate")
    assert words in rate
    assert rate.startswith("plan P1, product VOICE, ")
    assert rate.endswith("valid from 2020-01-01; reference data version 3")


def test_units_are_told_before_and_after_rounding_and_what_allowances_gave() -> None:
    row = a_charge(
        usage_units=61, first_increment=60, next_increment=20, billed_units=80, allowance_units=50, charged_units=30,
        allowances_used="DAY=10,MONTH=40", allowances_left="DAY=0,MONTH=1200",
    )  # fmt: skip
    assert only_told(row, "units") == (
        "61 s used; first 60 whole, then steps of 20: 80 billed; allowances gave 50; 30 to pay"
    )
    assert told(row, "allowance") == ["DAY gave 10 s; 0 s left", "MONTH gave 40 s; 1,200 s left"]


def test_a_part_of_a_session_tells_what_was_used_before_it() -> None:
    row = a_charge(session_id="S1", sequence_number=2, session_units_before=1500, service_type="data")
    assert only_told(row, "session").startswith("part 2 of session S1: 1,500 bytes used before it")
    assert told(a_charge(session_id="S1"), "session") == []


def test_who_is_charged_by_which_plan_is_told_first() -> None:
    step = next(charge_steps(a_charge(), AT_HOME))
    assert step == ("subscriber", "customer C1, plan P1, postpaid, on 2026-02-10")


def test_a_ported_number_tells_its_operator_of_the_day() -> None:
    row = a_charge(ported_operator="Inwi", traffic_class="offnet")
    assert only_told(row, "ported") == "the number called was served by Inwi on that day: offnet"


def test_roaming_tells_the_network_and_the_zone_that_it_stands_for() -> None:
    abroad = {"is_roaming": True, "serving_plmn": "20801"}
    row = a_charge(zone="EUROPE", destination_prefix="208")
    assert only_told(row, "roaming", abroad) == "served abroad by the network 20801: zone EUROPE (prefix 208)"
    assert only_told(a_charge(zone=None), "roaming", abroad).endswith("20801: without a zone")


@pytest.mark.parametrize(
    "reason", ["UNKNOWN_SUBSCRIBER", "SUBSCRIPTION_NOT_ACTIVE", "UNKNOWN_PRODUCT", "NO_DESTINATION", "NO_RATE"]
)
def test_an_event_without_a_charge_tells_its_reason_and_ends(reason: str) -> None:
    steps = list(charge_steps(a_charge(status="unrated", reason=reason, breakdown=None, plan_code=None), AT_HOME))
    assert [name for name, _ in steps] == ["unrated"]
    assert steps[0][1].startswith(f"{reason}: ")


def test_all_pieces_fit_one_line_of_a_table() -> None:
    package = {"kind": "package", "band": "PEAK", "packages": 2, "price": "5.000000000", "amount": "10.000000000000"}
    paid = {"kind": "money_allowance", "code": "TALK", "amount": "-0.150000000000"}
    pieces = [CONNECT, usage("1.200000000000", "1.200000000", unit_size=60, band="PEAK"), package, paid]
    assert in_short(json.dumps(pieces)) == (
        "connect fee = 0.15 + 60 x 1.2 / 60 PEAK = 1.2 + 2 package(s) x 5 PEAK = 10 + money allowance TALK = -0.15"
    )
    assert in_short(None) == ""
