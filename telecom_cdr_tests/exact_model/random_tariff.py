"""A random tariff: what the tenants of a world share, and the plans of one, within what the loader accepts.

Numbers are chosen so that exact halves occur, in the sixth decimal and in cents.
"""

from collections.abc import Sequence

from telecom_cdr_tests.exact_model.random_draft import Draft

ZONES = ("HOME", "MOBILE", "HOT", "EUROPE", "FRANCE", "AMERICA", "SHORT")
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
)
_PRODUCTS = (
    ("VOICE", "voice", ""),
    ("VOICE_ONNET", "voice", "onnet"),
    ("VOICE_WORLD", "voice", "international"),
    ("VOICE_ABROAD", "voice", "roaming"),
    ("SMS", "sms", ""),
    ("SMS_OFFNET", "sms", "offnet"),
    ("WEB", "data", ""),
    ("WEB_ABROAD", "data", "roaming"),
)
_INCREMENTS = {
    "voice": (("", ""), ("60", "20"), ("1", "1"), ("30", "6"), ("60", "60"), ("120", "7"), ("", "10")),
    "sms": (("", ""), ("1", "1"), ("2", "3")),
    "data": (("", ""), ("1024", "1024"), ("1000000", "1000"), ("1048576", "65536"), ("100", "")),
}
_PRICES = {
    "voice": (("0.03", "1"), ("1.20", "60"), ("0.000001", "2"), ("0.005", "1"), ("0.999999999", "7"), ("0", "60")),
    "sms": (("0.05", "1"), ("0.105", "1"), ("0.000000500", "1"), ("1", "3"), ("0", "")),
    "data": (("0.01", "1000000"), ("0.0095", "1048576"), ("0.000000001", "1"), ("2.5", "64000000"), ("0.000003", "2")),
}
_QUANTITIES = {
    "voice": ("0", "30", "61", "100", "600", "3600"),
    "sms": ("1", "2", "5"),
    "data": ("100000", "1500000", "52430000", "1000000000"),
}


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
    change = draft.day()
    draft.add("tax_rates", rate=random.choice(("0.2", "0.1", "0.07")), valid_to=change)
    draft.add("tax_rates", rate=random.choice(("0.2", "0.055", "0.196", "0")), valid_from=change)
    draft.add("tax_rates", tax_category="reduced", rate="0.01")
    if draft.maybe(0.5):
        draft.add("fees", fee_code="ALL", amount="1.25", per=random.choice(("invoice", "subscription")))
    if draft.maybe(0.5):
        draft.add("discounts", discount_code="ALL", percent="5", applies_to=random.choice(("usage", "invoice")))
    return [(code, service) for code, service, _ in products]


def draw_plan(draft: Draft, plan: str, currency: str, products: Sequence[tuple[str, str]]) -> None:
    random = draft.random
    draft.add(
        "rate_plans",
        plan_code=plan,
        currency=currency,
        prices_include_tax=random.choice(("true", "false")),
        monthly_fee=random.choice(("0", "99.99", "50.00", "0.01", "33.33")),
        payment_type=random.choice(("postpaid",) * 5 + ("prepaid",)),
    )
    priced = [entry for entry in products if draft.maybe(0.9)]
    for code, service in priced:
        zones = [""] if service == "data" else random.sample(ZONES, random.randint(0, 3))
        if service != "data" and (draft.maybe(0.85) or not zones):
            zones.append("")
        for zone in zones:
            _rates(draft, plan, code, service, zone)
    for index in range(random.randint(0, 4)):
        service = random.choice(("voice", "sms", "data"))
        codes = [code for code, kind in priced if kind == service]
        if codes:
            _allowance(draft, plan, f"A{index}", service, codes)


def _rates(draft: Draft, plan: str, product: str, service: str, zone: str) -> None:
    """One rate, or two with a change within the month, sometimes with days between that have none."""
    ranges = [("2020-01-01", "")]
    if draft.maybe(0.3):
        change = draft.day()
        later = draft.day(int(change[-2:]))
        ranges = [("2020-01-01", change), (change if draft.maybe(0.7) else later, "")]
    for valid_from, valid_to in ranges:
        price, unit_size = draft.random.choice(_PRICES[service])
        first, following = draft.random.choice(_INCREMENTS[service])
        least, most = draft.random.choice(
            (("", ""), ("", ""), ("0.1", ""), ("", "0.75"), ("0.05", "1.5"), ("0.2", "0.2"))
        )
        draft.add(
            "rates",
            plan_code=plan,
            product_code=product,
            zone=zone,
            valid_from=valid_from,
            valid_to=valid_to,
            price=price,
            unit_size=unit_size,
            connect_fee=draft.random.choice(("", "", "0", "0.005", "0.25", "0.000001")),
            first_increment=first,
            next_increment=following,
            minimum_charge=least,
            maximum_charge=most,
        )


def _allowance(draft: Draft, plan: str, code: str, service: str, products: Sequence[str]) -> None:
    """One quantity over one or several products and zones, which may meet those of other allowances."""
    random = draft.random
    agreed = {
        "quantity": random.choice(_QUANTITIES[service]),
        "period": random.choice(("event", "day", "month", "month")),
        "priority": str(random.randint(1, 2)),
    }
    for product in random.sample(list(products), random.randint(1, len(products))):
        zones = [""] if service == "data" or draft.maybe(0.5) else random.sample(ZONES, 2)
        if draft.maybe(0.2) and service != "data" and zones != [""]:
            zones.append("")
        for zone in zones:
            draft.add("allowances", plan_code=plan, allowance_code=code, product_code=product, zone=zone, **agreed)
