"""Timestamps by lexical form: the date and time as written, and the offset as written.

Here: which texts are ISO 8601 timestamps, and what they say. Not here: JSON (`decode`), which instant a local time is
(`starts`). The common forms are read as columns of digits, whole arrays at once; DuckDB reads the others, by a pattern.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from telecom_cdr.sources.local_time import DAY, SECOND, Flags, Integers

_OFFSET: Final = "(?:[Zz]|[+-](?:[01][0-9]|2[0-3])(?::?[0-5][0-9])?)"
_TIMESTAMP: Final = (
    "[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])[Tt ]"
    f"(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:[.][0-9]{{1,9}})?)?{_OFFSET}?"
)
# `2026-01-02T03:04:05`, alone, with `Z` or with `+01:00`.
_CLOCK_BYTES: Final = 19
_UTC_BYTES: Final = 20
_OFFSET_BYTES: Final = 25
_MINUTE: Final = 60
_HOUR: Final = 3600
_EPOCH_YEAR: Final = 1970

Bytes = NDArray[np.uint8]


def read_timestamps(texts: pa.StringArray, ask: Callable[[str, pa.Array], pa.Table]) -> tuple[pa.Array, pa.Array]:
    """The clock and the offset of each text, as written.

    The clock is the date and time in microseconds since 1970, null when unreadable; the offset is in seconds, null when
    none is written. `ask` runs a DuckDB query on a table `lines` with the texts given in a column `line`.
    """
    clock, offset, is_read, has_offset = _common_forms(texts)
    clocks = pa.array(clock, pa.int64(), mask=~is_read)
    offsets = pa.array(offset, pa.int32(), mask=~(is_read & has_offset))
    others = pa.array(~is_read & pc.is_valid(texts).to_numpy(zero_copy_only=False))
    if pc.any(others).as_py():
        found = ask(_other_forms(), texts.filter(others))
        clocks = pc.replace_with_mask(clocks, others, found["clock"].combine_chunks())
        offsets = pc.replace_with_mask(offsets, others, found["offset"].combine_chunks())
    return clocks, offsets


def _common_forms(texts: pa.StringArray) -> tuple[Integers, NDArray[np.int32], Flags, Flags]:
    """Microseconds, seconds of offset, whether the text has one of the common forms, whether it has an offset."""
    length = pc.fill_null(pc.binary_length(texts), 0).to_numpy()
    rows = np.flatnonzero((length == _CLOCK_BYTES) | (length == _UTC_BYTES) | (length == _OFFSET_BYTES))
    clock, offset = np.zeros(len(texts), np.int64), np.zeros(len(texts), np.int32)
    is_read, has_offset = np.zeros(len(texts), np.bool_), np.zeros(len(texts), np.bool_)
    if len(rows):
        text = _Text(texts, rows)
        clock[rows], is_clock = _clock(text)
        offset[rows], has_offset[rows], is_zone = _zone(text, length[rows])
        is_read[rows] = is_clock & is_zone
    return clock, offset, is_read, has_offset


class _Text:
    """Some rows of a text column, byte by byte."""

    def __init__(self, texts: pa.StringArray, rows: NDArray[np.int64]) -> None:
        _, offsets, content = texts.buffers()
        first = np.frombuffer(offsets, np.int32)[texts.offset : texts.offset + len(texts)]
        self._content: Bytes = np.frombuffer(content, np.uint8)
        self._first = first[rows].astype(np.int64)

    def byte(self, place: int, where: Flags | None = None) -> Bytes:
        """The byte at one place of each row, or of the rows asked for."""
        first = self._first if where is None else self._first[where]
        return self._content[first + place]

    def number(self, place: int, digits: int, where: Flags | None = None) -> tuple[NDArray[np.int32], Flags]:
        """The number at one place of each row, and whether it is all digits."""
        value: NDArray[np.int32] = np.zeros(1, np.int32)
        is_number: Flags = np.ones(1, np.bool_)
        for at in range(place, place + digits):
            digit = self.byte(at, where) - np.uint8(ord("0"))
            is_number = is_number & (digit <= 9)
            value = value * 10 + digit
        return value, is_number


def _clock(text: _Text) -> tuple[Integers, Flags]:
    """Microseconds since 1970 of `2026-01-02T03:04:05`, and whether the text begins with a true date and time."""
    parts = [text.number(*place) for place in ((0, 4), (5, 2), (8, 2), (11, 2), (14, 2), (17, 2))]
    (year, _), (month, _), (day, _), (hour, _), (minute, _), (second, _) = parts
    is_clock: Flags = np.logical_and.reduce([is_number for _, is_number in parts])
    for place, signs in ((4, b"-"), (7, b"-"), (10, b"T "), (13, b":"), (16, b":")):
        found = text.byte(place)
        is_clock &= np.logical_or.reduce([found == sign for sign in signs])
    first_day = _days_before(np.where(is_clock, (year - _EPOCH_YEAR) * 12 + month - 1, 0))
    next_first_day = _days_before(np.where(is_clock, (year - _EPOCH_YEAR) * 12 + month, 0))
    is_clock &= (year >= 1) & (month >= 1) & (month <= 12) & (day >= 1) & (day <= next_first_day - first_day)
    is_clock &= (hour < 24) & (minute < 60) & (second < 60)
    seconds = hour * _HOUR + minute * _MINUTE + second
    return (first_day + day - 1) * DAY + seconds.astype(np.int64) * SECOND, is_clock


def _days_before(month: NDArray[np.int32]) -> Integers:
    """Days from 1970-01-01 to the first of a month counted from 1970-01."""
    return month.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)


def _zone(text: _Text, length: NDArray[np.int32]) -> tuple[NDArray[np.int32], Flags, Flags]:
    """Seconds of the offset, whether there is one, and whether what follows the time is nothing or an offset."""
    seconds = np.zeros(len(length), np.int32)
    is_zone: Flags = length == _CLOCK_BYTES
    is_utc: Flags = length == _UTC_BYTES
    mark = text.byte(_CLOCK_BYTES, is_utc)
    is_zone[is_utc] = (mark == ord("Z")) | (mark == ord("z"))
    is_offset: Flags = length == _OFFSET_BYTES
    sign, colon = text.byte(_CLOCK_BYTES, is_offset), text.byte(22, is_offset)
    hour, is_hour = text.number(20, 2, is_offset)
    minute, is_minute = text.number(23, 2, is_offset)
    is_signed = ((sign == ord("+")) | (sign == ord("-"))) & (colon == ord(":"))
    is_zone[is_offset] = is_signed & is_hour & is_minute & (hour < 24) & (minute < 60)
    seconds[is_offset] = np.where(sign == ord("-"), -1, 1) * (hour * _HOUR + minute * _MINUTE)
    return seconds, length != _CLOCK_BYTES, is_zone


@lru_cache(maxsize=1)
def _other_forms() -> str:
    return f"""
        WITH parts AS (
            SELECT line AS text,
                len(line) AS size,
                regexp_extract(line[17:], '[Zz+-].*$') AS zone,
                regexp_full_match(line, '{_TIMESTAMP}') AS is_timestamp
            FROM lines
        )
        SELECT
            CASE WHEN is_timestamp THEN epoch_us(TRY_CAST(
                CASE WHEN text[11] = 't' THEN replace(text, 't', 'T') ELSE text END [:size - len(zone)] AS TIMESTAMP
            )) END AS clock,
            CASE WHEN is_timestamp AND zone != '' THEN
                (CASE WHEN zone[1] = '-' THEN -1 ELSE 1 END) * (
                    3600 * coalesce(TRY_CAST(zone[2:3] AS INTEGER), 0)
                    + 60 * CASE WHEN len(zone) > 3 THEN coalesce(TRY_CAST(zone[-2:] AS INTEGER), 0) ELSE 0 END
                )
            END AS "offset"
        FROM parts
    """
