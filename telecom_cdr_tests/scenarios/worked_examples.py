"""Worked examples of tariffs: rows of the CSV files, usage, and the charge of each event, all in one directory.

Here: the examples as data, and the reference data and records made of them. Not here: running them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import count
from typing import Final

from telecom_cdr_tests.builders import ReferenceRows, a_data_cdr, a_reference, a_voice_cdr, an_sms_cdr

Row = Mapping[str, str]
CALLED: Final = "212661999999"
# A Monday that is no holiday; New Year's Day is a Thursday.
MONDAY: Final = "2026-01-05"
HOLIDAY: Final = "2026-01-01"


@dataclass(frozen=True)
class Use:
    """One event of a subscriber: its charge, its units, its start, the number reached; whose number it is."""

    charge: str
    units: int = 1
    at: str = f"{MONDAY}T09:00:00"
    called: str = CALLED
    line: int = 0
    is_sms: bool = False
    is_data: bool = False


@dataclass(frozen=True)
class Example:
    """A plan, and uses of it. Each sequence of uses is a customer of its own, in order of arrival."""

    plan: str
    rates: Sequence[Row]
    uses: Sequence[Sequence[Use]]
    rate_tiers: Sequence[Row] = ()
    allowances: Sequence[Row] = ()
    time_bands: Sequence[Row] = ()
    destinations: Sequence[Row] = ()


def alone(*uses: Use) -> list[list[Use]]:
    """Each use is of a customer of its own."""
    return [[use] for use in uses]


def _month_tiers(*tiers: Row) -> list[Row]:
    return [{"unit_size": "1", **tier} for tier in tiers]


_PEAK: Final = {
    "weekdays": "12345",
    "start_time": "08:00",
    "end_time": "19:00",
    "on_holidays": "false",
    "priority": "1",
}

EXAMPLES: Final = (
    Example(
        "FIRST_MINUTE_WHOLE",
        [{"price": "1", "unit_size": "1", "first_increment": "60", "next_increment": "1"}],
        alone(Use("85", 85), Use("60", 1)),
    ),
    Example(
        "CONNECT_FEE",
        [{"price": "0.05", "unit_size": "60", "connect_fee": "0.15", "first_increment": "1", "next_increment": "1"}],
        alone(Use("0.17", 24)),
    ),
    Example(
        "PER_MINUTE",
        [{"price": "0.1", "unit_size": "60", "first_increment": "1", "next_increment": "1"}],
        alone(Use("0.3", 180)),
    ),
    Example(
        "FIRST_MINUTE_AT_ONCE",
        [{"model": "graduated", "price": "", "connect_fee": "0.4", "tier_scope": "event"}],
        alone(Use("0.6", 20), Use("0.641667", 85), Use("0.7", 120)),
        rate_tiers=[{"up_to": "60", "price": "", "flat_fee": "0.2"}, {"unit_size": "60", "price": "0.1"}],
    ),
    Example(
        "STEPS_30_6",
        [{"price": "0.006", "unit_size": "60", "first_increment": "30", "next_increment": "6"}],
        alone(Use("0.0036", 32), Use("0.006", 57), Use("0.0078", 75)),
    ),
    Example(
        "OFFICE_HOURS",
        [
            {"time_band": "OFFICE", "price": "1.2", "unit_size": "60", "connect_fee": "0.2", "first_increment": "60"},
            {"price": "0.01", "unit_size": "1", "connect_fee": "0.1"},
        ],
        alone(Use("1.4", 45), Use("0.55", 45, at=f"{MONDAY}T21:00:00"), Use("0.55", 45, at=f"{HOLIDAY}T09:00:00")),
        time_bands=[{"time_band": "OFFICE", **_PEAK}],
    ),
    Example(
        "UNTIL_SIX",
        [
            {"time_band": "UNTIL_SIX", "price": "1", "connect_fee": "1"},
            {"time_band": "FROM_SIX", "price": "0.5"},
        ],
        alone(Use("2701", 3600, at="2026-01-08T17:30:00")),
        time_bands=[
            {"time_band": "UNTIL_SIX", "weekdays": "12345", "start_time": "00:00", "end_time": "18:00"},
            {"time_band": "FROM_SIX", "start_time": "18:00", "end_time": "24:00"},
        ],
    ),
    Example(
        "TWO_PREFIXES",
        [
            {"product_code": "SMS", "zone": "TEN", "price": "0.2"},
            {"product_code": "SMS", "zone": "TEN_02", "price": "0.1"},
        ],
        alone(
            Use("0.1", called="+10025550100", is_sms=True),
            Use("0.2", called="+10035550100", is_sms=True),
        ),
        destinations=[
            {"prefix": "10", "zone": "TEN", "country_code": "1"},
            {"prefix": "1002", "zone": "TEN_02", "country_code": "1"},
        ],
    ),
    Example(
        "ACCESS_FEE",
        [{"model": "graduated", "price": "", "connect_fee": "1000"}],
        alone(Use("1010", 10)),
        rate_tiers=[{"up_to": "10", "price": "1"}, {"price": "100"}],
    ),
    Example(
        "THREE_ALLOWANCES",
        [{"model": "graduated", "price": "", "tier_scope": "month", "tier_basis": "charged"}],
        [
            [
                Use(charge, units, at=f"2026-01-0{day}T09:00:00")
                for day, (charge, units) in enumerate((("0", 60), ("0", 50), ("0", 50), ("106.5", 280)), 5)
            ]
        ],
        rate_tiers=[{"up_to": "20", "price": "0.2"}, {"price": "0.5"}],
        allowances=[
            {"allowance_code": code, "quantity": quantity, "priority": priority}
            for code, quantity, priority in (("FIRST", "100", "1"), ("SECOND", "40", "2"), ("THIRD", "75", "3"))
        ],
    ),
    Example(
        "SHARED",
        [{"price": "0.1"}],
        [[Use("0", 8), Use("0.6", 8, at=f"{MONDAY}T10:00:00", line=1)]],
        allowances=[{"allowance_code": "FAMILY", "quantity": "10", "scope": "customer"}],
    ),
    Example(
        "MONEY",
        [{"price": "0.2"}],
        alone(Use("18", 240)),
        allowances=[{"allowance_code": "CREDIT", "kind": "money", "quantity": "30"}],
    ),
    Example(
        "GRADUATED_MONTH",
        [{"model": "graduated", "price": "", "tier_scope": "month"}],
        [
            [Use("102", 10)],
            [Use("102", 10), Use("8", 1, at=f"{MONDAY}T10:00:00")],
            [Use("110", 11)],
            [Use("163", 21)],
            [Use("102", 10), Use("53", 10, at=f"{MONDAY}T10:00:00"), Use("8", 1, at=f"{MONDAY}T11:00:00")],
        ],
        rate_tiers=_month_tiers(
            {"up_to": "10", "price": "10", "flat_fee": "2"},
            {"up_to": "20", "price": "5", "flat_fee": "3"},
            {"price": "5", "flat_fee": "3"},
        ),
    ),
    Example(
        "VOLUME_MONTH",
        [{"model": "volume", "price": "", "tier_scope": "month"}],
        [
            [Use("210", 100)],
            [Use("101", 101)],
            [Use("155", 210)],
            [Use("210", 100), Use("-109", 1, at=f"{MONDAY}T10:00:00"), Use("54", 109, at=f"{MONDAY}T11:00:00")],
        ],
        rate_tiers=_month_tiers(
            {"up_to": "100", "price": "2", "flat_fee": "10"},
            {"up_to": "200", "price": "1"},
            {"price": "0.5", "flat_fee": "50"},
        ),
    ),
    Example(
        "PACKAGES",
        [{"model": "package", "price": "100", "unit_size": "10"}],
        alone(Use("1300", 121)),
    ),
    Example(
        "ORDER_OF_ARRIVAL",
        [{"price": "0.6", "unit_size": "60"}],
        [
            [Use("1.2", 120, at=f"{MONDAY}T16:15:00"), Use("0.6", 120, at=f"{MONDAY}T15:15:00")],
            [Use("0.6", 120, at=f"{MONDAY}T15:15:00"), Use("1.2", 120, at=f"{MONDAY}T16:15:00")],
        ],
        allowances=[{"allowance_code": "MINUTE", "quantity": "60"}],
    ),
    Example(
        "AT_MOST",
        [{"price": "1", "maximum_charge": "10"}],
        alone(Use("10", 1800)),
    ),
)


@dataclass(frozen=True)
class Sold:
    """The use of an example by a subscriber: the identity of its record."""

    record_id: str
    msisdn: str
    customer_id: str
    plan: str
    use: Use


def sold(examples: Sequence[Example] = EXAMPLES) -> Iterator[Sold]:
    """Every use of every example, with customers and numbers of their own."""
    number = count(661_100_001)
    for example in examples:
        for customer, uses in enumerate(example.uses, 1):
            lines = [f"212{next(number)}" for _ in range(max(use.line for use in uses) + 1)]
            for position, use in enumerate(uses, 1):
                record_id = f"{example.plan}-{customer}-{position}"
                yield Sold(record_id, lines[use.line], f"{example.plan}-{customer}", example.plan, use)


def reference(examples: Sequence[Example] = EXAMPLES) -> ReferenceRows:
    """One plan for each example, one customer for each sequence of uses."""
    of_plan = {
        name: [{"plan_code": example.plan, **row} for example in examples for row in getattr(example, name)]
        for name in ("rates", "rate_tiers", "allowances")
    }
    buyers = list(sold(examples))
    numbers = {(one.msisdn, one.customer_id, one.plan): None for one in buyers}
    return a_reference(
        customers=[{"customer_id": name} for name in dict.fromkeys(one.customer_id for one in buyers)],
        subscriptions=[
            {"msisdn": msisdn, "customer_id": customer, "plan_code": plan} for msisdn, customer, plan in numbers
        ],
        rate_plans=[{"plan_code": example.plan} for example in examples],
        time_bands=[row for example in examples for row in example.time_bands],
        destinations=[{}, *(row for example in examples for row in example.destinations)],
        holidays=[{"date": HOLIDAY}],
        **of_plan,
    )


def records(examples: Sequence[Example] = EXAMPLES) -> list[dict[str, object]]:
    """The record of every use, in order of arrival."""
    return [_record(one) for one in sold(examples)]


def _record(one: Sold) -> dict[str, object]:
    shared = {"record_ID": one.record_id, "timestamp": one.use.at}
    if one.use.is_sms:
        return an_sms_cdr(sender_id=one.msisdn, receiver_id=one.use.called, **shared)
    if one.use.is_data:
        megabytes = format(Decimal(one.use.units).scaleb(-6), "f")
        return a_data_cdr(user_id=one.msisdn, data_volume_mb=megabytes, **shared)
    return a_voice_cdr(caller_id=one.msisdn, callee_id=one.use.called, duration_sec=one.use.units, **shared)
