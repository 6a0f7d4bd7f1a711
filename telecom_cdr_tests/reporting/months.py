"""A month with every kind of row that the reports look at."""

from datetime import date
from decimal import Decimal
from typing import Any

Rows = list[dict[str, Any]]
OTHER_MONTH = "2025-12"


def _event(number: int, **values: Any) -> dict[str, Any]:
    return {
        "cdr_id": f"cdr{number}",
        "service_type": "voice",
        "status": "rated",
        "served_msisdn": "212612345678",
        "cell_id": "RABAT_01",
        "usage_date": date(2026, 1, 5),
        "customer_id": "C1",
        "plan_code": "GOLD",
        "payment_type": "postpaid",
        "currency": "MAD",
        "product_code": "VOICE",
        "usage_units": 61,
        "billed_units": 80,
        "allowance_units": 20,
        "charged_units": 60,
        "charge_amount": Decimal("0.100001"),
        **values,
    }


_SMS = {"service_type": "sms", "product_code": "SMS", "usage_units": 1, "billed_units": 1}
_UNRATED = {"status": "unrated", "charge_amount": None, "billed_units": None, "charged_units": None}
_NOBODY = {**_UNRATED, "reason": "UNKNOWN_SUBSCRIBER", "customer_id": None, "plan_code": None, "currency": None}

RATED: Rows = [
    _event(1),
    _event(2, served_msisdn="212612345679", cell_id="FES_12", charge_amount=Decimal("0.100002")),
    _event(3, cell_id="UNKNOWN", charge_amount=Decimal("0.100002")),
    _event(4, cell_id="NOWHERE_1", usage_date=date(2026, 1, 6), charge_amount=Decimal(0)),
    _event(5, **_SMS, charge_amount=Decimal("0.5")),
    _event(6, **_SMS, plan_code="PRE", payment_type="prepaid", customer_id="C2", served_msisdn="212700000001"),
    _event(7, plan_code="EURO", currency="EUR", customer_id="C3", served_msisdn="212700000002"),
    _event(8, **_UNRATED, reason="NO_RATE"),
    _event(9, **_NOBODY),
    _event(10, **_NOBODY, usage_date=date(2026, 1, 7)),
    _event(11, billing_month=OTHER_MONTH, charge_amount=Decimal(100)),
]


def _line(number: int, line_type: str, amount: str, **values: Any) -> dict[str, Any]:
    return {
        "line_id": f"line{number}",
        "line_type": line_type,
        "customer_id": "C1",
        "plan_code": "GOLD",
        "net_amount": Decimal(amount),
        "currency": "MAD",
        **values,
    }


LINES: Rows = [
    _line(1, "recurring", "99.00", msisdn="212612345678"),
    _line(2, "recurring", "99.00", msisdn="212612345680"),
    _line(3, "usage", "0.80"),
    _line(4, "discount", "-10.00"),
    _line(5, "fee", "5.00"),
    _line(6, "adjustment", "-1.25"),
    _line(7, "recurring", "49.00", plan_code="SILENT", customer_id="C4"),
    _line(8, "adjustment", "2.00", plan_code=None, customer_id="C5"),
    _line(9, "usage", "0.10", plan_code="EURO", currency="EUR", customer_id="C3"),
    _line(10, "usage", "100.00", billing_month=OTHER_MONTH),
]


def _invoice(customer_id: str, net: str, tax: str, **values: Any) -> dict[str, Any]:
    return {
        "customer_id": customer_id,
        "net_amount": Decimal(net),
        "tax_amount": Decimal(tax),
        "total_amount": Decimal(net) + Decimal(tax),
        "currency": "MAD",
        **values,
    }


INVOICES: Rows = [
    _invoice("C1", "192.55", "38.51"),
    _invoice("C4", "49.00", "9.80"),
    _invoice("C3", "0.10", "0.02", currency="EUR"),
    _invoice("C5", "49.00", "9.80"),
    _invoice("C1", "900.00", "0.00", billing_month=OTHER_MONTH),
]
RATE_PLANS: Rows = [
    {"plan_code": "GOLD", "name": "Gold", "currency": "MAD", "payment_type": "postpaid"},
    {"plan_code": "PRE", "name": "Prepaid", "currency": "MAD", "payment_type": "prepaid"},
    {"plan_code": "EURO", "name": "Euro", "currency": "EUR", "payment_type": "postpaid"},
    {"plan_code": "SILENT", "name": "Silent", "currency": "MAD", "payment_type": "postpaid"},
    {"plan_code": "UNSOLD", "name": "Unsold", "currency": "MAD", "payment_type": "postpaid"},
]
CUSTOMERS: Rows = [
    {"customer_id": "C1", "name": "Amal", "region": "Rabat-Salé-Kénitra", "segment": "consumer"},
    {"customer_id": "C3", "name": "Badr", "region": "Oriental", "segment": "business"},
    {"customer_id": "C4", "name": "Chama"},
]
SUBSCRIPTIONS: Rows = [
    {"msisdn": "212600000001", "customer_id": "C1", "status": "active", "valid_to": date(2026, 1, 1)},
    {"msisdn": "212600000002", "customer_id": "C1", "status": "suspended"},
    {"msisdn": "212600000003", "customer_id": "C1", "status": "active", "valid_from": date(2026, 2, 1)},
    {"msisdn": "212600000094", "customer_id": "C1", "status": "active", "valid_from": date(2026, 1, 31)},
    {"msisdn": "12345", "customer_id": "C4", "status": "active", "valid_to": date(2026, 1, 2)},
]
BY_TABLE: dict[str, Rows] = {
    "rated/usage": RATED,
    "invoices/lines": LINES,
    "invoices/invoices": INVOICES,
    "reference/rate_plans": RATE_PLANS,
    "reference/customers": CUSTOMERS,
    "reference/subscriptions": SUBSCRIPTIONS,
}
