"""A small month that is right in every layer, for tests that then spoil it."""

from decimal import Decimal
from typing import Any

from telecom_cdr import tables

Rows = list[dict[str, Any]]

_VOICE_PRICE = {"price": Decimal("0.010000000"), "unit_size": 1, "first_increment": 1, "next_increment": 1}


def _call(cdr_id: str, seconds: int, **values: Any) -> dict[str, Any]:
    return {
        "cdr_id": cdr_id,
        "service_type": "voice",
        "status": "rated",
        "served_msisdn": "212612345678",
        "customer_id": "C1",
        "plan_code": "GOLD",
        "payment_type": "postpaid",
        "currency": "MAD",
        "product_code": "VOICE",
        "usage_units": seconds,
        "billed_units": seconds,
        "allowance_units": 0,
        "charged_units": seconds,
        "charge_amount": Decimal(seconds) / 100,
        "rate_model": "flat",
        "breakdown": usage_in_one_piece(seconds),
        **_VOICE_PRICE,
        **values,
    }


def usage_in_one_piece(charged_units: int | None) -> str:
    """The breakdown of a flat charge, as far as its units."""
    units = f'"units":{charged_units},"from":1,"to":{charged_units}'
    return f'[{{"kind":"usage","band":null,{units},"price":"0","unit_size":1,"amount":"0"}}]'


def right_month() -> dict[str, Rows]:
    """Rows by path of table: two postpaid calls, a prepaid one, an unrated one, a data session; one invoice."""
    without_charge = ("billed_units", "allowance_units", "charged_units", "charge_amount", "breakdown")
    unrated = dict.fromkeys(("payment_type", "currency", *without_charge))
    return {
        "raw/cdrs": [{"source_offset": offset} for offset in range(8)],
        "mediated/voice": [{"cdr_id": name, "duration_seconds": 10} for name in ("a", "b", "p", "u")],
        "mediated/sms": [],
        "mediated/data": [{"cdr_id": "d", "volume_bytes": 5000}],
        "mediated/quarantine": [{"source_offset": 6}, {"source_offset": 7}],
        "mediated/duplicates": [{"source_offset": 5}],
        "rated/usage": [
            _call("a", 10),
            _call("b", 10, connect_fee=Decimal("0.005"), charge_amount=Decimal("0.105")),
            _call("p", 10, customer_id="C2", plan_code="PRE", payment_type="prepaid"),
            _call("u", 10, status="unrated", reason="NO_RATE", **unrated),
            _call(
                "d",
                5000,
                service_type="data",
                product_code="DATA",
                price=Decimal(1),
                unit_size=1_000_000,
                charge_amount=Decimal("0.005"),
            ),
        ],
        "invoices/lines": [
            _line("usage", "0.21", product_code="VOICE", unrounded_amount=Decimal("0.205"), event_count=2),
            _line("usage", "0.01", product_code="DATA", unrounded_amount=Decimal("0.005"), event_count=1),
            _line("recurring", "99.00"),
        ],
        "invoices/invoices": [_invoice(net="99.22", tax="19.84", total="119.06")],
    }


def _line(line_type: str, amount: str, **values: Any) -> dict[str, Any]:
    return {
        "line_type": line_type,
        "customer_id": "C1",
        "plan_code": "GOLD",
        "listed_amount": Decimal(amount),
        "net_amount": Decimal(amount),
        "tax_category": "standard",
        "tax_rate": Decimal("0.2"),
        "currency": "MAD",
        **values,
    }


def _invoice(net: str, tax: str, total: str) -> dict[str, Any]:
    return {
        "customer_id": "C1",
        "line_count": 3,
        "net_amount": Decimal(net),
        "tax_amount": Decimal(tax),
        "total_amount": Decimal(total),
        "currency": "MAD",
    }


RATE_PLANS: Rows = [
    {"plan_code": "GOLD", "name": "Gold", "currency": "MAD", "payment_type": "postpaid"},
    {"plan_code": "PRE", "name": "Prepaid", "currency": "MAD", "payment_type": "prepaid"},
]
TABLES = tuple(tables.BY_PATH[path] for path in right_month())
