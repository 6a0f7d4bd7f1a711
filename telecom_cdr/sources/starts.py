"""When a record starts and which months it belongs to: decided once, for every later layer.

Here: instant, offset, local date, usage month, billing month. Not here: reading text (`decode`), zone rules
(`local_time`), whether a start is acceptable (`mediation`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from telecom_cdr.sources.local_time import (
    DAY,
    FIRST_MICROSECOND,
    LAST_MICROSECOND,
    SECOND,
    Flags,
    Integers,
    Resolved,
    ZoneRules,
)
from telecom_cdr.tables.model import DATE, INTEGER, TIMESTAMP

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_YEAR: Final = 1970


@dataclass(frozen=True)
class Starts:
    """Starts of records: microseconds since 1970 (UTC), seconds, months counted from 1970-01. 0 where unreadable."""

    is_readable: Flags
    instant: Integers
    offset: Integers
    local_month: Integers
    local_day: Integers
    is_ambiguous: Flags
    is_shifted: Flags

    def columns(self) -> dict[str, pa.Array]:
        """The columns of raw/cdrs that they fill."""
        unreadable = ~self.is_readable
        return {
            "event_start_utc": pa.array(self.instant, pa.int64(), mask=unreadable).cast(TIMESTAMP.arrow),
            "utc_offset_seconds": pa.array(self.offset.astype(np.int32), INTEGER.arrow, mask=unreadable),
            "usage_date": pa.array(self.local_day.astype(np.int32), pa.int32(), mask=unreadable).cast(DATE.arrow),
            "is_ambiguous_time": pa.array(self.is_ambiguous),
            "is_shifted_time": pa.array(self.is_shifted),
            "usage_month": month_names(self.local_month, unreadable),
        }


def find_starts(decoded: pa.Table, rules: ZoneRules) -> Starts:
    """Starts of decoded records by the operator's zone.

    A timestamp with an offset is an instant; without, local time: the first in a repeated hour, forward in a missing
    one. Unreadable when the instant or its local date is outside the years 1 to 9999.
    """
    clock, has_clock = _values(decoded["start_clock_us"])
    written, has_offset = _values(decoded["start_offset_seconds"])
    local: Resolved = rules.resolve(clock)
    instant = np.where(has_offset, clock - written * SECOND, local.instant)
    offset = np.where(has_offset, rules.offset_at(instant), local.offset)
    wall = instant + offset * SECOND
    is_readable = has_clock
    for edge in (clock, instant, wall):
        is_readable = is_readable & (edge >= FIRST_MICROSECOND) & (edge <= LAST_MICROSECOND)
    is_local = is_readable & ~has_offset
    day = np.where(is_readable, wall // DAY, 0)
    return Starts(
        is_readable=is_readable,
        instant=np.where(is_readable, instant, 0),
        offset=np.where(is_readable, offset, 0),
        local_month=day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64),
        local_day=day,
        is_ambiguous=is_local & local.is_ambiguous,
        is_shifted=is_local & local.is_shifted,
    )


def billing_months(
    of: Starts, ingested: datetime, *, rules: ZoneRules, first_month: str, is_closed: Callable[[str], bool]
) -> Integers:
    """Month that bills each record, counted from 1970-01.

    A record whose start is readable, not before the first month and at most a day after its ingest belongs to its own
    local month while that is open; any other to the local month of its ingest. A closed month gives way to the
    earliest open month after it.
    """
    now = microseconds_of(ingested)
    arrival = now + int(rules.offset_at(np.array([now]))[0]) * SECOND
    arrival_month = np.int64(np.datetime64(arrival // DAY, "D").astype("datetime64[M]").astype(np.int64))
    is_own = of.is_readable & (of.local_month >= month_number(first_month)) & (of.instant <= now + DAY)
    wanted = np.where(is_own, of.local_month, arrival_month)
    distinct, places = np.unique(wanted, return_inverse=True)
    return np.array([_next_open(month, is_closed) for month in distinct.tolist()], np.int64)[places]


def month_names(months: Integers, is_null: Flags | None = None) -> pa.Array:
    """Months counted from 1970-01 as `YYYY-MM`."""
    distinct, places = np.unique(months, return_inverse=True)
    names = pa.array([month_name(month) for month in distinct.tolist()], pa.string())
    return names.take(pa.array(places, pa.int64(), mask=is_null))


def month_name(month: int) -> str:
    """`YYYY-MM` of a month counted from 1970-01."""
    return f"{_EPOCH_YEAR + month // 12:04d}-{month % 12 + 1:02d}"


def month_number(name: str) -> int:
    """Months from 1970-01 to `YYYY-MM`."""
    year, month = name.split("-")
    return (int(year) - _EPOCH_YEAR) * 12 + int(month) - 1


def microseconds_of(instant: datetime) -> int:
    """Microseconds since 1970 of an instant, exactly. A time without a zone is a TypeError."""
    since = instant - _EPOCH
    return (since.days * 86_400 + since.seconds) * SECOND + since.microseconds


def _next_open(month: int, is_closed: Callable[[str], bool]) -> int:
    while is_closed(month_name(month)):
        month += 1
    return month


def _values(column: pa.ChunkedArray) -> tuple[Integers, NDArray[np.bool_]]:
    values = pc.fill_null(column, 0).to_numpy().astype(np.int64, copy=False)
    return values, pc.is_valid(column).to_numpy()
