"""Who makes the traffic: subscriptions active in the month, how much each uses, where each lives.

Pure arrays made from the subscriptions table; nothing here depends on the order of its rows.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
import pyarrow as pa

from telecom_cdr.errors import InputError
from telecom_cdr.facts.numbering_plan import HOME_COUNTRY_CODE, VALID_MOROCCAN_NATIONAL
from telecom_cdr.sources.generator.calendar import Calendar, Floats, Ints
from telecom_cdr.sources.generator.mix import USAGE_CAP_IN_MEANS, USAGE_TAIL
from telecom_cdr.sources.generator.numbers import NumberBook, Numbers
from telecom_cdr.vocabulary import RecordType, SubscriptionStatus, TrafficClass

_VALID: Final = re.compile(rf"\A{HOME_COUNTRY_CODE}{VALID_MOROCCAN_NATIONAL}\Z")


@dataclass(frozen=True)
class Population:
    """The active spells of the month: one row a subscription and range of days in which it is active."""

    numbers: Numbers  # of each spell
    weight: Floats  # usage a day
    from_day: Ints  # first day of the month, from 0
    to_day: Ints  # day after the last
    product_first: Ints  # where the plan's data products start in `products`
    product_count: Ints
    products: tuple[str, ...]
    known: frozenset[str]  # every number in the table, active or not

    @property
    def size(self) -> int:
        """Number of spells."""
        return len(self.weight)

    def day_weight(self, first: int, last: int) -> Floats:
        """Expected usage of each spell in the days [first, last)."""
        days = np.minimum(self.to_day, last) - np.maximum(self.from_day, first)
        usage: Floats = self.weight * np.maximum(days, 0)
        return usage


@dataclass(frozen=True)
class _Spell:
    msisdn: str
    plan: str
    from_day: int
    to_day: int


def populate(
    subscriptions: pa.Table, products: pa.Table, rates: pa.Table | None, calendar: Calendar, seed: int, book: NumberBook
) -> Population:
    """The population of a month; InputError when nobody could make a call in it."""
    if subscriptions.num_rows == 0:
        raise InputError("there are no subscriptions in the database; load them first: telecom-cdr reference load DIR")
    rows = subscriptions.select(["msisdn", "plan_code", "status", "valid_from", "valid_to"]).to_pylist()
    known = sorted({row["msisdn"] for row in rows if _VALID.match(row["msisdn"])})
    spells = sorted(_active_spells(rows, calendar), key=lambda spell: (spell.msisdn, spell.from_day, spell.to_day))
    if not spells:
        raise InputError(
            f"no subscription with a valid Moroccan number is active in {calendar.month}; "
            "check status, valid_from and valid_to in subscriptions"
        )
    usage = dict(zip(known, _usage_weights(len(known), seed), strict=True))
    by_plan, flat = _data_products(products, rates, sorted({spell.plan for spell in spells}))
    return Population(
        numbers=split_numbers([spell.msisdn for spell in spells], book),
        weight=np.array([usage[spell.msisdn] for spell in spells], np.float64),
        from_day=np.array([spell.from_day for spell in spells], np.int64),
        to_day=np.array([spell.to_day for spell in spells], np.int64),
        product_first=np.array([by_plan[spell.plan][0] for spell in spells], np.int64),
        product_count=np.array([by_plan[spell.plan][1] for spell in spells], np.int64),
        products=flat,
        known=frozenset(known),
    )


def split_numbers(msisdns: list[str], book: NumberBook) -> Numbers:
    """E.164 digits as heads and tails."""
    return Numbers(
        book.heads([msisdn[:-6] for msisdn in msisdns]),
        np.array([int(msisdn[-6:]) for msisdn in msisdns], np.int64),
    )


def _active_spells(rows: list[dict[str, Any]], calendar: Calendar) -> list[_Spell]:
    spells = []
    for row in rows:
        if row["status"] != SubscriptionStatus.ACTIVE or not _VALID.match(row["msisdn"]):
            continue
        first, last = (_day_of_month(row[name], calendar) for name in ("valid_from", "valid_to"))
        from_day = 0 if first is None else max(first, 0)
        to_day = calendar.day_count if last is None else min(last, calendar.day_count)
        if from_day < to_day:
            spells.append(_Spell(row["msisdn"], row["plan_code"], from_day, to_day))
    return spells


def _day_of_month(day: date | None, calendar: Calendar) -> int | None:
    return None if day is None else (day - calendar.first_day).days


def _usage_weights(count: int, seed: int) -> Floats:
    """Usage of each number: quantiles of a Pareto tail, cut, in random order; the same in every month of a seed."""
    quantiles = (np.arange(count) + 0.5) / max(count, 1)
    mean = USAGE_TAIL / (USAGE_TAIL - 1)
    weights = np.minimum(quantiles ** (-1 / USAGE_TAIL), USAGE_CAP_IN_MEANS * mean)
    return np.random.default_rng([seed, count]).permutation(weights)


def _data_products(
    products: pa.Table, rates: pa.Table | None, plans: list[str]
) -> tuple[dict[str, tuple[int, int]], tuple[str, ...]]:
    """For each plan where its data products start in the flat list, and how many: those that the plan has rates for.

    A plan without any rate for data gets every data product: the network reports what was used, priced or not.
    """
    data = sorted(
        row["product_code"]
        for row in products.select(["product_code", "service_type", "traffic_class"]).to_pylist()
        if row["service_type"] == RecordType.DATA and row["traffic_class"] != TrafficClass.ROAMING
    )
    rated = set()
    if rates is not None:
        rated = {
            (row["plan_code"], row["product_code"]) for row in rates.select(["plan_code", "product_code"]).to_pylist()
        }
    by_plan: dict[str, tuple[int, int]] = {}
    flat: list[str] = []
    for plan in plans:
        offered = [product for product in data if (plan, product) in rated] or data
        by_plan[plan] = (len(flat), len(offered))
        flat += offered
    return by_plan, tuple(flat)
