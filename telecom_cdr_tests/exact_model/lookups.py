"""What an event is looked up to be: its subscriber, product, zone, and the rates that may price it.

Here: the look-ups of one day, and the choice of a rate at an instant. Not here: rows (`tariff`), money (`rating`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from telecom_cdr_tests.exact_model.tariff import Cells, Tariff, ValidRates

Row = dict[str, object]

# Calling code by mobile country code, of the countries that records here come from.
_CALLING_CODES = {
    "206": "32",
    "208": "33",
    "214": "34",
    "222": "39",
    "234": "44",
    "262": "49",
    "302": "1",
    "310": "1",
    "404": "91",
    "603": "213",
    "605": "216",
}


@dataclass(frozen=True)
class Found:
    """The look-ups of an event; `reason` says why it has no charge, as far as no rate is asked."""

    subscription: Cells | None
    product: Cells | None
    zone: str | None
    prefix: str | None
    traffic_class: str | None
    ported_operator: str | None
    reason: str | None
    rates: ValidRates = field(default_factory=dict)
    is_of_zone_only: bool = False

    def has_bands(self) -> bool:
        """Whether the rate depends on the instant."""
        return any(band for _, band in self.rates)

    def rate(self, bands: Sequence[str]) -> Cells | None:
        """The rate while these bands are active: of the zone before any zone, of a band before any band."""
        zones = [self.zone] if self.zone else []
        if not self.is_of_zone_only:
            zones.append("")
        keys = ((zone, band) for zone in zones for band in (*bands, ""))
        return next((self.rates[key] for key in keys if key in self.rates), None)


def look_up(event: Row, tariff: Tariff, home_operator: str) -> Found:
    """The look-ups of an event on its own local day."""
    day, kind = event["usage_date"], str(event["record_type"])
    assert isinstance(day, date)
    traffic_class, operator = _portability(event, tariff, home_operator, day)
    product = _product(event, kind, traffic_class, tariff)
    destination = _destination(event, kind, tariff, day)
    msisdn = str(event["served_msisdn"])
    subscription = tariff.subscription(msisdn, day)
    reason = None
    if subscription is None:
        reason = "SUBSCRIPTION_NOT_ACTIVE" if tariff.is_known(msisdn) else "UNKNOWN_SUBSCRIBER"
    elif product is None:
        reason = "UNKNOWN_PRODUCT"
    elif destination is None and kind != "data" and not event["is_roaming"]:
        reason = "NO_DESTINATION"
    rates: ValidRates = {}
    if subscription and product and not reason:
        rates = tariff.valid_rates(subscription["plan_code"], product["product_code"], day)
    return Found(
        subscription=subscription,
        product=product,
        zone=destination["zone"] if destination else None,
        prefix=destination["prefix"] if destination else None,
        traffic_class=traffic_class,
        ported_operator=operator,
        reason=reason,
        rates=rates,
        is_of_zone_only=bool(event["is_roaming"] and product and product["traffic_class"] != "roaming"),
    )


def _portability(event: Row, tariff: Tariff, home_operator: str, day: date) -> tuple[str | None, str | None]:
    """The traffic class, and the operator of a ported number, which decides between onnet and offnet."""
    given = event.get("traffic_class")
    if given not in ("onnet", "offnet"):
        return None if given is None else str(given), None
    operator = tariff.ported_to(str(event["called_number"]), day)
    if operator is None:
        return str(given), None
    is_home = operator.strip().casefold() == home_operator.strip().casefold()
    return ("onnet" if is_home else "offnet"), operator


def _product(event: Row, kind: str, traffic_class: str | None, tariff: Tariff) -> Cells | None:
    if kind == "data":
        code = event["product_code"]
        return tariff.data_product(None if code is None else str(code))
    return tariff.product_of_class(kind, str(traffic_class))


def _destination(event: Row, kind: str, tariff: Tariff, day: date) -> Cells | None:
    """The row that gives the zone: abroad of the serving network, else of its country; at home of the number."""
    if event["is_roaming"]:
        network = str(event["serving_plmn"])
        country = _CALLING_CODES.get(network[:3])
        return tariff.network(network, day) or (tariff.destination(country, day) if country else None)
    if kind == "data":
        return None
    number = str(event["called_number"])
    return tariff.short_code(number, day) if event["is_short_code"] else tariff.destination(number, day)
