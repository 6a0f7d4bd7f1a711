"""How the model reads time bands, and where it cuts a call."""

from datetime import UTC, datetime

import pytest

from telecom_cdr_tests.builders import Cells, a_data_cdr, a_reference
from telecom_cdr_tests.exact_model.bands import Calendar
from telecom_cdr_tests.exact_model.trial import a_tariff, by_id, calls, charges, entries, plain, rated

_NIGHT: Cells = {"time_band": "NIGHT", "start_time": "22:00", "end_time": "06:00"}


def _active(*rows: Cells, at: str) -> tuple[str, ...]:
    reference = a_reference(time_bands=rows, holidays=[{"date": "2026-01-13"}])
    return Calendar(reference, "UTC").active(datetime.fromisoformat(at).replace(tzinfo=UTC))


@pytest.mark.parametrize(
    ("cells", "at", "is_active"),
    [
        ({}, "2026-01-10T21:59:59.999999", False),
        ({}, "2026-01-10T22:00", True),
        ({}, "2026-01-10T05:59:59.999999", True),
        ({}, "2026-01-10T06:00", False),
        # The night of Friday 9 January ends on Saturday, and still belongs to Friday.
        ({"weekdays": "5"}, "2026-01-10T05:00", True),
        ({"weekdays": "5"}, "2026-01-09T05:00", False),
        ({"weekdays": "5"}, "2026-01-10T22:00", False),
        ({"start_time": "00:00", "end_time": "24:00", "weekdays": "5"}, "2026-01-09T23:59:59", True),
        ({"start_time": "00:00", "end_time": "24:00", "weekdays": "5"}, "2026-01-10T00:00", False),
        ({"start_time": "18:00", "end_time": "00:00", "weekdays": "5"}, "2026-01-09T23:59:59", True),
        ({"start_time": "18:00", "end_time": "00:00", "weekdays": "5"}, "2026-01-10T00:00", False),
        # Tuesday 13 January is a holiday.
        ({"on_holidays": "false"}, "2026-01-13T05:00", True),
        ({"on_holidays": "false"}, "2026-01-13T22:00", False),
        ({"on_holidays": "false"}, "2026-01-14T05:00", False),
        ({"weekdays": "6", "on_holidays": "true"}, "2026-01-13T22:00", True),
        ({"weekdays": "6", "on_holidays": "true"}, "2026-01-14T05:00", True),
        ({"weekdays": "6", "on_holidays": "true"}, "2026-01-12T22:00", False),
        ({"weekdays": "6", "on_holidays": "true"}, "2026-01-10T22:00", True),
        ({"weekdays": "2"}, "2026-01-13T22:00", True),
        ({"weekdays": "6"}, "2026-01-13T22:00", False),
    ],
)
def test_a_band_has_its_hours_of_its_days(cells: Cells, at: str, is_active: bool) -> None:
    assert _active(_NIGHT | cells, at=at) == (("NIGHT",) if is_active else ())


def test_the_lowest_priority_number_of_an_active_row_wins_then_the_name() -> None:
    rows: list[Cells] = [
        {"time_band": "B", "start_time": "00:00", "end_time": "24:00", "priority": "5"},
        {"time_band": "A", "start_time": "00:00", "end_time": "24:00", "priority": "5"},
        {"time_band": "C", "start_time": "00:00", "end_time": "24:00", "priority": "9"},
        {"time_band": "C", "start_time": "12:00", "end_time": "13:00", "priority": "1"},
    ]
    assert _active(*rows, at="2026-01-10T11:59") == ("A", "B", "C")
    assert _active(*rows, at="2026-01-10T12:00") == ("C", "A", "B")


def test_the_zone_goes_before_the_band() -> None:
    rates: list[Cells] = [
        {"price": "1"},
        {"price": "2", "time_band": "NIGHT"},
        {"price": "3", "zone": "MA"},
        {"price": "4", "zone": "MA", "time_band": "NIGHT"},
    ]
    for count, expected in ((1, "1"), (2, "2"), (3, "3"), (4, "4")):
        reference = a_tariff(*rates[:count], time_bands=[_NIGHT])
        assert charges(reference, *calls(1, timestamp="2026-02-10T23:00:00")) == {"1": expected}
        by_day = {1: "1", 2: "1", 3: "3", 4: "3"}[count]
        assert charges(reference, *calls(1, timestamp="2026-02-10T12:00:00")) == {"1": by_day}


@pytest.mark.parametrize(
    ("start", "seconds", "units"),
    [
        # The hour from 02:00 is repeated on 15 February: both count; half a second is before the edge.
        ("2026-02-15T00:59:59.500000Z", 7202, [1, 7200, 1]),
        ("2026-02-15T01:00:00Z", 7201, [7200, 1]),
        # It is missing on 22 March.
        ("2026-03-22T01:59:00Z", 120, [120]),
        ("2026-03-21T01:59:00Z", 120, [60, 60]),
    ],
)
def test_seconds_are_counted_in_real_time(start: str, seconds: int, units: list[int]) -> None:
    hour: Cells = {"time_band": "HOUR", "start_time": "02:00", "end_time": "03:00"}
    reference = a_tariff({"price": "1"}, {"price": "2", "time_band": "HOUR"}, time_bands=[hour])
    (row,) = rated(reference, *calls(seconds, timestamp=start))
    assert [entry["units"] for entry in entries(row)] == units


def test_the_second_in_which_a_band_begins_belongs_to_the_one_before() -> None:
    reference = a_tariff({"price": "1"}, {"price": "2", "time_band": "NIGHT"}, time_bands=[_NIGHT])
    for start, expected in (("21:59:58", [2, 8]), ("21:59:58.000001", [2, 8]), ("21:59:57.999999", [3, 7])):
        (row,) = rated(reference, *calls(10, timestamp=f"2026-02-10T{start}"))
        assert [(entry["band"], entry["units"]) for entry in entries(row)] == [
            (None, expected[0]),
            ("NIGHT", expected[1]),
        ]


def test_increments_and_free_units_go_on_across_the_edge() -> None:
    reference = a_tariff(
        {"price": "1", "first_increment": "60", "next_increment": "60", "connect_fee": "3"},
        {"price": "2", "time_band": "NIGHT", "connect_fee": "9", "minimum_charge": "1000"},
        time_bands=[_NIGHT],
        allowances=[{"quantity": "12", "period": "event"}],
    )
    (row,) = rated(reference, *calls(15, timestamp="2026-02-10T21:59:50"))
    assert (row["billed_units"], row["time_band"], row["connect_fee"], row["minimum_charge"]) == (60, None, 3, None)
    # Ten seconds by day, all free; fifty billed in the night, two of them free.
    assert plain(row["charge_amount"]) == "99"
    assert [(entry["kind"], entry.get("from"), entry.get("to")) for entry in entries(row)] == [
        ("connect_fee", None, None),
        ("usage", 1, 48),
    ]


def test_event_tiers_run_on_across_the_edge() -> None:
    tiers: list[Cells] = [{"up_to": "10", "price": "1", "flat_fee": "7"}, {"price": "2", "flat_fee": "5"}]
    reference = a_tariff(
        {"model": "graduated"}, {"model": "graduated", "time_band": "NIGHT"}, tiers=tiers, time_bands=[_NIGHT]
    )
    (row,) = rated(reference, *calls(12, timestamp="2026-02-10T21:59:55"))
    # Five at 1 and the first fee; five more at 1 in the night without, two at 2 and the second fee.
    assert plain(row["charge_amount"]) == str(5 + 7 + 5 + 4 + 5)


def test_hours_without_a_rate_leave_a_call_unrated() -> None:
    reference = a_tariff({"price": "1", "time_band": "NIGHT"}, time_bands=[_NIGHT])
    found = [
        rated(reference, *calls(seconds, timestamp=f"2026-02-10T{start}"))[0]["reason"]
        for start, seconds in (("22:00:00", 60), ("05:59:00", 60), ("05:59:00", 61), ("21:59:59", 2), ("12:00:00", 1))
    ]
    assert found == [None, None, "NO_RATE", "NO_RATE", "NO_RATE"]


def test_a_day_long_call_meets_every_band_and_keeps_the_rates_of_its_day() -> None:
    reference = a_tariff(
        {"price": "0", "valid_to": "2026-02-11"},
        {"price": "1", "time_band": "NIGHT", "valid_to": "2026-02-11"},
        {"price": "5", "valid_from": "2026-02-11"},
        time_bands=[_NIGHT],
    )
    (row,) = rated(reference, *calls(86400, timestamp="2026-02-10T12:00:00"))
    assert plain(row["charge_amount"]) == str(8 * 3600)
    assert [entry["units"] for entry in entries(row)] == [36000, 28800, 21600]


def test_data_has_the_rate_of_its_start() -> None:
    rates: list[Cells] = [{"product_code": "DATA", "price": "0"}, {"product_code": "DATA", "price": "1"}]
    rates[1]["time_band"] = "NIGHT"
    reference = a_tariff(*rates, time_bands=[_NIGHT])
    sessions = [
        a_data_cdr(record_ID=start, timestamp=f"2026-02-10T{start}", data_volume_mb=1, session_duration_sec=7200)
        for start in ("21:59:59", "22:00:00")
    ]
    found = by_id(reference, *sessions)
    assert [plain(found[name]["charge_amount"]) for name in ("21:59:59", "22:00:00")] == ["0", "1000000"]
