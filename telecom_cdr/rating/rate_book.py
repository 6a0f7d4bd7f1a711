"""The rates of a tariff, made ready to be looked up: which rate applies where and when, on what terms, at which steps.

Here: plain rows in, small tables out, once a run. Not here: how events meet them (`rates`), what they cost (`pieces`).
"""

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Final, NamedTuple

from telecom_cdr.rating.breakdown import flat_words
from telecom_cdr.vocabulary import RateModel, RecordType, TierBasis, TierScope

Row = Mapping[str, object]
Key = tuple[object, ...]

PRICE_SCALE: Final = 9
LAST_UNIT: Final = 2**63 - 1
# Keys under which rates stand: of a zone or else of any, of a zone alone, of any.
OF_ZONE: Final = "in "
ONLY_ZONE: Final = "only "
ANY_ZONE: Final = "any"
_RATE_KEY: Final = ("plan_code", "product_code", "zone", "time_band", "valid_from")
_TIERED: Final = (RateModel.GRADUATED, RateModel.VOLUME)


@dataclass(frozen=True)
class RateBook:
    """The rows of `tables.books.CHOICE`, `TERMS` and `STEPS`, and what rates ask for.

    `is_banded`: some rate asks for a time band; `has_steps`: some rate is not flat; `has_monthly`: positions of one
    run over the month; `has_limits`: some rate has a minimum or maximum.
    """

    choice: Sequence[Row]
    terms: Sequence[Row]
    steps: Sequence[Row]
    is_banded: bool
    has_steps: bool
    has_monthly: bool
    has_limits: bool


class _Rate(NamedTuple):
    """A rate and what chooses it."""

    number: int
    row: Row
    zone: object
    band: object
    since: date | None
    until: date | None
    key: Key

    def is_valid(self, since: date | None) -> bool:
        """Whether the rate holds from `since` on, None being the beginning of time."""
        if since is None:
            return self.since is None
        return (self.since is None or self.since <= since) and (self.until is None or since < self.until)


def rate_book(
    rates: Sequence[Row], tiers: Iterable[Row], products: Iterable[Row], signatures: Sequence[tuple[str, ...]]
) -> RateBook:
    """The book of all rates; `signatures` are the sets of bands that are active together, the winning band first."""
    ordered = sorted(rates, key=lambda row: [str(row[name] or "") for name in _RATE_KEY])
    data = {row["product_code"] for row in products if row["service_type"] == RecordType.DATA}
    groups: dict[tuple[object, object], list[_Rate]] = {}
    for number, row in enumerate(ordered):
        found = _Rate(number, row, row["zone"], row["time_band"], *_bounds(row), tuple(row[name] for name in _RATE_KEY))
        groups.setdefault((row["plan_code"], row["product_code"]), []).append(found)
    tiers_of: dict[Key, list[Row]] = {}
    for row in tiers:
        tiers_of.setdefault(tuple(row[name] for name in _RATE_KEY), []).append(row)
    choice: list[Row] = []
    terms: list[Row] = []
    steps: list[Row] = []
    for (plan, product), group in groups.items():
        for key, zoned in _by_zone_key(group, product in data):
            shared = {"plan_code": plan, "product_code": product, "_zone_key": key}
            choice += [shared | chosen for chosen in _chosen(zoned, signatures)]
        sizes = {_size(row) for rate in group for row in (rate.row, *tiers_of.get(rate.key, ()))}
        denominator = math.lcm(*sizes)
        for rate in group:
            terms.append(_terms(rate.row, rate.number, denominator))
            steps += _steps(rate.row, tiers_of.get(rate.key, ()), rate.number, denominator)
    return RateBook(
        choice,
        terms,
        steps,
        is_banded=any(row["time_band"] is not None for row in ordered),
        has_steps=any(row["model"] != RateModel.FLAT for row in ordered),
        has_monthly=any(row["tier_scope"] == TierScope.MONTH for row in terms),
        has_limits=any(row[name] is not None for row in terms for name in ("minimum_charge", "maximum_charge")),
    )


def _size(row: Row) -> int:
    size = row["unit_size"]
    return size if isinstance(size, int) else 1


def _by_zone_key(group: Sequence[_Rate], is_data: bool) -> Iterator[tuple[str, list[list[_Rate]]]]:
    """The rates of one plan and product that an event of a zone may take: the zone's before those of any."""
    zones: dict[object, list[_Rate]] = {}
    for rate in group:
        zones.setdefault(rate.zone, []).append(rate)
    anywhere = zones.pop(None, [])
    if anywhere:
        yield ANY_ZONE, [anywhere]
    for zone, own in zones.items():
        yield f"{OF_ZONE}{zone}", [own, anywhere]
        if is_data:
            yield f"{ONLY_ZONE}{zone}", [own]


def _chosen(levels: Sequence[Sequence[_Rate]], signatures: Sequence[tuple[str, ...]]) -> list[dict[str, object]]:
    """The rate of every stretch of days in which the choice is the same, for each signature where bands matter."""
    rates = [rate for level in levels for rate in level]
    is_banded = any(rate.band is not None for rate in rates)
    stretches: list[dict[str, object]] = []
    days = sorted({day for rate in rates for day in (rate.since, rate.until) if day is not None})
    for since, until in pairwise([None, *days, None]):
        valid = [[rate for rate in level if rate.is_valid(since)] for level in levels]
        rate_ids = [_best(valid, bands) for bands in (signatures if is_banded else ((),))]
        if all(number is None for number in rate_ids):
            continue
        if stretches and stretches[-1]["_rate_ids"] == rate_ids and stretches[-1]["valid_to"] == since:
            stretches[-1] = {**stretches[-1], "valid_to": until}
        else:
            stretches.append({"valid_from": since, "valid_to": until, "_rate_ids": rate_ids})
    return stretches


def _bounds(row: Row) -> tuple[date | None, date | None]:
    since, until = row["valid_from"], row["valid_to"]
    return since if isinstance(since, date) else None, until if isinstance(until, date) else None


def _best(levels: Sequence[Sequence[_Rate]], bands: Sequence[str]) -> int | None:
    """The most specific rate: of the zone before any zone, in each of a band before any hour."""
    for level in levels:
        for band in (*bands, None):
            # The loader refuses ranges that overlap; even so the later one decides, and only one.
            found = [rate for rate in level if rate.band == band]
            if found:
                return max(found, key=lambda rate: rate.since or date.min).number
    return None


def _terms(rate: Row, number: int, denominator: int) -> Row:
    is_flat = rate["model"] == RateModel.FLAT
    band = "null" if rate["time_band"] is None else json.dumps(rate["time_band"], ensure_ascii=False)
    price = None if rate["model"] in _TIERED else rate["price"]
    opening, closing = flat_words(band, f"{Decimal(str(price or 0)):.{PRICE_SCALE}f}", _size(rate))
    return {
        "_rate_id": number,
        "time_band": rate["time_band"],
        "rate_zone": rate["zone"],
        "rate_valid_from": rate["valid_from"],
        "rate_model": rate["model"],
        "first_increment": rate["first_increment"] or 1,
        "next_increment": rate["next_increment"] or 1,
        "unit_size": _size(rate),
        "price": price,
        "connect_fee": rate["connect_fee"] or Decimal(0),
        "minimum_charge": rate["minimum_charge"],
        "maximum_charge": rate["maximum_charge"],
        "tier_scope": None if is_flat else rate["tier_scope"] or TierScope.EVENT.value,
        "tier_basis": None if is_flat else rate["tier_basis"] or TierBasis.CHARGED.value,
        "_band_json": band,
        "_flat_opening": opening if is_flat else None,
        "_flat_closing": closing if is_flat else None,
        "_denominator": Decimal(denominator),
    }


def _steps(rate: Row, tiers: Iterable[Row], number: int, denominator: int) -> Iterator[Row]:
    if rate["model"] not in _TIERED:
        is_package = rate["model"] == RateModel.PACKAGE
        yield _step(
            rate, number, (0, LAST_UNIT), denominator if is_package else denominator // _size(rate), denominator
        )
        return
    low = 0
    for tier in sorted(tiers, key=lambda row: int(str(row["up_to"] or LAST_UNIT))):
        high = int(str(tier["up_to"] or LAST_UNIT))
        yield _step(tier, number, (low, high), denominator // _size(tier), denominator)
        low = high


def _step(row: Row, number: int, span: tuple[int, int], share: int, denominator: int) -> Row:
    price = Decimal(str(row["price"] or 0))
    fee = Decimal(str(row.get("flat_fee") or 0))
    return {
        "_rate_id": number,
        "_low": span[0],
        "_high": span[1],
        "_step_size": _size(row),
        "_step_price": price,
        "_per_unit": Decimal(int(price.scaleb(PRICE_SCALE)) * share),
        "_fee": Decimal(int(fee.scaleb(PRICE_SCALE)) * denominator),
    }
