"""Billed units, and the pieces of an event: runs of seconds that one rate prices.

Here: increments, and where time bands cut a call. Not here: what a piece costs (`tiers`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from telecom_cdr_tests.exact_model.bands import Calendar
from telecom_cdr_tests.exact_model.breakdown import Entry
from telecom_cdr_tests.exact_model.lookups import Found
from telecom_cdr_tests.exact_model.tariff import Cells

_SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Run:
    """Units `begin` to `end` of an event, without `end`, and their rate; None when they have none."""

    rate: Cells | None
    begin: int
    end: int


@dataclass
class Piece:
    """Billed units of an event at one rate: `free` ones first. `entries` say what they cost."""

    rate: Cells
    free: int
    charged: int
    entries: list[Entry] = field(default_factory=list)


def increments(usage: int, first: int, following: int) -> int:
    """Units billed: the first increment whole, then every started next one; nothing for nothing."""
    if usage == 0:
        return 0
    beyond = max(usage - first, 0)
    return first + -(-beyond // following) * following


def billed_until(usage: int, rate: Cells) -> int:
    """Units billed for the usage at the increments of a rate."""
    return increments(usage, int(rate["first_increment"] or 1), int(rate["next_increment"] or 1))


def runs(found: Found, calendar: Calendar, start: datetime, seconds: int) -> list[Run]:
    """The seconds of a call by rate; the second that an edge falls into belongs to the rate at its beginning."""
    if not found.has_bands():
        return [Run(found.rate(()), 0, seconds)]
    cut: list[Run] = []
    begin = 0
    while begin < seconds:
        instant = start + begin * _SECOND
        rate = found.rate(calendar.active(instant))
        until_edge = calendar.next_edge(instant) - instant
        end = min(begin + -(-until_edge // _SECOND), seconds)
        if cut and cut[-1].rate is rate:
            cut[-1] = replace(cut[-1], end=end)
        else:
            cut.append(Run(rate, begin, end))
        begin = end
    return cut


def split(cut: Sequence[Run], before: int, usage: int, governing: Cells, free: int) -> list[Piece]:
    """The billed units of an event that follows `before` units of its session; the earliest `free` ones are free."""
    billed_before, billed_after = (billed_until(units, governing) for units in (before, before + usage))
    found = []
    for run in cut:
        begin = max(billed_before, before + run.begin)
        end = billed_after if run is cut[-1] else min(billed_after, before + run.end)
        units = max(end - begin, 0)
        given = min(free, units)
        free -= given
        assert run.rate is not None
        found.append(Piece(run.rate, given, units - given))
    return found
