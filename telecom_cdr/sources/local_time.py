"""The operator's local time: zone rules of the pinned `tzdata` package, expanded into tables of transitions.

Here: reading the rules and converting between instants and local times, exactly, whole arrays at once.
Not here: reading timestamps as text (`decode`), what a month decides (`months`). No zone file or zone function of the
machine or of an engine is used: they know older law than the pinned package.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from importlib import resources
from io import BytesIO
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from telecom_cdr.errors import InputError

SECOND: Final = 1_000_000
DAY: Final = 86_400 * SECOND
# Years 1 to 9999, as microseconds: what a timestamp column and a calendar date can hold.
FIRST_MICROSECOND: Final = -62_135_596_800 * SECOND
LAST_MICROSECOND: Final = 253_402_300_800 * SECOND - 1

_BEGINNING: Final = np.iinfo(np.int64).min
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_HEADER: Final = struct.Struct(">4s1s15x6I")
# The Gregorian calendar, weekdays included, repeats after 400 years.
_CALENDAR_CYCLE: Final = 146_097 * 86_400
_LAST_SECOND: Final = LAST_MICROSECOND // SECOND
# Two changes of a yearly rule are further apart than this.
_PROBE: Final = 14 * 86_400

Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Resolved:
    """Local times as instants: microseconds since 1970 in UTC, the offset there in seconds, and how they were read."""

    instant: Integers
    offset: Integers
    is_ambiguous: Flags
    is_shifted: Flags


@dataclass(frozen=True)
class ZoneRules:
    """All transitions of one zone from year 1 to 9999.

    `utc_from[i]` is the first microsecond (UTC) of offset `utc_offset[i]`; `local_from[i]` the first microsecond of
    local time from which `local_shift[i]` seconds give the instant and `local_offset[i]` is the offset there.
    """

    name: str
    utc_from: Integers
    utc_offset: Integers
    local_from: Integers
    local_shift: Integers
    local_offset: Integers
    is_ambiguous: Flags
    is_shifted: Flags

    def offset_at(self, instant: Integers) -> Integers:
        """Offset from UTC in seconds at each instant (microseconds since 1970)."""
        return self.utc_offset[np.searchsorted(self.utc_from, instant, side="right") - 1]

    def resolve(self, local: Integers) -> Resolved:
        """Instants of local times (microseconds since 1970, as if in UTC).

        In a repeated hour the first is taken; a time in a missing hour is shifted forward by the gap.
        """
        row = np.searchsorted(self.local_from, local, side="right") - 1
        return Resolved(
            instant=local - self.local_shift[row] * SECOND,
            offset=self.local_offset[row],
            is_ambiguous=self.is_ambiguous[row],
            is_shifted=self.is_shifted[row],
        )


@lru_cache(maxsize=1)
def tzdata_version() -> str:
    """Version of the zone rules in use, for example `2026f`."""
    with resources.files("tzdata").joinpath("zoneinfo", "tzdata.zi").open(encoding="utf-8") as source:
        return source.readline().removeprefix("# version").strip()


@lru_cache(maxsize=8)
def zone_rules(name: str) -> ZoneRules:
    """Rules of an IANA zone; InputError when the pinned package has none of that name."""
    content = _zone_file(name)
    transitions = list(_transitions(name, content))
    starts = [_BEGINNING, *(at * SECOND for at, _ in transitions[1:])]
    offsets = [offset for _, offset in transitions]
    segments = list(_local_segments(transitions))
    local_from, shift, offset, ambiguous, shifted = zip(*segments, strict=True)
    return ZoneRules(
        name=name,
        utc_from=np.array(starts, np.int64),
        utc_offset=np.array(offsets, np.int64),
        local_from=np.array(local_from, np.int64),
        local_shift=np.array(shift, np.int64),
        local_offset=np.array(offset, np.int64),
        is_ambiguous=np.array(ambiguous, np.bool_),
        is_shifted=np.array(shifted, np.bool_),
    )


def _zone_file(name: str) -> bytes:
    path = resources.files("tzdata").joinpath("zoneinfo", *name.split("/"))
    content = path.read_bytes() if name and ".." not in name and path.is_file() else b""
    if not content.startswith(b"TZif"):
        raise InputError(
            f"{name!r} is not a zone of tzdata {tzdata_version()}: "
            "set TELECOM_CDR_TIMEZONE to an IANA name such as Africa/Casablanca"
        )
    return content


def _transitions(name: str, content: bytes) -> Iterator[tuple[int, int]]:
    """(second of UTC, offset from then on) of every change of offset; the first has no beginning."""
    changes, footer = _parse(content)
    if "," in footer:
        changes = [*changes, *_repeat(_yearly_changes(name, content, changes[-1][0]), changes[-1][0])]
    yield changes[0]
    for (_, before), (at, after) in pairwise(changes):
        if before != after:
            yield at, after


def _parse(content: bytes) -> tuple[list[tuple[int, int]], str]:
    """The explicit changes of a TZif file of version 2 or later, and its footer (RFC 8536)."""
    start = _HEADER.size
    _, _, utc_count, std_count, leap_count, time_count, type_count, char_count = _HEADER.unpack_from(content)
    # The first block repeats the second in 32 bits, for readers of version 1.
    start += time_count * 5 + type_count * 6 + char_count + leap_count * 8 + std_count + utc_count
    _, _, utc_count, std_count, leap_count, time_count, type_count, char_count = _HEADER.unpack_from(content, start)
    start += _HEADER.size
    times = struct.unpack_from(f">{time_count}q", content, start)
    kinds = content[start + time_count * 8 : start + time_count * 9]
    start += time_count * 9
    offsets = [struct.unpack_from(">l", content, start + 6 * kind)[0] for kind in range(type_count)]
    start += type_count * 6 + char_count + leap_count * 12 + std_count + utc_count
    footer = content[start:].strip(b"\n").decode("ascii")
    changes = [(_BEGINNING, offsets[0])]
    changes += [(at, offsets[kind]) for at, kind in zip(times, kinds, strict=True)]
    return changes, footer


def _yearly_changes(name: str, content: bytes, last: int) -> list[tuple[int, int]]:
    """Changes that the footer's rule makes in one calendar cycle after the last explicit change."""
    zone = ZoneInfo.from_file(BytesIO(content), key=name)

    def offset_at(second: int) -> int:
        offset = (_EPOCH + timedelta(seconds=second)).astimezone(zone).utcoffset()
        return int(offset.total_seconds()) if offset is not None else 0

    found = []
    low, before = last, offset_at(last)
    while low < last + _CALENDAR_CYCLE:
        high = low + _PROBE
        after = offset_at(high)
        if after != before:
            first, known = low, high
            while known - first > 1:
                middle = (first + known) // 2
                first, known = (middle, known) if offset_at(middle) == before else (first, middle)
            found.append((known, after))
        low, before = high, after
    return [change for change in found if change[0] <= last + _CALENDAR_CYCLE]


def _repeat(changes: list[tuple[int, int]], last: int) -> Iterator[tuple[int, int]]:
    for shift in range(0, _LAST_SECOND - last, _CALENDAR_CYCLE):
        yield from ((at + shift, offset) for at, offset in changes if at + shift <= _LAST_SECOND)


def _local_segments(transitions: list[tuple[int, int]]) -> Iterator[tuple[int, int, int, bool, bool]]:
    """(local microsecond, seconds to the instant, offset, is ambiguous, is shifted), in order."""
    yield _BEGINNING, transitions[0][1], transitions[0][1], False, False
    for (_, before), (at, after) in pairwise(transitions):
        first, last = sorted((at + before, at + after))
        if after > before:
            yield first * SECOND, before, after, False, True
        else:
            yield first * SECOND, before, before, True, False
        yield last * SECOND, after, after, False, False
