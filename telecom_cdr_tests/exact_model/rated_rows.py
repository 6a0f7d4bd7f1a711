"""The rows of `rated/usage`: what rating found out about each event, under the names of the columns."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from telecom_cdr_tests.exact_model.allowances import left_text, used_text
from telecom_cdr_tests.exact_model.breakdown import breakdown
from telecom_cdr_tests.exact_model.numbers import round_half_up
from telecom_cdr_tests.exact_model.rating import HOME_OPERATOR, TIMEZONE, Case, rate_cases
from telecom_cdr_tests.exact_model.sessions import Row
from telecom_cdr_tests.exact_model.tariff import Cells, Reference, is_yes
from telecom_cdr_tests.exact_model.tiers import has_tier_scope, has_tiers

_COPIED = (
    *("cdr_id", "record_id", "source_node", "served_msisdn", "called_number", "is_roaming", "serving_plmn", "cell_id"),
    *("event_start_utc", "utc_offset_seconds", "usage_date", "usage_month", "billing_month", "is_final"),
    "session_duration_seconds",
)
_FROM_SESSION = ("session_id", "sequence_number", "session_units_before")
_FROM_SUBSCRIPTION = ("customer_id", "plan_code", "payment_type", "currency", "is_tax_included")
_FROM_RATE = (
    *("time_band", "rate_zone", "rate_valid_from", "rate_model", "tier_scope", "tier_basis", "first_increment"),
    *("next_increment", "unit_size", "price", "connect_fee", "minimum_charge", "maximum_charge"),
)
_RESULTS = (
    *("billed_units", "allowance_units", "allowances_used", "allowances_left", "charged_units", "charge_amount"),
    *("money_allowance_amount", "money_allowances_used", "money_allowances_left", "breakdown"),
)


def rate(
    events: Iterable[Row],
    reference: Reference,
    month: str,
    home_operator: str = HOME_OPERATOR,
    timezone: str = TIMEZONE,
) -> list[Row]:
    """The rated rows of a billing month, in the order in which events use up allowances."""
    ours = [event for event in events if event["billing_month"] == month]
    plans = {plan["plan_code"]: plan for plan in reference["rate_plans"]}
    return [_row(case, plans) for case in rate_cases(ours, reference, home_operator, timezone)]


def _row(case: Case, plans: dict[str, Cells]) -> Row:
    found, kind = case.found, case.event["record_type"]
    row: Row = {name: case.event.get(name) for name in _COPIED}
    row |= dict.fromkeys((*_FROM_SUBSCRIPTION, *_FROM_RATE, *_RESULTS))
    row |= {
        "service_type": kind,
        "traffic_class": found.traffic_class,
        "ported_operator": found.ported_operator,
        "product_code": case.event["product_code"]
        if kind == "data"
        else found.product and found.product["product_code"],
        "zone": found.zone,
        "destination_prefix": found.prefix,
        "usage_units": case.units,
        **(_of_part(case) if case.session.is_in_parts else dict.fromkeys(_FROM_SESSION)),
        "status": "unrated" if case.reason else "rated",
        "reason": case.reason,
    }
    if found.subscription:
        row |= _of_subscription(found.subscription, plans[found.subscription["plan_code"]])
    if case.reason:
        return row
    assert case.governing
    return row | _of_rate(case.governing) | _of_charge(case)


def _of_part(case: Case) -> Row:
    return {**{name: case.event[name] for name in _FROM_SESSION[:2]}, "session_units_before": case.units_before}


def _of_subscription(subscription: Cells, plan: Cells) -> Row:
    return {
        "customer_id": subscription["customer_id"],
        "plan_code": subscription["plan_code"],
        "payment_type": plan["payment_type"],
        "currency": plan["currency"],
        "is_tax_included": is_yes(plan["prices_include_tax"]),
    }


def _of_rate(found: Cells) -> Row:
    return {
        "time_band": found["time_band"] or None,
        "rate_zone": found["zone"] or None,
        "rate_valid_from": date.fromisoformat(found["valid_from"]) if found["valid_from"] else None,
        "rate_model": found["model"],
        "tier_scope": (found["tier_scope"] or "event") if has_tier_scope(found) else None,
        "tier_basis": (found["tier_basis"] or "charged") if has_tier_scope(found) else None,
        "first_increment": int(found["first_increment"] or 1),
        "next_increment": int(found["next_increment"] or 1),
        "unit_size": int(found["unit_size"] or 1),
        "price": None if has_tiers(found) else Decimal(found["price"]),
        "connect_fee": Decimal(found["connect_fee"] or 0),
        "minimum_charge": Decimal(found["minimum_charge"]) if found["minimum_charge"] else None,
        "maximum_charge": Decimal(found["maximum_charge"]) if found["maximum_charge"] else None,
    }


def _of_charge(case: Case) -> Row:
    free = sum(int(gift.given) for gift in case.gifts)
    return {
        "billed_units": case.billed,
        "allowance_units": free,
        "allowances_used": used_text(case.gifts),
        "allowances_left": left_text(case.gifts),
        "charged_units": case.billed - free,
        "charge_amount": round_half_up(case.charge, 6),
        "money_allowance_amount": round_half_up(sum((gift.given for gift in case.money_gifts), Decimal(0)), 6),
        "money_allowances_used": used_text(case.money_gifts),
        "money_allowances_left": left_text(case.money_gifts),
        "breakdown": breakdown(case.entries(), case.charge),
    }
