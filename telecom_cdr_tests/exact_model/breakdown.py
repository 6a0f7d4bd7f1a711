"""The breakdown of a charge: its entries, and how they are written as JSON.

Here: the form. Not here: which entries there are (`tiers`, `rating`).
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from telecom_cdr_tests.exact_model.numbers import round_half_up

_AMOUNT_PLACES = 12
_PRICE_PLACES = 9

Value = str | int | None


@dataclass(frozen=True)
class Entry:
    """One entry; `fields` stand between its kind and its amount."""

    kind: str
    amount: Fraction | Decimal
    fields: tuple[tuple[str, Value], ...] = ()


def price_text(price: Fraction) -> str:
    """A price with all of its decimals."""
    return f"{round_half_up(price, _PRICE_PLACES):f}"


def breakdown(entries: Iterable[Entry], charge: Decimal) -> str:
    """The entries as a JSON array, and last what rounding adds, so that the amounts sum to the charge."""
    listed = [(entry, round_half_up(entry.amount, _AMOUNT_PLACES)) for entry in entries]
    rounding = charge - sum((amount for _, amount in listed), Decimal(0))
    if rounding:
        listed.append((Entry("rounding", rounding), rounding))
    objects = [
        {"kind": entry.kind, **dict(entry.fields), "amount": f"{amount:.{_AMOUNT_PLACES}f}"} for entry, amount in listed
    ]
    return json.dumps(objects, separators=(",", ":"), ensure_ascii=False)
