"""Further worked examples, of the kinds that other rating systems test: each charge is worked out by hand.

Here: the examples as data. Not here: what an example is (`worked_examples`).
"""

from collections.abc import Sequence
from typing import Final

from telecom_cdr_tests.scenarios.worked_examples import HOLIDAY, MONDAY, Example, Row, Use, alone

TIERED: Final = {"model": "graduated", "price": ""}
VOLUME: Final = {"model": "volume", "price": ""}
MONTHLY: Final = {"tier_scope": "month"}


def _tiers(*tiers: tuple[str, str, str], **key: str) -> list[Row]:
    """Tiers: last unit, price, flat fee."""
    return [{"up_to": up_to, "price": price, "flat_fee": fee, **key} for up_to, price, fee in tiers]


def _in_turn(*uses: tuple[str, int]) -> Sequence[Sequence[Use]]:
    """Charges and units of one subscriber, an hour apart."""
    return [[Use(charge, units, at=f"{MONDAY}T{hour:02}:00:00") for hour, (charge, units) in enumerate(uses, 9)]]


_STAIRS: Final = _tiers(("10", "", "10"), ("100", "", "50"), ("", "", "100"))
_FLAT_THEN_UNITS: Final = _tiers(("5", "", "100"), ("10", "", "150"), ("15", "10", ""), ("", "5", ""))

TIERS: Final = (
    # The first half minute is free, its connect fee is not.
    Example(
        "INCLUDED_SECONDS",
        [{**TIERED, "connect_fee": "0.1"}],
        alone(Use("0.1", 20), Use("0.1", 30), Use("0.2", 90)),
        rate_tiers=[{"up_to": "30", "price": "0"}, {"unit_size": "60", "price": "0.1"}],
    ),
    Example(
        "STAIRS",
        [{**VOLUME, **MONTHLY}],
        [*alone(Use("10", 10), Use("50", 11), Use("100", 101)), *_in_turn(("10", 1), ("0", 9), ("40", 1), ("50", 200))],
        rate_tiers=_STAIRS,
    ),
    Example(
        "GRADUATED_STAIRS",
        [TIERED],
        alone(Use("10", 10), Use("60", 11), Use("160", 101)),
        rate_tiers=_STAIRS,
    ),
    Example(
        "FLAT_THEN_UNITS",
        [TIERED],
        alone(Use("100", 5), Use("250", 6), Use("260", 11), Use("335", 22)),
        rate_tiers=_FLAT_THEN_UNITS,
    ),
    Example(
        "FLAT_THEN_UNITS_VOLUME",
        [{**VOLUME, **MONTHLY}],
        [
            *alone(Use("150", 6), Use("110", 11), Use("80", 16)),
            *_in_turn(("100", 3), ("50", 4), ("0", 3), ("-30", 2), ("-10", 10)),
        ],
        rate_tiers=_FLAT_THEN_UNITS,
    ),
    # Whole blocks of 1,000: ten of 100 at 1, then five of 1,000 at 1.
    Example(
        "BLOCKS",
        [{**TIERED, "first_increment": "1000", "next_increment": "1000"}],
        alone(Use("15", 5_325)),
        rate_tiers=[{"up_to": "1000", "unit_size": "100", "price": "1"}, {"unit_size": "1000", "price": "1"}],
    ),
    Example(
        "FREE_MIDDLE",
        [TIERED],
        alone(Use("2100", 1_001), Use("2100", 1_500), Use("4200", 2_500)),
        rate_tiers=_tiers(("1000", "2", ""), ("1500", "0", "100"), ("", "2", "100")),
    ),
    # 10 for the first GiB, 0.06 for each MiB of the rest: 926,258,176 bytes.
    Example(
        "BINARY_UNITS",
        [{**TIERED, "product_code": "DATA"}],
        alone(Use("63.000918", 2_000_000_000, is_data=True), Use("10", 2**30, is_data=True)),
        rate_tiers=[
            {"product_code": "DATA", "up_to": str(2**30), "unit_size": str(2**30), "price": "10"},
            {"product_code": "DATA", "unit_size": str(2**20), "price": "0.06"},
        ],
    ),
    Example(
        "NINE_DECIMALS", [{"price": "0.000000001"}], alone(Use("0", 499), Use("0.000001", 500), Use("0.000086", 86_400))
    ),
    # A third of a millionth each: the month adds up to the rounded total.
    Example(
        "THIRDS",
        [{**TIERED, **MONTHLY}],
        _in_turn(("0", 1), ("0.000001", 1), ("0", 1)),
        rate_tiers=[{"unit_size": "3", "price": "0.000001"}],
    ),
    Example(
        "ONE_PRICE_A_CALL",
        [{"price": "0.333", "minimum_charge": "0.5", "maximum_charge": "0.5"}],
        alone(Use("0.5", 1), Use("0.5", 9)),
    ),
)
ALLOWANCES: Final = (
    Example(
        "EACH_CALL",
        [{"price": "1", "connect_fee": "5"}],
        _in_turn(("75", 100), ("0", 30), ("6", 31)),
        allowances=[{"quantity": "30", "period": "event"}],
    ),
    # A call over midnight takes from the day of its start; 23:30 UTC is of the next day here.
    Example(
        "EACH_DAY",
        [{"price": "1"}],
        [
            [
                Use("60", 120, at="2026-01-05T23:59:30"),
                Use("0", 60, at="2026-01-06T00:00:30"),
                Use("60", 60, at="2026-01-06T22:00:00"),
                Use("0", 60, at="2026-01-06T23:30:00Z"),
            ]
        ],
        allowances=[{"quantity": "60", "period": "day"}],
    ),
    # Units first, then money, which pays the connect fee too.
    Example(
        "UNITS_THEN_MONEY",
        [{"price": "1", "connect_fee": "2"}],
        _in_turn(("0", 30), ("22", 30)),
        allowances=[
            {"allowance_code": "UNITS", "quantity": "20", "priority": "2"},
            {"allowance_code": "MONEY", "kind": "money", "quantity": "22", "priority": "1"},
        ],
    ),
    Example(
        "TWO_PURSES",
        [{"price": "0.1"}],
        _in_turn(("0", 60), ("4", 60)),
        allowances=[
            {"allowance_code": "A", "kind": "money", "quantity": "5", "priority": "2"},
            {"allowance_code": "B", "kind": "money", "quantity": "3", "priority": "1"},
        ],
    ),
    # What volume tiers give back does not fill the purse again.
    Example(
        "PURSE_AND_VOLUME",
        [{**VOLUME, **MONTHLY}],
        _in_turn(("110", 100), ("-109", 1), ("54", 109)),
        rate_tiers=_tiers(("100", "2", "10"), ("200", "1", ""), ("", "0.5", "50")),
        allowances=[{"kind": "money", "quantity": "100"}],
    ),
    Example(
        "SHARED_AND_OWN",
        [{"price": "0.1"}],
        [[Use("0", 20), Use("1.5", 20, at=f"{MONDAY}T10:00:00", line=1)]],
        allowances=[
            {"allowance_code": "ALL", "quantity": "15", "scope": "customer"},
            {"allowance_code": "OWN", "quantity": "5", "priority": "2"},
        ],
    ),
    Example(
        "PACKAGES_AFTER_FREE_UNITS",
        [{"model": "package", "unit_size": "10", "price": "100", "tier_basis": "all"}],
        alone(Use("0", 105), Use("100", 110), Use("200", 111), Use("300", 121)),
        allowances=[{"quantity": "105", "period": "event"}],
    ),
    # The minimum is of what is charged, not of a call that is wholly free.
    Example(
        "LEAST",
        [{"price": "1", "minimum_charge": "30", "connect_fee": "2"}],
        _in_turn(("0", 60), ("30", 1)),
        allowances=[{"quantity": "60"}],
    ),
)
BANDS: Final = (
    # Friday's night goes on into Saturday; Saturday has none of its own.
    Example(
        "FRIDAY_NIGHT",
        [{"time_band": "FRIDAY", "price": "1"}, {"price": "2"}],
        alone(
            Use("120", 60, at="2026-01-09T21:59:00"),
            Use("120", 120, at="2026-01-09T23:59:00"),
            Use("90", 60, at="2026-01-10T05:59:30"),
            Use("120", 60, at="2026-01-10T22:00:00"),
        ),
        time_bands=[{"time_band": "FRIDAY", "weekdays": "5", "start_time": "22:00", "end_time": "06:00"}],
    ),
    # The night before a holiday is no holiday's, the night after it is.
    Example(
        "EVE",
        [{"time_band": "EVE", "price": "1"}, {"price": "2"}],
        alone(
            Use("60", 60, at=f"{HOLIDAY}T01:00:00"),
            Use("120", 60, at=f"{HOLIDAY}T23:00:00"),
            Use("120", 60, at="2026-01-02T01:00:00"),
        ),
        time_bands=[{"time_band": "EVE", "start_time": "22:00", "end_time": "06:00", "on_holidays": "false"}],
    ),
    # 12:00 to 19:00 of the last day of the year at 0.02; the holiday has no office hours.
    Example(
        "NEW_YEAR",
        [{"time_band": "AT_WORK", "price": "0.02"}, {"price": "0.01"}],
        alone(Use("1116", 86_400, at="2025-12-31T12:00:00")),
        time_bands=[
            {
                "time_band": "AT_WORK",
                "weekdays": "12345",
                "start_time": "08:00",
                "end_time": "19:00",
                "on_holidays": "false",
            }
        ],
    ),
    # 02:00 to 03:00 comes twice when Ramadan begins, and not at all when it ends.
    Example(
        "CLOCK_CHANGE",
        [{"time_band": "HALF_PAST_TWO", "price": "1"}, {"price": "0.1"}],
        alone(
            Use("3960", 7_200, at="2026-02-15T01:20:00Z"),
            Use("3960", 7_200, at="2026-02-15T02:20:00"),
            Use("360", 3_600, at="2026-03-22T01:30:00Z"),
            Use("6", 60, at="2026-03-22T02:30:00"),
            Use("60", 60, at="2026-03-21T02:30:00"),
        ),
        time_bands=[{"time_band": "HALF_PAST_TWO", "start_time": "02:30", "end_time": "03:00"}],
    ),
    # Steps go on across the edge; what is billed beyond the end is of the last piece; a second is of its beginning.
    Example(
        "STEPS_OVER_SIX",
        [
            {"price": "1", "first_increment": "60", "next_increment": "60"},
            {"time_band": "SIX", "price": "0.5", "connect_fee": "9"},
        ],
        alone(
            Use("75", 90, at=f"{MONDAY}T17:59:30"),
            Use("60", 20, at=f"{MONDAY}T17:59:30"),
            Use("30.5", 2, at=f"{MONDAY}T17:59:59.5"),
        ),
        time_bands=[{"time_band": "SIX", "start_time": "18:00", "end_time": "24:00"}],
    ),
    # Positions count over the pieces: 30 at 1; then units 31 to 60 at 0.2 and 61 to 120 at 0.1.
    Example(
        "TIERS_OVER_SEVEN",
        [{**TIERED}, {**TIERED, "time_band": "SEVEN"}],
        alone(Use("42", 120, at=f"{MONDAY}T18:59:30")),
        rate_tiers=[
            *_tiers(("60", "1", ""), ("", "0.5", "")),
            *_tiers(("60", "0.2", ""), ("", "0.1", ""), time_band="SEVEN"),
        ],
        time_bands=[{"time_band": "SEVEN", "start_time": "19:00", "end_time": "24:00"}],
    ),
    # The first 40 seconds are free, and so is not the connect fee of the rate at the start.
    Example(
        "FREE_OVER_EIGHT",
        [{"price": "1", "connect_fee": "7"}, {"time_band": "EIGHT", "price": "0.5", "connect_fee": "9"}],
        alone(
            Use("17", 60, at=f"{MONDAY}T19:59:30"),
            Use("0", 40, at=f"{MONDAY}T19:59:30"),
            Use("7.5", 41, at=f"{MONDAY}T19:59:30"),
        ),
        allowances=[{"quantity": "40", "period": "event"}],
        time_bands=[{"time_band": "EIGHT", "start_time": "20:00", "end_time": "24:00"}],
    ),
)
FURTHER: Final = (*TIERS, *ALLOWANCES, *BANDS)
