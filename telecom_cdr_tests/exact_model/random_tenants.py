"""Random tenants: each with its own plans, customers, numbers, segments, data products, discounts and fees.

So each is a tariff of its own, and one load of reference data holds many.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from telecom_cdr_tests.builders import ReferenceRows, a_reference
from telecom_cdr_tests.exact_model.random_draft import Draft
from telecom_cdr_tests.exact_model.random_tariff import draw_plan, draw_shared


@dataclass(frozen=True)
class Tenant:
    """What records of a tenant are made from."""

    name: str
    msisdns: tuple[str, ...]
    data_products: tuple[str, ...]


def random_reference(random: Random, month: str, tenants: int) -> tuple[ReferenceRows, list[Tenant]]:
    """Reference data of `tenants` tenants with changes within the month, and what their records are made from."""
    draft = Draft(random, month)
    products = draw_shared(draft)
    names = [f"T{number:02d}" for number in range(1, tenants + 1)]
    found = [_tenant(draft, name, number, products) for number, name in enumerate(names)]
    return a_reference(**{"customers": [], "subscriptions": [], "rate_plans": [], "rates": [], **draft.rows}), found


def _tenant(draft: Draft, name: str, number: int, products: Sequence[tuple[str, str]]) -> Tenant:
    random = draft.random
    own = [(f"{name}_WEB{index}", "data") for index in range(random.randint(0, 2))]
    for code, service in own:
        draft.add("products", product_code=code, service_type=service)
    plans = [f"{name}_P{index}" for index in range(random.randint(1, 4))]
    currency = random.choice(("MAD", "MAD", "EUR"))
    for plan in plans:
        draw_plan(draft, plan, currency, [*products, *own])
    customers = [f"{name}_C{index}" for index in range(random.randint(1, 4))]
    for customer in customers:
        draft.add(
            "customers",
            customer_id=customer,
            segment=random.choice(("", f"{name}_GOLD", f"{name}_BASIC")),
            tax_exempt=random.choice(("false", "false", "false", "true")),
        )
    msisdns = tuple(f"21266{number:02d}{index:05d}" for index in range(random.randint(2, 5)))
    for msisdn in msisdns:
        _subscriptions(draft, msisdn, customers, plans)
    for index in range(random.randint(0, 3)):
        _discount(draft, f"{name}_D{index}", customers, plans, [code for code, _ in (*products, *own)])
    for index in range(random.randint(0, 2)):
        draft.add(
            "fees",
            fee_code=f"{name}_F{index}",
            plan_code=random.choice(plans),
            amount=random.choice(("0", "0.01", "2.50", "9.99")),
            per=random.choice(("invoice", "subscription")),
            only_with_usage=random.choice(("true", "false")),
            taxable=random.choice(("true", "true", "false")),
        )
    return Tenant(name, msisdns, ("WEB", "WEB_ABROAD", *(code for code, _ in own)))


def _subscriptions(draft: Draft, msisdn: str, customers: Sequence[str], plans: Sequence[str]) -> None:
    """A history of the number: mostly active throughout, else changed, suspended, given on or ended in the month."""
    random = draft.random
    first, second = random.choice(customers), random.choice(customers)
    plan, other = random.choice(plans), random.choice(plans)
    change = draft.day()
    again = draft.day(int(change[-2:]))
    active, suspended, terminated = "active", "suspended", "terminated"
    history = random.choice(
        (
            *([(first, plan, active, "2020-01-01", "")] for _ in range(16)),
            [(first, plan, active, "", "")],
            [(first, plan, active, "2020-01-01", change), (first, other, active, change, "")],
            [(first, plan, active, "2020-01-01", change), (second, other, active, change, "")],
            [(first, plan, active, "2020-01-01", change), (first, plan, terminated, change, "")],
            [(first, plan, active, "2020-01-01", change)],
            [(first, plan, active, change, "")],
            [(first, plan, suspended, "2020-01-01", change), (first, plan, active, change, "")],
            [(first, plan, suspended, "2020-01-01", "")],
            [
                (first, plan, active, "2020-01-01", change),
                (first, plan, suspended, change, again),
                (first, plan, active, again, ""),
            ],
        )
    )
    for customer, plan_code, status, valid_from, valid_to in history:
        if not valid_from or valid_from != valid_to:
            draft.add(
                "subscriptions",
                msisdn=msisdn,
                customer_id=customer,
                plan_code=plan_code,
                status=status,
                valid_from=valid_from,
                valid_to=valid_to,
            )


def _discount(draft: Draft, code: str, customers: Sequence[str], plans: Sequence[str], products: Sequence[str]) -> None:
    """A discount of one tenant; small enough that what is left of a plan never turns negative."""
    random = draft.random
    filters = random.choice(
        (
            {"plan_code": random.choice(plans)},
            {"customer_id": random.choice(customers)},
            {"segment": f"{code[:3]}_GOLD"},
            {"plan_code": random.choice(plans), "segment": f"{code[:3]}_BASIC"},
        )
    )
    target = random.choice(("usage", "invoice"))
    if target == "usage" and draft.maybe(0.5):
        filters["product_code"] = random.choice(products)
    value = random.choice(
        (
            {"percent": random.choice(("10", "7.5", "30", "0.333333"))},
            {"percent": "25", "minimum_spend": "1.00"},
            {"amount": "0.10", "minimum_spend": "0.40"},
            {"amount": "5.00", "minimum_spend": "20"},
        )
    )
    validity = {"valid_to": draft.day()} if draft.maybe(0.2) else {"valid_from": draft.day()}
    draft.add("discounts", discount_code=code, applies_to=target, **filters, **value, **validity)
