"""The rate book: which rate stands where, from when to when, on what terms, at which steps."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from telecom_cdr.rating.rate_book import LAST_UNIT, RateBook, rate_book

Row = Mapping[str, Any]
PRODUCTS = [{"product_code": "VOICE", "service_type": "voice"}, {"product_code": "DATA", "service_type": "data"}]
NAMES = ("first_increment", "next_increment", "connect_fee", "minimum_charge", "maximum_charge", "unit_size")
EMPTY = dict.fromkeys((*NAMES, "zone", "time_band", "valid_from", "valid_to", "price", "tier_scope", "tier_basis"))


def rate(price: int | None = 1, **values: Any) -> Row:
    """A flat rate of voice."""
    cost = None if price is None else Decimal(price)
    return {**EMPTY, "plan_code": "P", "product_code": "VOICE", "model": "flat", "price": cost, **values}


def tier(up_to: int | None, price: str | None, **values: Any) -> Row:
    """A tier of voice."""
    cost = None if price is None else Decimal(price)
    key = dict.fromkeys(("zone", "time_band", "valid_from", "unit_size", "flat_fee"))
    return {**key, "plan_code": "P", "product_code": "VOICE", "up_to": up_to, "price": cost, **values}


def book(rates: Sequence[Row], tiers: Sequence[Row] = (), signatures: Sequence[tuple[str, ...]] = ()) -> RateBook:
    """The book of the rates."""
    return rate_book(rates, tiers, PRODUCTS, signatures)


def rows_of(book: Sequence[Mapping[str, object]]) -> list[Any]:
    """The rows, of whatever type their values are."""
    return list(book)


def choices(found: RateBook) -> dict[str, list[tuple[date | None, date | None, list[int | None]]]]:
    """By zone key: from, to, and the price chosen for each signature."""
    prices = {row["_rate_id"]: row["price"] for row in rows_of(found.terms)}
    chosen: dict[str, list[tuple[date | None, date | None, list[int | None]]]] = {}
    for row in rows_of(found.choice):
        named = [None if number is None else int(prices[number]) for number in row["_rate_ids"]]
        chosen.setdefault(row["_zone_key"], []).append((row["valid_from"], row["valid_to"], named))
    return chosen


MAY, JUNE, JULY = date(2026, 5, 1), date(2026, 6, 1), date(2026, 7, 1)


def test_a_zone_has_its_own_rates_and_those_of_any_zone_in_their_gaps() -> None:
    rates = [rate(1), rate(2, zone="FR", valid_from=MAY, valid_to=JUNE), rate(3, zone="FR", valid_from=JULY)]
    assert choices(book(rates)) == {
        "any": [(None, None, [1])],
        "in FR": [(None, MAY, [1]), (MAY, JUNE, [2]), (JUNE, JULY, [1]), (JULY, None, [3])],
    }


def test_days_without_any_rate_have_no_row() -> None:
    rates = [rate(1, valid_to=MAY), rate(2, valid_from=JUNE)]
    assert choices(book(rates)) == {"any": [(None, MAY, [1]), (JUNE, None, [2])]}


def test_a_later_start_ends_what_overlaps_it() -> None:
    rates = [rate(1, valid_from=MAY), rate(2, valid_from=JUNE)]
    assert choices(book(rates)) == {"any": [(MAY, JUNE, [1]), (JUNE, None, [2])]}


def test_the_zone_comes_before_the_band_and_the_band_before_any_hour() -> None:
    rates = [
        rate(1),
        rate(2, time_band="PEAK"),
        rate(3, zone="FR"),
        rate(4, zone="FR", time_band="NIGHT"),
    ]
    signatures = [(), ("PEAK",), ("NIGHT",), ("PEAK", "NIGHT")]
    assert choices(book(rates, signatures=signatures)) == {
        "any": [(None, None, [1, 2, 1, 2])],
        "in FR": [(None, None, [3, 3, 4, 4])],
    }


def test_of_bands_that_meet_the_first_of_the_signature_wins_and_no_rate_is_no_rate() -> None:
    rates = [rate(1, time_band="PEAK"), rate(2, time_band="HAPPY")]
    signatures = [("HAPPY", "PEAK"), ("PEAK",), ()]
    assert choices(book(rates, signatures=signatures)) == {"any": [(None, None, [2, 1, None])]}


def test_data_may_be_asked_for_rates_of_the_zone_alone() -> None:
    rates = [rate(1, product_code="DATA"), rate(2, product_code="DATA", zone="FR"), rate(3, zone="FR")]
    assert {key for key in choices(book(rates)) if key.startswith("only")} == {"only FR"}
    assert choices(book(rates[:2]))["only FR"] == [(None, None, [2])]


def test_costs_are_counted_in_billionths_of_one_denominator_a_product() -> None:
    rates = [
        rate(6, unit_size=60),
        rate(None, zone="FR", model="graduated"),
        rate(100, zone="ES", model="package", unit_size=8),
    ]
    tiers = [
        tier(None, "0.5", zone="FR", unit_size=7),
        tier(10, None, zone="FR", flat_fee=Decimal("0.25")),
    ]
    found = book(rates, tiers)
    assert {row["_denominator"] for row in found.terms} == {60 * 7 * 2}
    zones = {row["_rate_id"]: row["rate_zone"] for row in found.terms}
    steps = [
        (zones[row["_rate_id"]], row["_low"], row["_high"], int(row["_per_unit"]), int(row["_fee"]))
        for row in rows_of(found.steps)
    ]
    assert sorted(steps, key=str) == sorted(
        [
            (None, 0, LAST_UNIT, 6 * 10**9 * 14, 0),
            ("FR", 0, 10, 0, 10**9 // 4 * 840),
            ("FR", 10, LAST_UNIT, 5 * 10**8 * 120, 0),
            ("ES", 0, LAST_UNIT, 100 * 10**9 * 840, 0),
        ],
        key=str,
    )


@pytest.mark.parametrize(
    ("rates", "asked"),
    [
        ([rate()], (False, False, False)),
        ([rate(time_band="PEAK", tier_scope="month")], (True, False, False)),
        ([rate(model="package")], (False, True, False)),
        ([rate(model="package", tier_scope="month")], (False, True, True)),
    ],
)
def test_the_book_says_what_the_rates_ask_for(rates: Sequence[Row], asked: tuple[bool, bool, bool]) -> None:
    found = book(rates, signatures=[("PEAK",)])
    assert (found.is_banded, found.has_steps, found.has_monthly) == asked


def test_terms_have_their_defaults() -> None:
    (flat, package) = book([rate(), rate(model="package", zone="FR")]).terms
    assert (flat["first_increment"], flat["next_increment"], flat["unit_size"], flat["connect_fee"]) == (1, 1, 1, 0)
    assert (flat["tier_scope"], flat["tier_basis"]) == (None, None)
    assert (package["tier_scope"], package["tier_basis"]) == ("event", "charged")
