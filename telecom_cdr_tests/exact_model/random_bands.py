"""Random time bands and holidays, which all tenants of a world share."""

from datetime import timedelta

from telecom_cdr_tests.exact_model.clock import first_day, last_day
from telecom_cdr_tests.exact_model.random_draft import Draft

# Hours that meet, over midnight and up to it, and some that a change of the clock repeats or leaves out.
_HOURS = {
    "DAY": (("08:00", "19:00"), ("08:00", "12:30"), ("07:00", "24:00")),
    "NIGHT": (("22:00", "06:00"), ("20:00", "08:00"), ("23:59", "00:01")),
    "WEEKEND": (("00:00", "24:00"), ("18:00", "06:00")),
    "HAPPY": (("12:00", "13:00"), ("01:30", "03:00"), ("00:00", "00:30")),
    "EVENING": (("18:00", "00:00"), ("19:00", "23:30")),
}
_WEEKDAYS = {
    "DAY": ("12345", "1234567", ""),
    "NIGHT": ("", "567", "1357"),
    "WEEKEND": ("67", "56"),
    "HAPPY": ("", "", "2467"),
    "EVENING": ("", "5", "12345"),
}
BANDS = tuple(_HOURS)


def draw_bands(draft: Draft) -> None:
    """Every band has one or two rows; no two rows have the same priority, so that bands may meet anywhere."""
    random = draft.random
    priorities = random.sample(range(1, 100), 2 * len(BANDS))
    for band in BANDS:
        seen = set()
        for _ in range(random.choice((1, 1, 2))):
            weekdays = random.choice(_WEEKDAYS[band])
            start, end = random.choice(_HOURS[band])
            if (weekdays, start) in seen:
                continue
            seen.add((weekdays, start))
            draft.add(
                "time_bands",
                time_band=band,
                weekdays=weekdays,
                start_time=start,
                end_time=end,
                on_holidays=random.choice(("", "true", "false")),
                priority=str(priorities.pop()),
            )
    first, last = first_day(draft.month), last_day(draft.month)
    days = random.sample(range(last.day), 2)
    for day in (first - timedelta(days=1), *(first + timedelta(days=number) for number in days), last):
        if {"date": day.isoformat()} not in draft.rows.get("holidays", []):
            draft.add("holidays", date=day.isoformat())
