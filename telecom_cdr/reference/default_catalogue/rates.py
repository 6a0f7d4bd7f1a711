"""Rates of the default catalogue: every product and zone has a price in every plan."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from telecom_cdr.reference.default_catalogue.destinations import INTERNATIONAL_ZONES

_SINCE: Final = "2020-01-01"
_CHANGE: Final = "2024-07-01"
_MEGABYTE: Final = 1_000_000
# MAD a second with tax, by zone; before the change zone A cost more.
_INTERNATIONAL: Final = dict(zip(INTERNATIONAL_ZONES, map(Decimal, ("0.07", "0.09", "0.17", "0.42")), strict=True))
_ZONE_A_BEFORE: Final = Decimal("0.08")
_TAX: Final = Decimal("1.2")
_FREE_ZONES: Final = ("MA_TOLL_FREE", "SHORT_FREE")
_SPECIAL_CALLS: Final = {
    "SHORT_SERVICE": Decimal("0.04"),
    "SHORT_PREMIUM": Decimal("0.15"),
    "MA_PREMIUM": Decimal("0.2"),
}
_SPECIAL_MESSAGES: Final = {"SHORT_SERVICE": Decimal("0.5"), "SHORT_PREMIUM": Decimal(6), "MA_PREMIUM": Decimal(6)}
_PREMIUM_CALL_MAXIMUM: Final = Decimal(60)


@dataclass(frozen=True)
class PlanPrices:
    """What a plan charges: a second within Morocco, a message, a megabyte; with tax unless `is_net`."""

    plan_code: str
    second: str
    message: str
    megabyte: str
    increments: tuple[int, int] = (1, 1)
    connect_fee: str = ""
    minimum_abroad: str = ""
    is_net: bool = False
    priced_by_minute: bool = False


PLANS: Final = (
    PlanPrices("SECONDE", "0.03", "0.08", "0.01"),
    PlanPrices("CLASSIQUE", "0.03", "0.1", "0.012", increments=(60, 20), minimum_abroad="0.5", priced_by_minute=True),
    PlanPrices("FORFAIT_69", "0.03", "0.07", "0.01"),
    PlanPrices("FORFAIT_96", "0.028", "0.06", "0.01"),
    PlanPrices("ILLIMITE_399", "0", "0", "0.005"),
    PlanPrices("ENTREPRISE", "0.02", "0.05", "0.008", increments=(30, 1), connect_fee="0.05", is_net=True),
    PlanPrices("PREPAYE_SECONDE", "0.035", "0.1", "0.01"),
    PlanPrices("PREPAYE_PASS", "0.04", "0.1", "0.01", increments=(30, 20)),
)
_CALLS_ABROAD: Final = "VOICE_INTL"
Row = dict[str, str]


def rates() -> Iterator[Row]:
    """Rows of rates.csv."""
    for plan in PLANS:
        yield from _calls(plan)
        yield from _calls_abroad(plan)
        yield from _messages(plan)
        yield from _data(plan)


def _calls(plan: PlanPrices) -> Iterator[Row]:
    for product in ("VOICE_ONNET", "VOICE_OFFNET", "VOICE_FIXED"):
        yield _voice(plan, product, Decimal(plan.second), connect_fee=plan.connect_fee)
    # Numbers without a zone of their own cost what a national call costs out of any bundle.
    yield _voice(plan, "VOICE_SPECIAL", max(Decimal(plan.second), Decimal("0.02")))
    for zone in _FREE_ZONES:
        yield _voice(plan, "VOICE_SPECIAL", Decimal(0), zone=zone)
    for zone, price in _SPECIAL_CALLS.items():
        maximum = _plain(_net(plan, _PREMIUM_CALL_MAXIMUM)) if zone == "MA_PREMIUM" else ""
        yield _voice(plan, "VOICE_SPECIAL", _net(plan, price), zone=zone, maximum_charge=maximum)


def _calls_abroad(plan: PlanPrices) -> Iterator[Row]:
    fees: dict[str, str] = {"connect_fee": plan.connect_fee, "minimum_charge": plan.minimum_abroad}
    for zone, price in _INTERNATIONAL.items():
        if zone == "INTL_A":
            before = _net(plan, _ZONE_A_BEFORE)
            yield _voice(plan, _CALLS_ABROAD, before, zone=zone, valid_to=_CHANGE, **fees)
            yield _voice(plan, _CALLS_ABROAD, _net(plan, price), zone=zone, valid_from=_CHANGE, **fees)
        else:
            yield _voice(plan, _CALLS_ABROAD, _net(plan, price), zone=zone, **fees)


def _messages(plan: PlanPrices) -> Iterator[Row]:
    yield _rate(plan, "SMS_NATIONAL", Decimal(plan.message))
    yield _rate(plan, "SMS_SPECIAL", max(Decimal(plan.message), Decimal("0.05")))
    for zone in _FREE_ZONES:
        yield _rate(plan, "SMS_SPECIAL", Decimal(0), zone=zone)
    for zone, price in _SPECIAL_MESSAGES.items():
        yield _rate(plan, "SMS_SPECIAL", _net(plan, price), zone=zone)
    yield _rate(plan, "SMS_INTL", _net(plan, Decimal("0.6")))
    yield _rate(plan, "SMS_INTL", _net(plan, Decimal("1.2")), zone="INTL_D")


def _data(plan: PlanPrices) -> Iterator[Row]:
    megabyte = Decimal(plan.megabyte)
    yield _rate(plan, "DATA", megabyte, unit_size=_MEGABYTE, increments=(10_000, 10_000))
    yield _rate(plan, "DATA_BUNDLE", megabyte, unit_size=_MEGABYTE, increments=(1_000, 1_000))
    yield _rate(plan, "DATA_SOCIAL", megabyte / 2, unit_size=_MEGABYTE, increments=(1_000, 1_000))


def _voice(plan: PlanPrices, product: str, price: Decimal, **cells: str) -> Row:
    unit_size = 60 if plan.priced_by_minute else 1
    return _rate(plan, product, price * unit_size, unit_size=unit_size, increments=plan.increments, **cells)


def _rate(
    plan: PlanPrices,
    product: str,
    price: Decimal,
    unit_size: int = 1,
    increments: tuple[int, int] = (1, 1),
    **cells: str,
) -> Row:
    return {
        "plan_code": plan.plan_code,
        "product_code": product,
        "valid_from": _SINCE,
        "model": "flat",
        "unit_size": str(unit_size),
        "price": _plain(price),
        "first_increment": str(increments[0]),
        "next_increment": str(increments[1]),
        **cells,
    }


def _net(plan: PlanPrices, price: Decimal) -> Decimal:
    """A price with tax on the plan's tax basis."""
    return (price / _TAX).quantize(Decimal("0.000001")) if plan.is_net else price


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
