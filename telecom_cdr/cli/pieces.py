"""The stored pieces of a charge, read back and told: what `explain` and `simulate` print of a breakdown.

Here: one piece as words, with the arithmetic that the piece itself states. Nothing is computed anew.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

Piece = Mapping[str, Any]

_ONE: Final = {"message(s)": "message", "bytes": "byte"}
_UNIT_WORDS: Final = {"voice": "s", "sms": "message(s)", "data": "bytes"}


def unit_word(service_type: str) -> str:
    """What a service counts, as people read it."""
    return _UNIT_WORDS[service_type]


def pieces_of(breakdown: str | None) -> list[dict[str, Any]]:
    """The pieces of a stored breakdown; none for an event without a charge."""
    found: list[dict[str, Any]] = json.loads(breakdown) if breakdown else []
    return found


def plain(amount: str) -> str:
    """A decimal without zeros at its end: `0.600000000000` is `0.6`."""
    return amount.rstrip("0").rstrip(".") if "." in amount else amount


def in_words(piece: Piece, unit: str) -> str:
    """One piece in words and numbers, without its amount."""
    return _WORDS[piece["kind"]](piece, unit)


def in_short(breakdown: str | None) -> str:
    """All pieces on one line, for a table."""
    return " + ".join(f"{_short(piece)} = {plain(piece['amount'])}" for piece in pieces_of(breakdown)).replace(
        "+ -", "- "
    )


def _short(piece: Piece) -> str:
    kind = piece["kind"]
    band = f" {piece['band']}" if piece.get("band") else ""
    if kind == "package":
        return f"{piece['packages']} package(s) x {plain(piece['price'])}{band}"
    if "price" in piece:
        return f"{piece['units']} x {_each(piece)}{band}"
    return f"{kind.replace('_', ' ')}{' ' + piece['code'] if 'code' in piece else ''}{band}"


def _each(piece: Piece) -> str:
    price = plain(piece["price"])
    return price if piece["unit_size"] == 1 else f"{price} / {piece['unit_size']:,}"


def _connect_fee(_: Piece, unit: str) -> str:
    return "connect fee"


def _usage(piece: Piece, unit: str) -> str:
    return f"{piece['units']:,} {unit}{_band(piece)} ({_positions(piece)}) x {_price(piece, unit)}"


def _flat_fee(piece: Piece, unit: str) -> str:
    tier = f"the tier that begins at unit {piece['tier_from']:,}{_band(piece)}"
    back = piece["amount"].startswith("-")
    return f"flat fee of {tier}, charged before, given back" if back else f"flat fee of {tier}, now entered"


def _package(piece: Piece, unit: str) -> str:
    return (
        f"{piece['packages']:,} package(s) of {piece['unit_size']:,} {unit} begun{_band(piece)} by {piece['units']:,} "
        f"{unit} ({_positions(piece)}) x {plain(piece['price'])}"
    )


def _repricing(piece: Piece, unit: str) -> str:
    return f"{-piece['units']:,} {unit} charged before, given back at their old price x {_price(piece, unit)}"


def _minimum(_: Piece, unit: str) -> str:
    return "raised to the least charge"


def _maximum(_: Piece, unit: str) -> str:
    return "lowered to the greatest charge"


def _money_allowance(piece: Piece, unit: str) -> str:
    return f"paid by the money allowance {piece['code']}"


def _rounding(_: Piece, unit: str) -> str:
    return "rounding to 6 decimals"


def _positions(piece: Piece) -> str:
    first, last = piece["from"], piece["to"]
    return f"unit {first:,}" if first == last else f"units {first:,} to {last:,}"


def _price(piece: Piece, unit: str) -> str:
    size = piece["unit_size"]
    return f"{plain(piece['price'])} per {_ONE.get(unit, unit) if size == 1 else f'{size:,} {unit}'}"


def _band(piece: Piece) -> str:
    return f" in {piece['band']}" if piece.get("band") else ""


_WORDS: Final = {
    "connect_fee": _connect_fee,
    "usage": _usage,
    "flat_fee": _flat_fee,
    "package": _package,
    "repricing": _repricing,
    "minimum": _minimum,
    "maximum": _maximum,
    "money_allowance": _money_allowance,
    "rounding": _rounding,
}
KINDS: Final = tuple(_WORDS)
