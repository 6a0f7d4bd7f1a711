"""Random rates of one plan and product: models, tiers, zones, time bands, increments, limits, changes in the month.

Within what the loader accepts. Numbers are chosen so that exact halves occur, in the sixth decimal and in cents, and
the largest number of decimals.
"""

from dataclasses import dataclass

from telecom_cdr_tests.exact_model.random_bands import BANDS
from telecom_cdr_tests.exact_model.random_draft import Draft

ZONES = ("HOME", "MOBILE", "HOT", "EUROPE", "FRANCE", "AMERICA", "SHORT")
_ABROAD = ("HOT", "EUROPE", "FRANCE", "AMERICA")
_INCREMENTS = {
    "voice": (("", ""), ("", ""), ("60", "20"), ("1", "1"), ("30", "6"), ("60", "60"), ("120", "7"), ("", "10")),
    "sms": (("", ""), ("", ""), ("1", "1"), ("2", "3")),
    "data": (("", ""), ("", ""), ("1024", "1024"), ("1000000", "1000"), ("1048576", "65536"), ("100", "")),
}
_PRICES = {
    "voice": (("0.03", "1"), ("1.20", "60"), ("0.000001", "2"), ("0.005", ""), ("0.999999999", "7"), ("0", "60")),
    "sms": (("0.05", "1"), ("0.105", "1"), ("0.000000500", "1"), ("1", "3"), ("0", "")),
    "data": (("0.01", "1000000"), ("0.0095", "1048576"), ("0.000000001", ""), ("2.5", "64000000"), ("0.000003", "2")),
}
_PACKAGES = {
    "voice": (("0.5", "60"), ("0.000000001", "1"), ("1.234567891", "420"), ("100", "3600")),
    "sms": (("1", "10"), ("0.0000005", ""), ("0.333333333", "3")),
    "data": (("0.1", "1000000"), ("0.25", "65536"), ("0.0000005", "1024"), ("0.999999999", "1048576")),
}
_EDGES = {
    "voice": (1, 30, 60, 61, 600, 3600, 7200, 100_000),
    "sms": (1, 2, 3, 10, 20),
    "data": (1, 1_000_000, 1_500_000, 1_048_576, 52_430_000, 1_000_000_000),
}
_LIMITS = (("", ""), ("", ""), ("0.1", ""), ("", "0.75"), ("0.05", "1.5"), ("0.2", "0.2"))
_NO_LIMITS = (("", ""),)
_TIERED = ("graduated", "volume")


@dataclass(frozen=True)
class _Key:
    """What is the same of all rates of a plan and product."""

    plan: str
    product: str
    service: str
    may_be_monthly: bool
    may_be_limited: bool


def draw_rates(draft: Draft, plan: str, product: str, service: str, *, is_of_roaming: bool) -> None:
    """The rates of a product over zones and time bands, sometimes with gaps."""
    random = draft.random
    chosen = random.sample(BANDS, random.randint(1, 4)) if draft.maybe(0.7 if service == "voice" else 0.25) else []
    # With bands, a month-scoped rate and limits exclude each other over the whole product.
    may_be_monthly = draft.maybe(0.5)
    key = _Key(plan, product, service, may_be_monthly, not (chosen and may_be_monthly))
    for zone in _zones(draft, service, is_of_roaming):
        for band in [*([""] if draft.maybe(0.93) or not chosen else []), *chosen]:
            if not band or draft.maybe(0.8):
                _in_time(draft, key, zone, band)


def _zones(draft: Draft, service: str, is_of_roaming: bool) -> list[str]:
    """Zones that have a rate of their own, and mostly any zone; data has zones abroad only."""
    random = draft.random
    if is_of_roaming or service == "data":
        zones = random.sample(_ABROAD, random.choice((0, 1, 2, 3)))
    else:
        zones = random.sample(ZONES, random.choice((0, 0, 1, 1, 2, 3)))
    return [*zones, *([""] if draft.maybe(0.95) or not zones else [])]


def _in_time(draft: Draft, key: _Key, zone: str, band: str) -> None:
    """One rate, or two with a change within the month, sometimes with days between that have none."""
    ranges = [(draft.random.choice(("2020-01-01", "")), "")]
    if draft.maybe(0.3):
        change = draft.day()
        later = draft.day(int(change[-2:]))
        ranges = [("2020-01-01", change), (change if draft.maybe(0.7) else later, "")]
    for valid_from, valid_to in ranges:
        cells = {
            "plan_code": key.plan,
            "product_code": key.product,
            "zone": zone,
            "time_band": band,
            "valid_from": valid_from,
        }
        model = draft.random.choice(("flat", "flat", "graduated", "volume", "package"))
        draft.add("rates", **cells, valid_to=valid_to, **_rate(draft, key, model))
        if model in _TIERED:
            _tiers(draft, key.service, cells)


def _rate(draft: Draft, key: _Key, model: str) -> dict[str, str]:
    random = draft.random
    scopes = ("", "event", "month", "month") if key.may_be_monthly and model != "flat" else ("", "event")
    scope = random.choice(scopes)
    price, unit_size = random.choice((_PACKAGES if model == "package" else _PRICES)[key.service])
    if model in _TIERED:
        price, unit_size = random.choice(("", "0")), random.choice(("", "60"))
    first, following = random.choice(_INCREMENTS[key.service])
    least, most = random.choice(_LIMITS if key.may_be_limited and scope != "month" else _NO_LIMITS)
    return {
        "model": model,
        "price": price,
        "unit_size": unit_size,
        "connect_fee": random.choice(("", "", "0", "0.005", "0.25", "0.000001")),
        "first_increment": first,
        "next_increment": following,
        "minimum_charge": least,
        "maximum_charge": most,
        "tier_scope": scope,
        "tier_basis": random.choice(("", "charged", "all")),
    }


def _tiers(draft: Draft, service: str, rate: dict[str, str]) -> None:
    """One to four tiers; the last has no end."""
    random = draft.random
    for up_to in [*sorted(random.sample(_EDGES[service], random.randint(0, 3))), None]:
        price, unit_size = random.choice(_PRICES[service])
        flat_fee = random.choice(("", "", "0", "0.5", "0.000001", "2"))
        if flat_fee and draft.maybe(0.2):
            price = ""
        cells = {"up_to": "" if up_to is None else str(up_to), "unit_size": unit_size, "price": price}
        draft.add("rate_tiers", **rate, **cells, flat_fee=flat_fee)
