"""Charges, lines and invoices that do not follow from their own columns are counted."""

import json
from decimal import Decimal
from typing import Any

import pytest
from pyspark.sql import SparkSession

from telecom_cdr.assurance.explained import charge_is_explained, lines_are_explained
from telecom_cdr.tables.invoices import INVOICES, LINES
from telecom_cdr.tables.rated import USAGE
from telecom_cdr_tests.assurance.months import right_month, usage_in_one_piece
from telecom_cdr_tests.table_rows import frame_of, one

Spoil = dict[str, Any]


def _charges(engine: SparkSession, *events: Spoil) -> dict[str, Any]:
    return one(charge_is_explained(frame_of(engine, USAGE, *events)))


def _event(**values: Any) -> Spoil:
    event = {**right_month()["rated/usage"][0], **values}
    return {**event, "breakdown": values.get("breakdown", usage_in_one_piece(event["charged_units"]))}


def test_right_charges_are_explained(engine: SparkSession) -> None:
    assert set(_charges(engine, *right_month()["rated/usage"]).values()) == {0}


def test_no_events_are_explained(engine: SparkSession) -> None:
    assert set(_charges(engine).values()) == {0}


@pytest.mark.parametrize(
    "event",
    [
        # 1 s at 0.1 a minute: 0.001666... rounded once, half up.
        _event(
            usage_units=1,
            billed_units=1,
            charged_units=1,
            unit_size=60,
            price=Decimal("0.1"),
            charge_amount=Decimal("0.001667"),
        ),
        _event(
            usage_units=61,
            billed_units=80,
            charged_units=80,
            first_increment=60,
            next_increment=20,
            charge_amount=Decimal("0.8"),
        ),
        _event(
            allowance_units=10,
            charged_units=0,
            connect_fee=Decimal(1),
            minimum_charge=Decimal(1),
            charge_amount=Decimal(0),
        ),
        _event(minimum_charge=Decimal("0.5"), charge_amount=Decimal("0.5")),
        _event(maximum_charge=Decimal("0.05"), charge_amount=Decimal("0.05")),
        _event(usage_units=0, billed_units=0, charged_units=0, charge_amount=Decimal(0)),
        _event(unit_size=None, connect_fee=None, first_increment=None, next_increment=None),
        # 1 TB at the finest price, and a price with nine decimals.
        _event(
            usage_units=10**12,
            billed_units=10**12,
            charged_units=10**12,
            unit_size=10**6,
            price=Decimal("0.123456789"),
            charge_amount=Decimal("123456.789"),
        ),
    ],
)
def test_charges_by_the_rules_are_explained(engine: SparkSession, event: Spoil) -> None:
    assert set(_charges(engine, event).values()) == {0}


def test_a_charge_that_is_off_by_a_millionth_is_found_with_its_amount(engine: SparkSession) -> None:
    found = _charges(engine, _event(charge_amount=Decimal("0.100001")), _event())
    assert found["unexplained_charge_count"] == 1
    assert found["unexplained_charge_amount"] == Decimal("0.000001")


@pytest.mark.parametrize(
    ("event", "figure"),
    [
        (_event(price=None), "unexplained_charge_count"),
        (_event(billed_units=11, charged_units=11, charge_amount=Decimal("0.11")), "unexplained_units_count"),
        (_event(allowance_units=1), "unexplained_units_count"),
        (_event(charged_units=None), "unexplained_units_count"),
        (_event(charge_amount=None), "contradictory_status_count"),
        (_event(reason="NO_RATE"), "contradictory_status_count"),
        (_event(status="unrated", reason=None, charge_amount=None), "contradictory_status_count"),
        (_event(status="unrated", reason="NO_RATE"), "contradictory_status_count"),
        (_event(breakdown=None), "contradictory_status_count"),
    ],
)
def test_events_that_contradict_themselves_are_counted(engine: SparkSession, event: Spoil, figure: str) -> None:
    assert _charges(engine, event)[figure] == 1


def _piece(amount: str, kind: str = "usage", **values: object) -> str:
    return json.dumps({"kind": kind, **values, "amount": amount}, separators=(",", ":"))


def _deep(*pieces: str, **values: Any) -> Spoil:
    """10 s charged by tiers: 6 at 0.01, 4 at 0.02."""
    return _event(
        rate_model="graduated",
        price=None,
        charge_amount=Decimal("0.14"),
        breakdown=f"[{','.join(pieces)}]",
        **values,
    )


LOW = _piece("0.060000000000", units=6, price="0.010000000", unit_size=1)
HIGH = _piece("0.080000000000", units=4, price="0.020000000", unit_size=1)


def _of_band(band: str, second: int, price: str) -> str:
    return (
        f'{{"kind":"usage","band":"{band}","units":1,"from":{second},"to":{second},"price":"{price}","unit_size":1,'
        f'"amount":"{price}000"}}'
    )


def test_a_flat_charge_by_two_bands_is_explained_by_its_pieces(engine: SparkSession) -> None:
    pieces = f"[{_of_band('P', 1, '0.010000000')},{_of_band('O', 2, '0.020000000')}]"
    units = dict.fromkeys(("usage_units", "billed_units", "charged_units"), 2)
    event = _event(**units, charge_amount=Decimal("0.03"), breakdown=pieces)
    assert set(_charges(engine, event).values()) == {0}


@pytest.mark.parametrize(
    "pieces",
    [
        # Its own band was wholly free, and a later one is dearer; or is sold in packages.
        _of_band("NIGHT", 1, "5.000000000"),
        _piece("5.000000000000", "package", band="NIGHT", packages=1, units=1, price="5.000000000", unit_size=9),
    ],
)
def test_a_charge_by_another_band_alone_is_explained_by_its_piece(engine: SparkSession, pieces: str) -> None:
    event = _event(charged_units=1, allowance_units=9, charge_amount=Decimal(5), breakdown=f"[{pieces}]")
    assert set(_charges(engine, event).values()) == {0}


@pytest.mark.parametrize(
    "event",
    [
        _deep(LOW, HIGH),
        _deep(LOW, HIGH, _piece("1.000000000000", "connect_fee"), _piece("-1.000000000000", "maximum")),
        _deep(_piece("0.140000000000", "package", packages=2, units=10, price="0.070000000", unit_size=9)),
        _deep(LOW, HIGH, money_allowance_amount=Decimal(0), session_id="S"),
        _deep(*[_piece("0.060000000000", units=6, price="0.010000000", unit_size=1)] * 2)
        | {"charged_units": 12, "billed_units": 12, "usage_units": 12, "charge_amount": Decimal("0.12")},
    ],
)
def test_pieces_that_add_up_are_explained(engine: SparkSession, event: Spoil) -> None:
    assert set(_charges(engine, event).values()) == {0}


def test_pieces_are_read_alike_on_both_engines(each_engine: SparkSession) -> None:
    right = _deep(LOW, HIGH)
    wrong = _deep(LOW, _piece("0.080000000001", units=4, price="0.020000000", unit_size=1))
    found = _charges(each_engine, right, {**wrong, "cdr_id": "other"})
    assert (found["unexplained_pieces_count"], found["unexplained_pieces_amount"]) == (1, Decimal(0))


@pytest.mark.parametrize(
    ("event", "amount"),
    [
        (_deep(LOW), "0.08"),
        (_deep(LOW, HIGH, HIGH), "-0.08"),
        (_deep(LOW, _piece("0.080000000000", units=3, price="0.020000000", unit_size=1)), "0"),
        (_deep(LOW, _piece("0.080000000000", units=4, price="0.030000000", unit_size=1)), "0"),
        (_deep(), "0.14"),
        (_event(session_id="S", breakdown="[]"), "0.1"),
        (_event(money_allowance_amount=Decimal(1), breakdown="nonsense"), "0.1"),
    ],
)
def test_pieces_that_do_not_add_up_are_found_with_their_amount(engine: SparkSession, event: Spoil, amount: str) -> None:
    found = _charges(engine, event)
    assert found["unexplained_pieces_count"] == 1
    assert found["unexplained_pieces_amount"] == Decimal(amount)


def _lines(engine: SparkSession, lines: list[Spoil], invoices: list[Spoil]) -> dict[str, Any]:
    return one(lines_are_explained(frame_of(engine, LINES, *lines), frame_of(engine, INVOICES, *invoices)))


def _spoiled(engine: SparkSession, line: Spoil | None = None, invoice: Spoil | None = None) -> dict[str, Any]:
    month = right_month()
    month["invoices/lines"][0] |= line or {}
    month["invoices/invoices"][0] |= invoice or {}
    return _lines(engine, month["invoices/lines"], month["invoices/invoices"])


def test_a_right_invoice_is_explained(engine: SparkSession) -> None:
    assert set(_spoiled(engine).values()) == {0}


@pytest.mark.parametrize(
    ("line", "invoice", "found"),
    [
        ({"unrounded_amount": Decimal("0.204999")}, {}, {"wrong_rounding_count": 1}),
        ({}, {"total_amount": Decimal("119.07")}, {"wrong_total_count": 1}),
        ({}, {"tax_amount": Decimal("19.85"), "total_amount": Decimal("119.07")}, {"wrong_tax_count": 1}),
        ({}, {"line_count": 4}, {"unbalanced_invoice_count": 1}),
        ({}, {"is_tax_exempt": True}, {"wrong_tax_count": 1}),
        (
            {"net_amount": Decimal("0.20")},
            {},
            {"wrong_net_count": 1, "unbalanced_invoice_count": 1, "unbalanced_amount": Decimal("0.01")},
        ),
    ],
)
def test_lines_and_invoices_that_do_not_add_up_are_counted(
    engine: SparkSession, line: Spoil, invoice: Spoil, found: Spoil
) -> None:
    assert {name: value for name, value in _spoiled(engine, line, invoice).items() if value} == found


def test_an_invoice_without_lines_and_lines_without_an_invoice_are_unbalanced(engine: SparkSession) -> None:
    month = right_month()
    month["invoices/invoices"][0]["customer_id"] = "C9"
    found = _lines(engine, month["invoices/lines"], month["invoices/invoices"])
    assert found["unbalanced_invoice_count"] == 2
    assert found["unbalanced_amount"] == Decimal("198.44")


def test_tax_in_the_price_is_taken_out_once_a_rate(engine: SparkSession) -> None:
    taxed = {"customer_id": "C1", "is_tax_included": True, "tax_category": "standard", "tax_rate": Decimal("0.2")}
    lines = [
        {**taxed, "line_type": "recurring", "listed_amount": Decimal("99.99"), "net_amount": Decimal("83.33")},
        {**taxed, "line_type": "discount", "listed_amount": Decimal("-0.01"), "net_amount": Decimal("-0.01")},
    ]
    # 99.98 holds 16.6633..., so 16.66 of tax and 83.32 of net.
    invoice = {
        "customer_id": "C1",
        "line_count": 2,
        "net_amount": Decimal("83.32"),
        "tax_amount": Decimal("16.66"),
        "total_amount": Decimal("99.98"),
    }
    assert set(_lines(engine, lines, [invoice]).values()) == {0}
