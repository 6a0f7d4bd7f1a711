"""Allowances: what a subscriber or customer has free, in units or money, and what is left of it.

Here: quantities, counters and who shares them. Not here: the order in which events come (`rating`).
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from telecom_cdr_tests.exact_model.clock import last_day
from telecom_cdr_tests.exact_model.numbers import round_half_up
from telecom_cdr_tests.exact_model.tariff import Cells, Tariff, is_yes

_PLACES = {"units": 0, "money": 6}


@dataclass(frozen=True)
class Gift:
    """What one allowance gave to one event, and what is left of it."""

    code: str
    given: Decimal
    left: Decimal


@dataclass(frozen=True)
class Asking:
    """Who asks, for what and when; `session` is that of the event."""

    subscription: Cells
    product: str
    zone: str | None
    usage_month: str
    day: str
    session: tuple[object, ...]


class Allowances:
    """The counters of a month."""

    def __init__(self, tariff: Tariff) -> None:
        self._tariff = tariff
        self._used: defaultdict[tuple[object, ...], Decimal] = defaultdict(Decimal)

    def take(self, kind: str, asking: Asking, wanted: Decimal) -> list[Gift]:
        """What the allowances of a kind give towards what is wanted, in order of use; those that give none are left
        out. Nothing is given towards less than nothing.
        """
        gifts = []
        plan = asking.subscription["plan_code"]
        for row in self._tariff.allowances(kind, plan, asking.product, asking.zone):
            counter = _counter(row, asking)
            available = self._quantity(row, asking) - self._used[counter]
            given = min(wanted, available)
            if given > 0:
                self._used[counter] += given
                wanted -= given
                gifts.append(Gift(row["allowance_code"], given, available - given))
        return gifts

    def _quantity(self, row: Cells, asking: Asking) -> Decimal:
        """The quantity of the period; of a month that a prorating plan was not active throughout, its share."""
        subscription, month = asking.subscription, asking.usage_month
        plan, quantity = subscription["plan_code"], Fraction(row["quantity"])
        if row["period"] == "month" and is_yes(self._tariff.plans[plan]["prorate"]):
            msisdn = None if row["scope"] == "customer" else subscription["msisdn"]
            days = self._tariff.active_days(subscription["customer_id"], msisdn, plan, month)
            quantity = quantity * days / last_day(month).day
        return round_half_up(quantity, _PLACES[row["kind"]])


def used_text(gifts: Sequence[Gift]) -> str | None:
    """What each gave: `CODE=units` in order of use."""
    return ",".join(f"{gift.code}={gift.given:f}" for gift in gifts) or None


def left_text(gifts: Sequence[Gift]) -> str | None:
    """What is left of each, in the same order."""
    return ",".join(f"{gift.code}={gift.left:f}" for gift in gifts) or None


def _counter(row: Cells, asking: Asking) -> tuple[object, ...]:
    period = {
        "month": ("month", asking.usage_month),
        "day": ("day", asking.day),
        "event": asking.session,
    }[row["period"]]
    subscription = asking.subscription
    owner = (subscription["customer_id"], "" if row["scope"] == "customer" else subscription["msisdn"])
    return (*owner, subscription["plan_code"], row["allowance_code"], *period)
