"""Which texts are timestamps, and the date, time and offset that they say."""

import json
import random
import re
from datetime import datetime, timedelta
from typing import Any

import pytest

from telecom_cdr_tests.sources.records import decode, records_of, spoilt


def decoded(*timestamps: str) -> list[dict[str, Any]]:
    payloads = [json.dumps({"timestamp": text}, ensure_ascii=False).encode() for text in timestamps]
    rows: list[dict[str, Any]] = decode([records_of(*payloads)]).to_pylist()
    return rows


def microseconds(clock: str) -> int:
    return (datetime.fromisoformat(clock) - datetime(1970, 1, 1)) // timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("timestamp", "clock", "offset"),
    [
        ("2026-01-02T03:04:05", "2026-01-02T03:04:05", None),
        ("2026-01-02 03:04", "2026-01-02T03:04:00", None),
        ("2026-01-02t03:04:05.5z", "2026-01-02T03:04:05.500000", 0),
        ("2026-01-02T03:04:05.123456789Z", "2026-01-02T03:04:05.123456", 0),
        ("2026-01-02T03:04:05.9999999", "2026-01-02T03:04:05.999999", None),
        ("2026-01-02T03:04:05+01:00", "2026-01-02T03:04:05", 3600),
        ("2026-01-02T03:04-0530", "2026-01-02T03:04:00", -19800),
        ("2026-01-02T03:04+02", "2026-01-02T03:04:00", 7200),
        ("2024-02-29T00:00Z", "2024-02-29T00:00:00", 0),
    ],
)
def test_a_timestamp_of_every_written_form_is_read(timestamp: str, clock: str, offset: int | None) -> None:
    (row,) = decoded(timestamp)
    assert row["timestamp_text"] == timestamp
    assert row["start_offset_seconds"] == offset
    assert row["start_clock_us"] == microseconds(clock)


@pytest.mark.parametrize(
    "timestamp",
    [
        "",
        "2026-01-02",
        "2026-02-30T00:00:00",
        "2025-02-29T00:00:00",
        "2026-13-01T00:00:00",
        "2026-01-02T24:00:00",
        "2026-01-02T23:59:60",
        " 2026-01-02T03:04:05",
        "2026-01-02T03:04:05 ",
        "2026-01-02T03:04:05Z\n",
        "2026-01-02T03:04:05.",
        "2026-01-02T03:04:05.1234567890",
        "2026-01-02T03:04:05+24:00",
        "2026-01-02T03:04:05+1",
        "2026-1-2T03:04:05",
        "20260102T030405",
        "٢٠٢٦-01-02T03:04:05",
        "1767261600",
        "yesterday",
    ],
)
def test_any_other_timestamp_is_unreadable(timestamp: str) -> None:
    (row,) = decoded(timestamp)
    assert row["start_clock_us"] is None
    assert row["timestamp_text"] == timestamp


_FORM = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d)(:\d\d)?(?:\.(\d{1,9}))?([Zz]|([+-]\d\d)(?::?([0-5]\d))?)?", re.ASCII
)


def as_read_by_the_standard_library(text: str) -> tuple[int | None, int | None]:
    """Clock and offset of a text; none where it is no timestamp."""
    found = _FORM.fullmatch(text)
    if found is None or abs(int(found[6] or 0)) > 23 or (found[4] and not found[3]):
        return None, None
    fraction = (found[4] or "").ljust(6, "0")[:6]
    try:
        clock = microseconds(f"{found[1]}T{found[2]}{found[3] or ':00'}.{fraction}")
    except ValueError:
        return None, None
    if found[6] is None:
        return clock, 0 if found[5] else None
    minutes = int(found[7] or 0) * (-1 if found[6].startswith("-") else 1)
    return clock, int(found[6]) * 3600 + minutes * 60


def test_spoilt_timestamps_are_read_as_the_standard_library_reads_them() -> None:
    chance = random.Random(11)
    written = ("2024-02-29T23:59:59", "2026-12-31 00:00:00Z", "2025-02-28T10:30:00+01:00", "0001-01-01t00:00:00.5-0530")
    texts = [spoilt(chance.choice(written), "0123456789-+:.TtZz ", chance) for _ in range(5_000)]
    # Python knows no year 0.
    texts = [text for text in texts if not text.startswith("0000")]
    rows = decoded(*texts)
    found = [(row["start_clock_us"], row["start_offset_seconds"]) for row in rows if row["start_clock_us"] is not None]
    expected = [read for text in texts if (read := as_read_by_the_standard_library(text))[0] is not None]
    assert found == expected
    assert len(found) > 500
