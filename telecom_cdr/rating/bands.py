"""Time bands as a calendar: which bands are active together, stretch by stretch of real time.

Here: plain rows in, plain rows out, once a run. Not here: which rate a band chooses (`rate_book`), nor how an event
meets the calendar (`rates`).
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Final

Row = Mapping[str, object]

_SECOND: Final = 1_000_000
_DAY_SECONDS: Final = 86_400
_DAY_MINUTES: Final = 1_440
_EPOCH: Final = date(1970, 1, 1)


@dataclass(frozen=True)
class ZoneOffset:
    """From an instant on (seconds since 1970, UTC), local time is so many seconds ahead of UTC."""

    since: int
    offset: int


@dataclass(frozen=True)
class BandCalendar:
    """`signatures`: the sets of bands that are active together, in order of precedence.

    `rows`: when each of them is, in the columns of `tables.books.CALENDAR`, which number the signatures by their place.
    """

    signatures: tuple[tuple[str, ...], ...]
    rows: Sequence[Row]


@dataclass(frozen=True)
class _Hours:
    band: str
    weekdays: frozenset[int]
    begins: int
    ends: int
    on_holidays: bool | None
    priority: int

    def counts_on(self, weekday: int, is_holiday: bool) -> bool:
        """Whether the hours begin on such a day."""
        if is_holiday and self.on_holidays is not None:
            return self.on_holidays
        return weekday in self.weekdays


def band_calendar(
    time_bands: Iterable[Row], holidays: Iterable[Row], zone: Sequence[ZoneOffset], first: date, last: date
) -> BandCalendar:
    """The calendar of starts from `first` to `last`, UTC days, and of a day after them.

    `time_bands` are those that some rate names. A band's hours belong to the local day they begin on, also beyond
    midnight. Local time is that of each instant, so that a clock change makes a band longer or shorter.
    """
    hours = [_hours(row) for row in time_bands]
    days_off = {_number(day) for day in (row["date"] for row in holidays) if isinstance(day, date)}
    begins, ends = (_number(first) - 1) * _DAY_SECONDS, (_number(last) + 3) * _DAY_SECONDS
    names: dict[tuple[str, ...], int] = {}
    stretches: list[tuple[int, int]] = []
    for at, local in _cuts(hours, zone, begins, ends):
        signature = names.setdefault(_active(hours, days_off, local), len(names))
        if not stretches or stretches[-1][1] != signature:
            stretches.append((at, signature))
    return BandCalendar(tuple(names), list(_rows(stretches, first, last, ends)))


def _hours(row: Row) -> _Hours:
    flag = row["on_holidays"]
    return _Hours(
        band=str(row["time_band"]),
        weekdays=frozenset(int(digit) for digit in str(row["weekdays"] or "1234567")),
        begins=_minutes(str(row["start_time"])),
        ends=_minutes(str(row["end_time"])),
        on_holidays=None if flag is None else bool(flag),
        priority=int(str(row["priority"])),
    )


def _minutes(clock: str) -> int:
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)


def _number(day: date) -> int:
    return (day - _EPOCH).days


def _weekday(number: int) -> int:
    return (number + _EPOCH.weekday()) % 7 + 1


def _cuts(hours: Sequence[_Hours], zone: Sequence[ZoneOffset], begins: int, ends: int) -> Iterator[tuple[int, int]]:
    """Every instant at which bands may change, with its local time; both in seconds since 1970."""
    edges = sorted({0, *(edge % _DAY_MINUTES for one in hours for edge in (one.begins, one.ends))})
    for current, following in pairwise([*zone, ZoneOffset(ends, 0)]):
        since, until = max(begins, current.since), min(ends, following.since)
        if since >= until:
            continue
        yield since, since + current.offset
        first_day = (since + current.offset) // _DAY_SECONDS
        last_day = (until + current.offset) // _DAY_SECONDS
        for day in range(first_day, last_day + 1):
            for edge in edges:
                local = day * _DAY_SECONDS + edge * 60
                if since < local - current.offset < until:
                    yield local - current.offset, local


def _active(hours: Sequence[_Hours], holidays: set[int], local: int) -> tuple[str, ...]:
    """The bands active at a local time, the one that wins first; days are numbers, which the calendar does not end."""
    day = local // _DAY_SECONDS
    minute = local % _DAY_SECONDS // 60
    priorities: dict[str, int] = {}
    for one in hours:
        is_overnight = one.ends <= one.begins
        begun_today = one.begins <= minute and (is_overnight or minute < one.ends)
        begun_before = is_overnight and minute < one.ends
        if (begun_today and one.counts_on(_weekday(day), day in holidays)) or (
            begun_before and one.counts_on(_weekday(day - 1), day - 1 in holidays)
        ):
            priorities[one.band] = min(one.priority, priorities.get(one.band, one.priority))
    return tuple(sorted(priorities, key=lambda band: (priorities[band], band)))


def _rows(stretches: Sequence[tuple[int, int]], first: date, last: date, ends: int) -> Iterator[Row]:
    begins = [at for at, _ in stretches]
    for number in range(_number(first), _number(last) + 1):
        day, next_day = number * _DAY_SECONDS, (number + 1) * _DAY_SECONDS
        index = bisect_left(begins, day + 1) - 1
        while index < len(stretches) and stretches[index][0] < next_day:
            at, signature = stretches[index]
            stretch_end = begins[index + 1] if index + 1 < len(begins) else ends
            reach = bisect_left(begins, min(stretch_end, next_day) + _DAY_SECONDS)
            yield {
                "_utc_day": number,
                "_begins": max(at, day) * _SECOND,
                "_ends": min(stretch_end, next_day) * _SECOND,
                "_signature": signature,
                "_course": [{"at": at * _SECOND, "signature": name} for at, name in stretches[index:reach]],
            }
            index += 1
