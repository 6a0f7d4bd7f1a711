"""The charge of every event of the two months, worked out by hand.

Keys: record_ID, and `/source_node` where there is one.
"""

from decimal import Decimal
from typing import Final, NamedTuple


class Rated(NamedTuple):
    """An event with a charge."""

    customer_id: str
    plan_code: str
    product_code: str
    zone: str | None
    usage_units: int
    billed_units: int
    allowances_used: str | None
    charged_units: int
    charge_amount: Decimal


class Unrated(NamedTuple):
    """An event without a charge."""

    reason: str
    usage_units: int


def _pro(product: str, zone: str | None, usage: int, billed: int, charge: str) -> Rated:
    """An event of C1 without allowances."""
    return Rated("C1", "PRO", product, zone, usage, billed, None, billed, Decimal(charge))


def _web(usage: int, billed: int, charged: int, charge: str) -> Rated:
    """A session of C1, of which 500,000 bytes are free."""
    used = "WEB_EVENT=500000" if billed else None
    return Rated("C1", "PRO", "WEB", None, usage, billed, used, charged, Decimal(charge))


def _max(customer: str, product: str, zone: str, units: int, used: str | None, charged: int, charge: str) -> Rated:
    """A call on plan MAX, by the second."""
    return Rated(customer, "MAX", product, zone, units, units, used, charged, Decimal(charge))


FEBRUARY: Final[dict[str, Rated | Unrated]] = {
    # 60/20: 61 s -> 60 + 20 = 80 s. Until 14 February 1.20 a minute and 0.10 to connect:
    # 0.10 + 80 x 1.20 / 60 = 0.10 + 1.60.
    # Called 212612…: the longest prefix is 2126, zone MOBILE, for which CALL has no rate: that of any zone.
    "H01": _pro("CALL", "MOBILE", 61, 80, "1.700000"),
    # 22:59:59Z is 23:59:59 on the 14th, the last second of the old price: 0.10 + 60 x 1.20 / 60.
    "H02": _pro("CALL", "MOBILE", 60, 60, "1.300000"),
    # Local midnight of the 15th, the first second of the new one: 0.10 + 60 x 1.50 / 60.
    "H03": _pro("CALL", "MOBILE", 60, 60, "1.600000"),
    # 121 s -> 60 + 4 x 20 = 140 s (61 s beyond the first minute start four steps). A landline, prefix 212, zone HOME:
    # its own rate goes before that of any zone: 140 x 0.90 / 60 = 2.10, nothing to connect.
    "H04": _pro("CALL", "HOME", 121, 140, "2.100000"),
    # On-net, by the second: 33 x 0.005. Prefix 212661 is valid until 11 February.
    "H05": _pro("CALL_ONNET", "FRIENDS", 33, 33, "0.165000"),
    # 1 x 0.005
    "H06": _pro("CALL_ONNET", "FRIENDS", 1, 1, "0.005000"),
    # Short code 150, zone SHORT, a call like others: 10 s -> 60 s, 0.10 + 1.20.
    "H07": _pro("CALL", "SHORT", 10, 60, "1.300000"),
    # Short code 151 is in no destination.
    "H08": Unrated("NO_DESTINATION", 10),
    # 30 s -> 60 s x 3.00 / 60 = 3.00, below the minimum of 5.00.
    "H09": _pro("CALL_WORLD", "EUROPE", 30, 60, "5.000000"),
    # 336 is longer than 33. 121 s -> 180 s x 6.00 / 60 = 18.00, above the maximum of 10.00.
    "H10": _pro("CALL_WORLD", "EUROPE_MOBILE", 121, 180, "10.000000"),
    # Zone UK has no rate, and calls abroad have none for any zone.
    "H11": Unrated("NO_RATE", 60),
    "H12": _pro("TEXT", "MOBILE", 1, 1, "0.105000"),
    # The same record_ID from another node is another message.
    "H12/MSC2": _pro("TEXT", "MOBILE", 1, 1, "0.105000"),
    "H13": _pro("TEXT", "MOBILE", 1, 1, "0.105000"),
    # 0.1 MB = 100,000 bytes -> the first 1,000,000 whole; 500,000 are free; 500,000 x 0.01 / 1,000,000 = 0.005.
    "H14": _web(100_000, 1_000_000, 500_000, "0.005000"),
    # 1,000,500 -> 1,000,000 + 1 x 1,000; less 500,000: 501,000 x 0.01 / 1,000,000 = 0.00501.
    "H15": _web(1_000_500, 1_001_000, 501_000, "0.005010"),
    # Nothing used: nothing billed, not even the first increment.
    "H16": _web(0, 0, 0, "0.000000"),
    # One byte -> 1,000,000.
    "H17": _web(1, 1_000_000, 500_000, "0.005000"),
    # No product is called TV.
    "H18": Unrated("UNKNOWN_PRODUCT", 5_000_000),
    # Abroad, and no product is made for roaming.
    "H19": Unrated("UNKNOWN_PRODUCT", 30),
    # 10 x 0.005. On the 28th prefix 212661 is over: 2126.
    "H20": _pro("CALL_ONNET", "MOBILE", 10, 10, "0.050000"),
    # 23:00Z on 31 January is midnight of 1 February. 7 x 0.005.
    "H21": _pro("CALL_ONNET", "FRIENDS", 7, 7, "0.035000"),
    # MAX: 30 s on-net a day first, then 100 s a month for all calls. 5 February: 20 of 30.
    "H23": _max("C2", "CALL_ONNET", "FRIENDS", 20, "MIN_DAY=20", 0, "0.000000"),
    # The 10 left of the day, then 15 of the month.
    "H24": _max("C2", "CALL_ONNET", "FRIENDS", 25, "MIN_DAY=10,MIN_MONTH=15", 0, "0.000000"),
    # Another day: 30, then 10 of the month (25 so far).
    "H25": _max("C2", "CALL_ONNET", "FRIENDS", 40, "MIN_DAY=30,MIN_MONTH=10", 0, "0.000000"),
    # Off-net: no daily seconds. 100 - 25 = 75 of the month, 15 are charged: 15 x 0.03 = 0.45.
    "H26": _max("C2", "CALL", "MOBILE", 90, "MIN_MONTH=75", 15, "0.450000"),
    # Nothing left: 10 x 0.03.
    "H27": _max("C2", "CALL", "MOBILE", 10, None, 10, "0.300000"),
    "H28": Rated("C3", "PRO", "TEXT", "MOBILE", 1, 1, None, 1, Decimal("0.105000")),
    # Prepaid: 10 x 0.03, rated and never invoiced.
    "H29": Rated("C4", "PRE", "CALL", "MOBILE", 10, 10, None, 10, Decimal("0.300000")),
    # 0.10 + 60 x 1.20 / 60
    "H30": Rated("C5", "PRO", "CALL", "MOBILE", 60, 60, None, 60, Decimal("1.300000")),
    # 100 s free, (200 - 100) x 0.03 = 3.00
    "H31": _max("C5", "CALL", "MOBILE", 200, "MIN_MONTH=100", 100, "3.000000"),
    # The subscription ended with 19 February.
    "H32": Unrated("SUBSCRIPTION_NOT_ACTIVE", 10),
    # Suspended.
    "H33": Unrated("SUBSCRIPTION_NOT_ACTIVE", 1),
    # A number that nobody ever had.
    "H34": Unrated("UNKNOWN_SUBSCRIBER", 2_000_000),
}

OCTOBER: Final[dict[str, Rated | Unrated]] = {
    # 100 x 0.005
    "O01": _pro("CALL_ONNET", "MOBILE", 100, 100, "0.500000"),
    # Second of the month, though received before the first: 100 - 41 = 59 s are left, 1 x 0.03.
    "O02": _max("C2", "CALL", "MOBILE", 60, "MIN_MONTH=59", 1, "0.030000"),
    # 00:00Z is 00:00 local on 1 October.
    "O04": _max("C2", "CALL", "MOBILE", 41, "MIN_MONTH=41", 0, "0.000000"),
}

CHARGES: Final = {"2026-02": FEBRUARY, "2026-10": OCTOBER}
