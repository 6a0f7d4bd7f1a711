"""What a piece of an event costs under its rate: flat, graduated, volume or package, at its position in the tiers.

Here: positions and the four models. Not here: over which events positions run on (`rating`).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from telecom_cdr_tests.exact_model.breakdown import Entry, Value, price_text
from telecom_cdr_tests.exact_model.tariff import Cells, amount


@dataclass
class Scope:
    """What an event, a session or a month has come to."""

    charged: int = 0
    units: int = 0
    last_charged: int = 0
    exact: Fraction = Fraction(0)

    def add(self, free: int, charged: int) -> None:
        """Go on by a piece."""
        self.units += free + charged
        self.charged += charged
        if charged:
            self.last_charged = self.units


@dataclass(frozen=True)
class Charged:
    """The charged units of a piece: positions `before` + 1 to `end`; `last` is that of the unit charged before."""

    band: str
    units: int
    before: int
    end: int
    last: int
    charged_before: int


@dataclass(frozen=True)
class Tier:
    """Positions above `low` up to `high`, which is None without an end."""

    low: int
    high: int | None
    price: Fraction
    unit_size: int
    flat_fee: Fraction

    def holds(self, position: int) -> bool:
        return self.low < position and (self.high is None or position <= self.high)

    def units(self, before: int, end: int) -> tuple[int, int]:
        """The part of the positions after `before` up to `end` that lies in the tier, in the same way."""
        return max(before, self.low), end if self.high is None else min(end, self.high)


def has_tier_scope(rate: Cells) -> bool:
    """Whether the rate counts over anything; a flat one does not."""
    return rate["model"] != "flat"


def has_tiers(rate: Cells) -> bool:
    """Whether the prices of the rate are those of its tiers."""
    return rate["model"] in ("graduated", "volume")


def is_monthly(rate: Cells) -> bool:
    """Whether the positions of the rate run over the month."""
    return has_tier_scope(rate) and rate["tier_scope"] == "month"


def price_piece(rate: Cells, tiers: Sequence[Cells], scope: Scope, free: int, charged: int) -> list[Entry]:
    """What the charged units of a piece cost after what the scope has come to; `scope` is left as it is."""
    if charged == 0:
        return []
    if has_tier_scope(rate) and rate["tier_basis"] == "all":
        before, last = scope.units + free, scope.last_charged
    else:
        before = last = scope.charged
    what = Charged(rate["time_band"], charged, before, before + charged, last, scope.charged)
    return list(_MODELS[rate["model"]](rate, _tiers(tiers), what))


def _tiers(rows: Sequence[Cells]) -> list[Tier]:
    found: list[Tier] = []
    for row in rows:
        low = found[-1].high if found else 0
        assert low is not None
        high = int(row["up_to"]) if row["up_to"] else None
        found.append(Tier(low, high, amount(row["price"]), int(row["unit_size"] or 1), amount(row["flat_fee"])))
    return found


def _flat(rate: Cells, _: Sequence[Tier], what: Charged) -> Iterator[Entry]:
    whole = Tier(0, None, amount(rate["price"]), int(rate["unit_size"] or 1), Fraction(0))
    yield _usage(what.band, whole, what.before, what.end, what.units)


def _graduated(_: Cells, tiers: Sequence[Tier], what: Charged) -> Iterator[Entry]:
    for tier in tiers:
        before, end = tier.units(what.before, what.end)
        if before >= end:
            continue
        yield _usage(what.band, tier, before, end, end - before)
        if what.last <= tier.low:
            yield from _flat_fee(what.band, tier, 1)


def _volume(_: Cells, tiers: Sequence[Tier], what: Charged) -> Iterator[Entry]:
    reached = next(tier for tier in tiers if tier.holds(what.end))
    if what.charged_before:
        left = next(tier for tier in tiers if tier.holds(what.last))
        if left is reached:
            yield _usage(what.band, reached, what.before, what.end, what.units)
            return
        back = -what.charged_before
        fields = (("band", what.band or None), ("units", back), *_price(left))
        yield Entry("repricing", back * left.price / left.unit_size, fields)
        yield from _flat_fee(what.band, left, -1)
    yield _usage(what.band, reached, 0, what.end, what.charged_before + what.units)
    yield from _flat_fee(what.band, reached, 1)


def _package(rate: Cells, _: Sequence[Tier], what: Charged) -> Iterator[Entry]:
    whole = Tier(0, None, amount(rate["price"]), int(rate["unit_size"] or 1), Fraction(0))
    size = whole.unit_size
    count = -(-what.end // size) - max(what.before // size, -(-what.last // size))
    fields = (("band", what.band or None), ("packages", count), ("units", what.units), ("from", what.before + 1))
    yield Entry("package", count * whole.price, (*fields, ("to", what.end), *_price(whole)))


_MODELS: dict[str, Callable[[Cells, Sequence[Tier], Charged], Iterator[Entry]]] = {
    "flat": _flat,
    "graduated": _graduated,
    "volume": _volume,
    "package": _package,
}


def _usage(band: str, tier: Tier, before: int, end: int, units: int) -> Entry:
    fields = (("band", band or None), ("units", units), ("from", before + 1), ("to", end), *_price(tier))
    return Entry("usage", units * tier.price / tier.unit_size, fields)


def _flat_fee(band: str, tier: Tier, sign: int) -> Iterator[Entry]:
    if tier.flat_fee:
        yield Entry("flat_fee", sign * tier.flat_fee, (("band", band or None), ("tier_from", tier.low + 1)))


def _price(tier: Tier) -> tuple[tuple[str, Value], ...]:
    return ("price", price_text(tier.price)), ("unit_size", tier.unit_size)
