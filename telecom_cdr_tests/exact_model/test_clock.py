"""How the model reads timestamps."""

import pytest

from telecom_cdr_tests.exact_model.clock import read_start

_ZONE = "Africa/Casablanca"


@pytest.mark.parametrize(
    ("text", "instant", "month"),
    [
        ("2026-02-28T23:30:00Z", "2026-02-28T23:30:00+00:00", "2026-02"),
        ("2026-01-31T23:30:00Z", "2026-01-31T23:30:00+00:00", "2026-02"),
        ("2026-10-31T23:30:00Z", "2026-10-31T23:30:00+00:00", "2026-10"),
        ("2025-10-31T23:30:00Z", "2025-10-31T23:30:00+00:00", "2025-11"),
        ("2026-06-01 00:15", "2026-05-31T23:15:00+00:00", "2026-06"),
        ("2026-06-01t10:00:00.1234567z", "2026-06-01T10:00:00.123456+00:00", "2026-06"),
        ("2026-06-01T10:00:00-0330", "2026-06-01T13:30:00+00:00", "2026-06"),
        ("2026-06-01T10:00:00+02", "2026-06-01T08:00:00+00:00", "2026-06"),
    ],
)
def test_an_instant_has_its_local_month(text: str, instant: str, month: str) -> None:
    start = read_start(text, _ZONE)
    assert start is not None
    assert (start.instant.isoformat(), start.month) == (instant, month)


@pytest.mark.parametrize(
    ("text", "instant", "is_ambiguous", "is_shifted"),
    [
        # The clock went back at 03:00 to 02:00: 02:30 came at 01:30Z and at 02:30Z.
        ("2026-02-15T02:30:00", "2026-02-15T01:30:00+00:00", True, False),
        ("2026-02-15T03:00:00", "2026-02-15T03:00:00+00:00", False, False),
        # The clock went from 02:00 to 03:00: 02:30 is read as 03:30.
        ("2026-03-22T02:30:00", "2026-03-22T02:30:00+00:00", False, True),
        ("2026-03-22T03:00:00", "2026-03-22T02:00:00+00:00", False, False),
        # The clock went back for good at 02:00 to 01:00.
        ("2026-09-20T01:30:00", "2026-09-20T00:30:00+00:00", True, False),
        ("2026-02-15T02:30:00Z", "2026-02-15T02:30:00+00:00", False, False),
    ],
)
def test_changes_of_the_clock_take_the_first_and_shift_forward(
    text: str, instant: str, is_ambiguous: bool, is_shifted: bool
) -> None:
    start = read_start(text, _ZONE)
    assert start is not None
    assert start.instant.isoformat() == instant
    assert (start.is_ambiguous, start.is_shifted) == (is_ambiguous, is_shifted)


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "2026-02-30T10:00:00Z",
        "2026-01-01",
        "2026-01-01T24:00:00",
        "2026-01-01T10:00:60Z",
        " 2026-01-01T10:00:00Z",
        "2026-01-01T10:00:00 Z",
        "2026-01-01T10:00:00+1",
        "2026-01-01T10:00:00+01:",
        "2026-01-01T10:00:00.Z",
        "0001-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59-01:00",
        "\u0662026-01-01T10:00:00Z",
    ],
)
def test_other_texts_are_no_timestamps(text: str | None) -> None:
    assert read_start(text, _ZONE) is None
