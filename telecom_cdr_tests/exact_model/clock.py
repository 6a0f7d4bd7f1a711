"""Instants and local time: how a timestamp is read, with zone rules from the pinned `tzdata` package only."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

_FORM = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,9}))?)?"
    r"(?:([Zz])|([+-])([0-9]{2}):?([0-9]{2})?)?"
)


@dataclass(frozen=True)
class Start:
    """A readable start: the instant, and what the operator's clock showed."""

    instant: datetime
    offset_seconds: int
    day: date
    is_ambiguous: bool
    is_shifted: bool

    @property
    def month(self) -> str:
        """Local month, `YYYY-MM`."""
        return month_of(self.day)


@cache
def zone(name: str) -> ZoneInfo:
    """The rules of a zone as the pinned package has them, whatever the machine's own files say."""
    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as rules:
        return ZoneInfo.from_file(rules, key=name)


def month_of(day: date) -> str:
    """`YYYY-MM` of a day."""
    return f"{day.year:04d}-{day.month:02d}"


def local_month(instant: datetime, zone_name: str) -> str:
    """Local month of an instant."""
    return month_of(instant.astimezone(zone(zone_name)).date())


def first_day(month: str) -> date:
    """First day of a month `YYYY-MM`."""
    return date(int(month[:4]), int(month[5:]), 1)


def last_day(month: str) -> date:
    """Last day of a month `YYYY-MM`."""
    return (first_day(month) + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def read_start(text: str | None, zone_name: str) -> Start | None:
    """The start that a text states, or None when it is no timestamp.

    Without an offset it is local time: the first of a repeated hour, shifted forward in a missing one.
    Digits beyond microseconds are cut off.
    """
    form = _FORM.fullmatch(text) if text else None
    if form is None or (form[9] and form[0].endswith(":")):
        return None
    try:
        return _start(form, zone(zone_name))
    except (ValueError, OverflowError):
        # No such day or hour, or an instant outside the years 1 to 9999.
        return None


def _start(form: re.Match[str], rules: ZoneInfo) -> Start:
    year, month, day, hour, minute = (int(form[number]) for number in range(1, 6))
    microsecond = int((form[7] or "").ljust(9, "0")[:6])
    stated = datetime(year, month, day, hour, minute, int(form[6] or 0), microsecond)
    is_ambiguous = is_shifted = False
    if form[8]:
        instant = stated.replace(tzinfo=UTC)
    elif form[9]:
        if int(form[10]) > 23 or int(form[11] or 0) > 59:
            raise ValueError("no such offset")
        east = timedelta(hours=int(form[10]), minutes=int(form[11] or 0))
        instant = (stated - east if form[9] == "+" else stated + east).replace(tzinfo=UTC)
    else:
        first, second = (stated.replace(tzinfo=rules, fold=fold).utcoffset() for fold in (0, 1))
        assert first is not None
        assert second is not None
        is_ambiguous, is_shifted = first > second, first < second
        instant = (stated - first).replace(tzinfo=UTC)
    local = instant.astimezone(rules)
    offset = local.utcoffset()
    assert offset is not None
    return Start(instant, round(offset.total_seconds()), local.date(), is_ambiguous, is_shifted)
