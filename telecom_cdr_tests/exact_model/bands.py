"""Time bands: which are active at an instant, by the local clock of that instant, in the order in which they win.

Here: the calendar. Not here: which rate a band leads to (`rates`), where a call is cut (`pieces`).
"""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from telecom_cdr_tests.exact_model.clock import zone
from telecom_cdr_tests.exact_model.tariff import Cells, Reference

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)


class Calendar:
    """The bands of a tariff in a time zone."""

    def __init__(self, reference: Reference, timezone: str) -> None:
        self._rows = reference["time_bands"]
        self._holidays = {date.fromisoformat(row["date"]) for row in reference["holidays"]}
        self._zone = zone(timezone)
        self._known: dict[datetime, tuple[str, ...]] = {}

    def active(self, instant: datetime) -> tuple[str, ...]:
        """The bands at an instant: the lowest priority number first, then by name."""
        # Edges are whole minutes of a clock that differs from UTC by whole minutes, so that a minute decides alike.
        minute = instant.replace(second=0, microsecond=0)
        if minute not in self._known:
            local = minute.astimezone(self._zone).replace(tzinfo=None)
            self._known[minute] = _in_order(row for row in self._rows if self._is_active(row, local))
        return self._known[minute]

    @staticmethod
    def next_edge(instant: datetime) -> datetime:
        """The first later instant at which another band may begin."""
        return instant.replace(second=0, microsecond=0) + _MINUTE

    def _is_active(self, row: Cells, local: datetime) -> bool:
        return any(self._counts(row, day) and _covers(row, day, local) for day in (local.date() - _DAY, local.date()))

    def _counts(self, row: Cells, day: date) -> bool:
        """Whether the band has an occurrence that starts on the day."""
        is_listed = str(day.isoweekday()) in (row["weekdays"] or "1234567")
        is_holiday = day in self._holidays
        if row["on_holidays"] == "true":
            return is_listed or is_holiday
        return is_listed and not (is_holiday and row["on_holidays"] == "false")


def _covers(row: Cells, day: date, local: datetime) -> bool:
    """Whether the occurrence that starts on the day covers a local time; one that ends by its start ends next day."""
    start, end = _at(day, row["start_time"]), _at(day, row["end_time"])
    return start <= local < (end if end > start else end + _DAY)


def _at(day: date, clock: str) -> datetime:
    hours, minutes = clock.split(":")
    return datetime.combine(day, time()) + timedelta(hours=int(hours), minutes=int(minutes))


def _in_order(rows: Iterable[Cells]) -> tuple[str, ...]:
    priorities: dict[str, int] = {}
    for row in rows:
        name, priority = row["time_band"], int(row["priority"])
        priorities[name] = min(priority, priorities.get(name, priority))
    return tuple(sorted(priorities, key=lambda name: (priorities[name], name)))
