"""The days of a billing month."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self, cast


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

    def ends_in(self, row: Mapping[str, object]) -> bool:
        """Whether a row of reference data with `valid_from` and `valid_to` is valid on the last day."""
        since, until = cast("date | None", row["valid_from"]), cast("date | None", row["valid_to"])
        return (since is None or since <= self.last_day) and (until is None or self.last_day < until)
