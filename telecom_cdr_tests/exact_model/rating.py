"""Rating: each event of a month with its charge, or with the reason why it has none."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction

from telecom_cdr_tests.exact_model.numbers import round_half_up
from telecom_cdr_tests.exact_model.tariff import Cells, Reference, Tariff, amount, is_yes

Row = dict[str, object]
Counters = defaultdict[tuple[str, ...], int]

_USAGE = {"voice": "duration_seconds", "sms": "message_count", "data": "volume_bytes"}
_COPIED = (
    "cdr_id",
    "record_id",
    "source_node",
    "served_msisdn",
    "called_number",
    "traffic_class",
    "cell_id",
    "event_start_utc",
    "utc_offset_seconds",
    "usage_date",
    "usage_month",
    "billing_month",
)
_FROM_SUBSCRIPTION = ("customer_id", "plan_code", "payment_type", "currency", "is_tax_included")
_FROM_RATE = ("rate_zone", "rate_valid_from", "rate_model", "first_increment", "next_increment", "unit_size", "price")
_FROM_RATE_ALSO = ("connect_fee", "minimum_charge", "maximum_charge")
_RESULTS = ("billed_units", "allowance_units", "allowances_used", "charged_units", "charge_amount")


def rate(events: Iterable[Row], reference: Reference, month: str) -> list[Row]:
    """The rated rows of a billing month, in the order in which events consume allowances."""
    tariff = Tariff(reference)
    counters: Counters = defaultdict(int)
    ours = (event for event in events if event["billing_month"] == month)
    ordered = sorted(ours, key=lambda event: (event["event_start_utc"], event["cdr_id"]))
    return [_rate_one(event, tariff, counters) for event in ordered]


def increments(usage: int, first: int, following: int) -> int:
    """Units billed: the first increment whole, then every started next one; nothing for nothing."""
    if usage == 0:
        return 0
    beyond = max(usage - first, 0)
    return first + -(-beyond // following) * following


def charge(units: int, rate_row: Cells) -> Decimal:
    """Charge of the units that no allowance gave, exact, rounded once to 6 decimals."""
    if units == 0:
        return Decimal("0.000000")
    exact = amount(rate_row["connect_fee"]) + units * amount(rate_row["price"]) / amount(rate_row["unit_size"], 1)
    exact = max(exact, amount(rate_row["minimum_charge"]))
    if rate_row["maximum_charge"]:
        exact = min(exact, Fraction(rate_row["maximum_charge"]))
    return round_half_up(exact, 6)


def _rate_one(event: Row, tariff: Tariff, counters: Counters) -> Row:
    kind, day = str(event["record_type"]), event["usage_date"]
    assert isinstance(day, date)
    usage = event[_USAGE[kind]]
    assert isinstance(usage, int)
    row: Row = {name: event.get(name) for name in _COPIED}
    row |= dict.fromkeys((*_FROM_SUBSCRIPTION, *_FROM_RATE, *_FROM_RATE_ALSO, *_RESULTS, "time_band", "reason"))
    row |= {"service_type": kind, "usage_units": usage, "status": "unrated"}

    msisdn = str(event["served_msisdn"])
    subscription = tariff.subscription(msisdn, day)
    product = _product(event, tariff)
    row["product_code"] = event["product_code"] if kind == "data" else product and product["product_code"]
    destination = None
    if kind != "data":
        destination = tariff.destination(str(event["called_number"]), bool(event["is_short_code"]), day)
    row["zone"] = destination and destination["zone"]
    row["destination_prefix"] = destination and destination["prefix"]
    if subscription is None:
        return row | {"reason": "SUBSCRIPTION_NOT_ACTIVE" if tariff.is_known(msisdn) else "UNKNOWN_SUBSCRIBER"}
    row |= _of_subscription(subscription, tariff)
    if product is None:
        return row | {"reason": "UNKNOWN_PRODUCT"}
    if destination is None and kind != "data":
        return row | {"reason": "NO_DESTINATION"}
    zone = destination["zone"] if destination else None
    found = tariff.rate(subscription["plan_code"], product["product_code"], zone, day)
    if found is None:
        return row | {"reason": "NO_RATE"}
    row |= _of_rate(found) | {"status": "rated"}
    billed = increments(usage, int(found["first_increment"] or 1), int(found["next_increment"] or 1))
    covering = tariff.allowances(subscription["plan_code"], product["product_code"], zone)
    used = _consume(billed, covering, subscription, day, counters)
    free = sum(used.values())
    return row | {
        "billed_units": billed,
        "allowance_units": free,
        "allowances_used": ",".join(f"{code}={units}" for code, units in used.items()) or None,
        "charged_units": billed - free,
        "charge_amount": charge(billed - free, found),
    }


def _product(event: Row, tariff: Tariff) -> Cells | None:
    if event["record_type"] == "data":
        code = event["product_code"]
        return tariff.data_product(None if code is None else str(code), bool(event["is_roaming"]))
    return tariff.product_of_class(str(event["record_type"]), str(event["traffic_class"]))


def _of_subscription(subscription: Cells, tariff: Tariff) -> Row:
    plan = tariff.plans[subscription["plan_code"]]
    return {
        "customer_id": subscription["customer_id"],
        "plan_code": subscription["plan_code"],
        "payment_type": plan["payment_type"],
        "currency": plan["currency"],
        "is_tax_included": is_yes(plan["prices_include_tax"]),
    }


def _of_rate(found: Cells) -> Row:
    return {
        "rate_zone": found["zone"] or None,
        "rate_valid_from": date.fromisoformat(found["valid_from"]) if found["valid_from"] else None,
        "rate_model": found["model"],
        "first_increment": int(found["first_increment"] or 1),
        "next_increment": int(found["next_increment"] or 1),
        "unit_size": int(found["unit_size"] or 1),
        "price": Decimal(found["price"]),
        "connect_fee": Decimal(found["connect_fee"] or 0),
        "minimum_charge": Decimal(found["minimum_charge"]) if found["minimum_charge"] else None,
        "maximum_charge": Decimal(found["maximum_charge"]) if found["maximum_charge"] else None,
    }


def _consume(billed: int, covering: list[Cells], subscription: Cells, day: date, counters: Counters) -> dict[str, int]:
    """Free units by allowance, in order of use; what is used is counted for later events."""
    used: dict[str, int] = {}
    left = billed
    for allowance in covering:
        code, period = allowance["allowance_code"], allowance["period"]
        today = day.isoformat() if period == "day" else ""
        key = (subscription["customer_id"], subscription["msisdn"], subscription["plan_code"], code, today)
        spent = 0 if period == "event" else counters[key]
        units = min(left, max(int(Fraction(allowance["quantity"])) - spent, 0))
        if units:
            used[code] = units
            counters[key] += units
            left -= units
    return used
