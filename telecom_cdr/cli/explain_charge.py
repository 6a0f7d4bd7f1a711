"""A rated row told in words: which rate and why, units, allowances, the pieces of the charge and their sum.

Here: a row of `rated/usage`, and the mediated event that it was made of, become steps of words; every number is one
that was stored. Not here: finding the rows, and what comes before and after the charge (`explain`), one piece
(`pieces`).
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from telecom_cdr.cli.pieces import Piece, in_words, pieces_of, plain, unit_word
from telecom_cdr.lakehouse.plain_text import as_text
from telecom_cdr.vocabulary import RatingStatus, UnratedReason

Row = Mapping[str, Any]
Step = tuple[str, str]

_WHY_UNRATED = {
    UnratedReason.UNKNOWN_SUBSCRIBER: "no subscription, on any day, has this number",
    UnratedReason.SUBSCRIPTION_NOT_ACTIVE: "the number has subscriptions, and none is active on that day",
    UnratedReason.UNKNOWN_PRODUCT: "no product is for this kind of usage",
    UnratedReason.NO_DESTINATION: "no destination prefix, valid on that day, begins the number called",
    UnratedReason.NO_RATE: "the plan has no rate for this product, zone, day and hour",
}


def charge_steps(row: Row, event: Row) -> Iterator[Step]:
    """What rating made of an event, step by step: the name of the step, and the words."""
    unit = unit_word(row["service_type"])
    yield from _facts(row, event)
    if row["status"] == RatingStatus.UNRATED:
        why = _WHY_UNRATED[UnratedReason(row["reason"])]
        yield "unrated", f"{row['reason']}: {why}; there is no charge, and it is not billed"
        return
    yield "rate", _rate(row)
    if row["session_id"] is not None and row["session_units_before"] is not None:
        yield "session", _session(row, unit)
    yield "units", _units(row, unit)
    for code, given, left in _allowances(row["allowances_used"], row["allowances_left"]):
        yield "allowance", f"{code} gave {int(given):,} {unit}; {int(left):,} {unit} left"
    yield from _pieces(row, unit)
    yield "charge", _sum(row)


def _facts(row: Row, event: Row) -> Iterator[Step]:
    if row["plan_code"]:
        day = f"{row['payment_type']}, on {row['usage_date']}"
        yield "subscriber", f"customer {row['customer_id']}, plan {row['plan_code']}, {day}"
    if row["ported_operator"]:
        yield "ported", f"the number called was served by {row['ported_operator']} on that day: {row['traffic_class']}"
    if event["is_roaming"]:
        zone = f"zone {row['zone']} (prefix {row['destination_prefix']})" if row["zone"] else "without a zone"
        yield "roaming", f"served abroad by the network {event['serving_plmn']}: {zone}"


def _rate(row: Row) -> str:
    zone = f"zone {row['zone']} (prefix {row['destination_prefix']})" if row["zone"] else "no zone"
    since = f"valid from {row['rate_valid_from']}" if row["rate_valid_from"] else "valid since ever"
    return (
        f"plan {row['plan_code']}, product {row['product_code']}, {zone}: {_asked_for(row)}, {row['rate_model']}, "
        f"{since}; reference data version {row['reference_version']}"
    )


def _asked_for(row: Row) -> str:
    """Which zone and band the rate asks for, and what that says of the rates that would have come before it."""
    zone, band = row["rate_zone"], row["time_band"]
    if zone and band:
        return f"the rate of zone {zone} in band {band}, the most specific there can be"
    if zone:
        return f"the rate of zone {zone} at any hour, as none of this zone is for a band active then"
    no_zone = f"as none is for zone {row['zone']}" if row["zone"] else "as the event has none"
    if band:
        return f"the rate of any zone in band {band}, {no_zone}"
    return f"the rate of any zone, {no_zone}, and at any hour, as none is for a band active then"


def _session(row: Row, unit: str) -> str:
    return (
        f"part {row['sequence_number']} of session {row['session_id']}: {row['session_units_before']:,} {unit} used "
        "before it; increments, tiers and connect fee run over the whole session"
    )


def _units(row: Row, unit: str) -> str:
    words = (
        f"{row['usage_units']:,} {unit} used; first {row['first_increment']:,} whole, then steps of "
        f"{row['next_increment']:,}: {row['billed_units']:,} billed"
    )
    if row["allowance_units"]:
        words += f"; allowances gave {row['allowance_units']:,}"
    return f"{words}; {row['charged_units']:,} to pay"


def _allowances(used: str | None, left: str | None) -> Iterator[tuple[str, str, str]]:
    """Code, what it gave and what was left, in order of use."""
    rest = dict(_amounts(left))
    return ((code, given, rest[code]) for code, given in _amounts(used))


def _amounts(text: str | None) -> Iterator[tuple[str, str]]:
    for part in text.split(",") if text else ():
        code, _, amount = part.rpartition("=")
        yield code, amount


def _pieces(row: Row, unit: str) -> Iterator[Step]:
    left = {code: rest for code, _, rest in _allowances(row["money_allowances_used"], row["money_allowances_left"])}
    for piece in pieces_of(row["breakdown"]):
        yield "piece", f"{in_words(piece, unit)}{_limit(row, piece, left)} = {plain(piece['amount'])}"


def _limit(row: Row, piece: Piece, left: Mapping[str, str]) -> str:
    """What a piece was brought to: stored beside the pieces."""
    kind = piece["kind"]
    if kind in {"minimum", "maximum"}:
        limits = [row[f"{name}_charge"] for name in ("minimum", "maximum")]
        least, most = (plain(as_text(limit)) if limit is not None else "none" for limit in limits)
        over = " of the session" if row["session_id"] is not None else ""
        return f"{over} (least {least}, greatest {most})"
    if kind == "money_allowance":
        return f" ({plain(left[piece['code']])} left)"
    return ""


def _sum(row: Row) -> str:
    basis = "tax included" if row["is_tax_included"] else "without tax"
    total = f"{as_text(row['charge_amount'])} {row['currency']} ({basis})"
    if row["breakdown"] is None:
        return f"{total}; it was rated before pieces were kept: run the month again to see them"
    pieces = [Decimal(piece["amount"]) for piece in pieces_of(row["breakdown"])]
    if not pieces:
        return f"nothing to pay: {total}"
    terms = " + ".join(plain(f"{amount:f}") for amount in pieces).replace("+ -", "- ")
    return f"{terms} = {total}"
