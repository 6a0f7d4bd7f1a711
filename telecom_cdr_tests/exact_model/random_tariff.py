"""A random tariff: what the tenants of a world share, and the plans and allowances of one.

Within what the loader accepts. Not here: the rates of a plan (`random_rates`), time bands (`random_bands`).
"""

from collections.abc import Sequence

from telecom_cdr_tests.exact_model.random_bands import draw_bands
from telecom_cdr_tests.exact_model.random_draft import Draft
from telecom_cdr_tests.exact_model.random_rates import ZONES, draw_rates

_DESTINATIONS = (
    ("212", "HOME", "212"),
    ("2126", "MOBILE", "212"),
    ("21266", "HOT", "212"),
    ("212661", "HOME", "212"),
    ("2125", "HOME", "212"),
    ("33", "EUROPE", "33"),
    ("336", "FRANCE", "33"),
    ("3361", "EUROPE", "33"),
    ("44", "EUROPE", "44"),
    ("1", "AMERICA", "1"),
    ("1403", "EUROPE", "1"),
    ("150", "SHORT", "SHORT"),
    ("1500", "HOT", "SHORT"),
    ("208", "FRANCE", "PLMN"),
    ("20801", "HOT", "PLMN"),
    ("310", "AMERICA", "PLMN"),
    ("310260", "EUROPE", "PLMN"),
    ("404", "AMERICA", "PLMN"),
)
# Of the numbers that records call, those that may be ported.
_PORTED = ("212661999999", "212612345678", "212666123456", "212750123456", "212661999998", "212522123456")
_OPERATORS = ("Inwi", "Orange", "Maroc Telecom", "MAROC telecom")
_PRODUCTS = (
    ("VOICE", "voice", ""),
    ("VOICE_ONNET", "voice", "onnet"),
    ("VOICE_WORLD", "voice", "international"),
    ("VOICE_ABROAD", "voice", "roaming"),
    ("SMS", "sms", ""),
    ("SMS_OFFNET", "sms", "offnet"),
    ("SMS_ABROAD", "sms", "roaming"),
    ("WEB", "data", ""),
    ("WEB_ABROAD", "data", "roaming"),
)
_QUANTITIES = {
    "voice": ("0", "30", "61", "100", "600", "3600"),
    "sms": ("1", "2", "5"),
    "data": ("100000", "1500000", "52430000", "1000000000"),
}
_AMOUNTS = ("0", "0.05", "0.333333", "1", "7.5", "30")
_ROAMING = ("VOICE_ABROAD", "SMS_ABROAD", "WEB_ABROAD")


def draw_shared(draft: Draft) -> list[tuple[str, str]]:
    """Products, destinations, taxes, and a fee and a discount that fall on everybody."""
    random = draft.random
    for prefix, zone, country in _DESTINATIONS:
        change = draft.day()
        if draft.maybe(0.3):
            draft.add("destinations", prefix=prefix, zone=zone, country_code=country, valid_to=change)
            draft.add("destinations", prefix=prefix, zone=random.choice(ZONES), country_code=country, valid_from=change)
        elif draft.maybe(0.9) or len(prefix) < 3:
            draft.add("destinations", prefix=prefix, zone=zone, country_code=country)
    # Every zone that a rate may name has to exist; this prefix is never called.
    for number, zone in enumerate(ZONES):
        draft.add("destinations", prefix=f"88{number}", zone=zone, country_code="88")
    products = [entry for entry in _PRODUCTS if entry[0] in ("VOICE", "SMS", "WEB") or draft.maybe(0.6)]
    if draft.maybe(0.3):
        products = [entry for entry in products if entry[0] != "SMS"]
    for code, service, traffic_class in products:
        draft.add("products", product_code=code, service_type=service, traffic_class=traffic_class)
    draw_bands(draft)
    _ported(draft)
    change = draft.day()
    draft.add("tax_rates", rate=random.choice(("0.2", "0.1", "0.07")), valid_to=change)
    draft.add("tax_rates", rate=random.choice(("0.2", "0.055", "0.196", "0")), valid_from=change)
    draft.add("tax_rates", tax_category="reduced", rate="0.01")
    if draft.maybe(0.5):
        draft.add("fees", fee_code="ALL", amount="1.25", per=random.choice(("invoice", "subscription")))
    if draft.maybe(0.5):
        draft.add("discounts", discount_code="ALL", percent="5", applies_to=random.choice(("usage", "invoice")))
    return [(code, service) for code, service, _ in products]


def _ported(draft: Draft) -> None:
    """Numbers that another operator serves, some from a day on and some until a day."""
    random = draft.random
    for msisdn in random.sample(_PORTED, 5):
        change = draft.day()
        ranges = random.choice(([("", "")], [("", change)], [(change, "")], [("2020-01-01", change), (change, "")]))
        for valid_from, valid_to in ranges:
            row = {"msisdn": msisdn, "operator": random.choice(_OPERATORS)}
            draft.add("number_portability", valid_from=valid_from, valid_to=valid_to, **row)


def draw_plan(draft: Draft, plan: str, currency: str, products: Sequence[tuple[str, str]]) -> None:
    random = draft.random
    draft.add(
        "rate_plans",
        plan_code=plan,
        currency=currency,
        prices_include_tax=random.choice(("true", "false")),
        prorate=random.choice(("true", "false", "false")),
        monthly_fee=random.choice(("0", "99.99", "50.00", "0.01", "33.33")),
        payment_type=random.choice(("postpaid",) * 5 + ("prepaid",)),
    )
    priced = [entry for entry in products if draft.maybe(0.9)]
    for code, service in priced:
        draw_rates(draft, plan, code, service, is_of_roaming=code in _ROAMING)
    for index in range(random.randint(0, 4)):
        service = random.choice(("voice", "sms", "data"))
        codes = [code for code, kind in priced if kind == service]
        if codes:
            _allowance(draft, plan, f"A{index}", service, codes)
    for index in range(random.choice((0, 0, 1, 1, 2, 3))):
        _money(draft, plan, f"M{index}", [code for code, _ in priced])


def _allowance(draft: Draft, plan: str, code: str, service: str, products: Sequence[str]) -> None:
    """One quantity over one or several products and zones, which may meet those of other allowances."""
    random = draft.random
    agreed = _agreed(draft, code, random.choice(_QUANTITIES[service]))
    for product in random.sample(list(products), random.randint(1, len(products))):
        zones = [""] if service == "data" or draft.maybe(0.5) else random.sample(ZONES, 2)
        if draft.maybe(0.2) and service != "data" and zones != [""]:
            zones.append("")
        for zone in zones:
            draft.add("allowances", plan_code=plan, product_code=product, zone=zone, **agreed)


def _money(draft: Draft, plan: str, code: str, products: Sequence[str]) -> None:
    """An amount for everything, or for some products of whatever unit."""
    random = draft.random
    agreed = {**_agreed(draft, code, random.choice(_AMOUNTS)), "kind": "money"}
    chosen = random.sample(list(products), min(len(products), random.randint(1, 3)))
    for product in [""] if draft.maybe(0.4) else chosen:
        zone = "" if draft.maybe(0.8) else random.choice(ZONES)
        draft.add("allowances", plan_code=plan, product_code=product, zone=zone, **agreed)


def _agreed(draft: Draft, code: str, quantity: str) -> dict[str, str]:
    """What the rows of one allowance have in common."""
    random = draft.random
    return {
        "allowance_code": code,
        "quantity": quantity,
        "period": random.choice(("event", "day", "month", "month")),
        "scope": random.choice(("subscription", "subscription", "customer")),
        "priority": str(random.randint(1, 2)),
    }
