"""The month that is generated: its local days, and the offset of each moment, from the pinned `tzdata` only."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from importlib.resources import files
from typing import Final, Self
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from telecom_cdr.errors import InputError

DAY_SECONDS: Final = 86_400
_STEP_SECONDS: Final = 900  # Offsets change on the quarter hour, in every zone of our time.
_MONTH: Final = re.compile(r"\A[0-9]{4}-(0[1-9]|1[0-2])\Z")

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


def pinned_zone(name: str) -> ZoneInfo:
    """The zone of an IANA name by the `tzdata` package; the machine's own zone files are never read."""
    resource = files("tzdata").joinpath("zoneinfo", *name.split("/"))
    if not resource.is_file():
        raise InputError(f"time zone {name!r} is unknown to the tzdata package; use an IANA name")
    with resource.open("rb") as compiled:
        return ZoneInfo.from_file(compiled, key=name)


@dataclass(frozen=True)
class Calendar:
    """A local month. Times are whole seconds of the wall clock since the month's first midnight."""

    month: str
    timezone: str

    def __post_init__(self) -> None:
        if not _MONTH.match(self.month) or self.month.startswith("0000"):
            raise InputError(f"{self.month!r} is not a month; write YYYY-MM, for example 2024-01")

    @classmethod
    def of(cls, month: str, timezone: str, first_month: str) -> Self:
        """The month's calendar; months before the first one would be refused whole, so they are refused here."""
        calendar = cls(month, timezone)
        if month < first_month:
            raise InputError(f"month {month} is before the first billing month {first_month}; generate a later one")
        return calendar

    @property
    def first_day(self) -> date:
        """The first day."""
        return date.fromisoformat(f"{self.month}-01")

    @cached_property
    def day_count(self) -> int:
        """Days in the month."""
        return ((self.first_day + timedelta(days=31)).replace(day=1) - self.first_day).days

    @cached_property
    def _offsets(self) -> Ints:
        zone = pinned_zone(self.timezone)
        midnight = datetime.combine(self.first_day, datetime.min.time())
        steps = range(self.day_count * DAY_SECONDS // _STEP_SECONDS)
        moments = ((midnight + timedelta(seconds=step * _STEP_SECONDS)).replace(tzinfo=zone) for step in steps)
        return np.array([int((moment.utcoffset() or timedelta()).total_seconds()) for moment in moments], np.int64)

    def offset_seconds(self, local: Ints) -> Ints:
        """Offset from UTC. A repeated time is its first occurrence; a missing one is read by the offset before it."""
        return self._offsets[local // _STEP_SECONDS]
