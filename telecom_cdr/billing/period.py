"""The days of a billing month."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self


@dataclass(frozen=True)
class Period:
    """A billing month `YYYY-MM`, its first day and its last."""

    month: str
    first_day: date
    last_day: date

    @classmethod
    def of(cls, month: str) -> Self:
        """The period of a month `YYYY-MM`; ValueError for any other text."""
        first = date.fromisoformat(f"{month}-01")
        following = (first + timedelta(days=31)).replace(day=1)
        return cls(month, first, following - timedelta(days=1))
