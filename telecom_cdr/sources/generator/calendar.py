"""The month that is generated: its local days, and the instants of its local times."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from telecom_cdr.errors import InputError
from telecom_cdr.sources.local_time import SECOND, Resolved, zone_rules

DAY_SECONDS: Final = 86_400
_MONTH: Final = re.compile(r"\A[0-9]{4}-(0[1-9]|1[0-2])\Z")

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Calendar:
    """A local month. Local times are whole seconds of the wall clock, here since 1970."""

    month: str
    timezone: str

    def __post_init__(self) -> None:
        if not _MONTH.match(self.month) or self.month.startswith("0000"):
            raise InputError(f"{self.month!r} is not a month; write YYYY-MM, for example 2024-01")

    @classmethod
    def of(cls, month: str, timezone: str, first_month: str) -> Self:
        """The calendar of a month; InputError for one before the first (mediation would refuse it whole) or no zone."""
        calendar = cls(month, timezone)
        zone_rules(timezone)
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
    def first_second(self) -> int:
        """The month's first midnight."""
        return (self.first_day - date(1970, 1, 1)).days * DAY_SECONDS

    def resolve(self, local: Ints) -> Resolved:
        """Instants of local times: the first of a repeated one, forward for a missing one."""
        return zone_rules(self.timezone).resolve(local * SECOND)
