"""The calendar of bands: real local time, occurrences beyond midnight, holidays, clock changes."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from telecom_cdr.lakehouse.tariffs import zone_offsets
from telecom_cdr.rating.bands import BandCalendar, ZoneOffset, band_calendar

FIXED = [ZoneOffset(-(10**12), 3600)]
MONDAY = date(2026, 3, 2)


def hours(band: str, start: str, end: str, weekdays: str | None = None, **values: object) -> Mapping[str, object]:
    """One row of time_bands."""
    row = {"time_band": band, "weekdays": weekdays, "start_time": start, "end_time": end, "on_holidays": None}
    return {**row, "priority": 1, **values}


def active(calendar: BandCalendar, instant: datetime) -> tuple[str, ...]:
    """The bands at an instant, by the one row that it falls into."""
    micros = int(instant.timestamp() * 1_000_000)
    (row,) = (row for row in stretches(calendar) if row["_begins"] <= micros < row["_ends"])
    assert row["_utc_day"] == micros // 86_400_000_000
    return calendar.signatures[row["_signature"]]


def stretches(calendar: BandCalendar) -> list[Any]:
    """The rows of the calendar."""
    return list(calendar.rows)


def made(
    *rows: Mapping[str, object], holidays: Sequence[date] = (), zone: Sequence[ZoneOffset] = FIXED
) -> BandCalendar:
    """The calendar of two weeks from the Monday."""
    return band_calendar(rows, [{"date": day} for day in holidays], zone, MONDAY, MONDAY + timedelta(days=14))


def local(day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
    """A local time at UTC+1, so many days after the Monday."""
    return datetime(2026, 3, 2, tzinfo=UTC) + timedelta(days=day, hours=hour - 1, minutes=minute, seconds=second)


@pytest.mark.parametrize(
    ("instant", "expected"),
    [
        (local(0, 7, 59, 59), ()),
        (local(0, 8), ("PEAK",)),
        (local(0, 18, 59, 59), ("PEAK",)),
        (local(0, 19), ()),
        (local(5, 12), ()),
        (local(7, 8), ("PEAK",)),
    ],
)
def test_hours_are_half_open_and_of_their_weekdays(instant: datetime, expected: tuple[str, ...]) -> None:
    assert active(made(hours("PEAK", "08:00", "19:00", "12345")), instant) == expected


def test_hours_beyond_midnight_belong_to_the_day_they_begin_on() -> None:
    calendar = made(hours("NIGHT", "22:00", "06:00", "5"))
    friday = 4
    assert active(calendar, local(friday, 21, 59)) == ()
    assert active(calendar, local(friday, 22)) == ("NIGHT",)
    assert active(calendar, local(friday + 1, 5, 59)) == ("NIGHT",)
    assert active(calendar, local(friday + 1, 6)) == ()
    assert active(calendar, local(friday, 3)) == ()


@pytest.mark.parametrize(
    ("on_holidays", "weekdays", "expected"),
    [(True, "7", True), (False, "1234567", False), (None, "1234567", True), (None, "7", False)],
)
def test_holidays_are_added_left_out_or_as_other_days(on_holidays: bool | None, weekdays: str, expected: bool) -> None:
    calendar = made(
        hours("BAND", "00:00", "24:00", weekdays, on_holidays=on_holidays), holidays=[MONDAY + timedelta(days=2)]
    )
    assert active(calendar, local(2, 12)) == (("BAND",) if expected else ())


def test_the_band_of_the_lowest_priority_number_comes_first() -> None:
    calendar = made(
        hours("LATE", "18:00", "24:00", priority=2),
        hours("ANY", "00:00", "24:00", priority=3),
        hours("HAPPY", "20:00", "21:00", priority=1),
        hours("ANY", "23:00", "24:00", priority=1),
    )
    assert active(calendar, local(1, 12)) == ("ANY",)
    assert active(calendar, local(1, 20, 30)) == ("HAPPY", "LATE", "ANY")
    assert active(calendar, local(1, 23, 30)) == ("ANY", "LATE")


def test_a_band_is_an_hour_longer_or_shorter_when_the_clock_changes() -> None:
    # Ramadan 2026: on 15 February at 03:00 the clock goes back to 02:00, on 22 March at 02:00 forward to 03:00.
    first, last = date(2026, 2, 10), date(2026, 3, 31)
    calendar = band_calendar(
        [hours("NIGHT", "01:00", "04:00")], [], zone_offsets("Africa/Casablanca", first, last), first, last
    )

    def seconds_of(begins: datetime) -> int:
        micros = [int((begins + timedelta(hours=after)).timestamp() * 1_000_000) for after in (0, 12)]
        pieces = [
            (int(row["_ends"]) - int(row["_begins"])) // 1_000_000
            for row in stretches(calendar)
            if micros[0] <= row["_begins"] < micros[1] and calendar.signatures[row["_signature"]]
        ]
        return sum(pieces)

    assert seconds_of(datetime(2026, 2, 14, 0, tzinfo=UTC)) == 3 * 3600
    assert seconds_of(datetime(2026, 2, 15, 0, tzinfo=UTC)) == 4 * 3600
    assert seconds_of(datetime(2026, 3, 22, 0, tzinfo=UTC)) == 2 * 3600


def test_a_course_reaches_as_far_as_the_longest_call() -> None:
    calendar = made(hours("PEAK", "08:00", "20:00"))
    row = next(row for row in stretches(calendar) if row["_begins"] <= local(3, 9).timestamp() * 10**6 < row["_ends"])
    begins = [datetime.fromtimestamp(step["at"] / 10**6, UTC) for step in row["_course"]]
    assert begins[:3] == [local(3, 8), local(3, 20), local(4, 8)]
    assert begins[-1] >= local(4, 8)
    assert [calendar.signatures[step["signature"]] for step in row["_course"]][:3] == [("PEAK",), (), ("PEAK",)]


def test_stretches_cover_every_instant_once() -> None:
    calendar = made(hours("A", "22:30", "01:15", "135"), hours("B", "00:00", "12:00", "67", on_holidays=True))
    rows = sorted(stretches(calendar), key=lambda row: row["_begins"])
    assert all(before["_ends"] == after["_begins"] for before, after in pairwise(rows))
    assert rows[0]["_begins"] <= local(0, 1).timestamp() * 10**6
    assert rows[-1]["_ends"] >= local(14, 24).timestamp() * 10**6
