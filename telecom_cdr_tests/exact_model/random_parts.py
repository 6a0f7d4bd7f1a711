"""Random sessions: one use reported by several records, in order or not, with gaps, and numbers that come twice."""

import json
from datetime import UTC, datetime, timedelta
from random import Random

from telecom_cdr_tests.exact_model.clock import first_day, last_day

Fields = dict[str, str]

_MOST_PARTS = 6
_SIZES = {
    "duration_sec": ("1", "30", "59", "60", "61", "100", "600", "3599", "7200"),
    "data_volume_mb": ("0", "0.000001", "0.0005", "0.1", "1", "1.5", "1.048576", "52.43", "0.999999"),
}
_PAUSES = (0, 1, 59, 60, 600, 3600, 3601, 8 * 3600, 26 * 3600)


def random_parts(random: Random, record: Fields, month: str) -> list[Fields]:
    """A record as several parts of a session; a message stays one record."""
    sized = next((name for name in _SIZES if name in record), None)
    if sized is None:
        return [record]
    count = random.randint(2, _MOST_PARTS)
    moment = _start(random, month)
    parts = []
    for index, number in enumerate(_numbers(random, count)):
        part = record | {
            "record_ID": json.dumps(f"{json.loads(record['record_ID'])}.{index}"),
            "timestamp": json.dumps(moment.isoformat().replace("+00:00", "Z")),
            "session_id": record["record_ID"],
            "sequence_number": str(number),
            "is_final": json.dumps(index == count - 1),
            sized: random.choice(_SIZES[sized]),
        }
        parts.append(part)
        moment += timedelta(seconds=random.choice(_PAUSES), microseconds=random.choice((0, 0, 1, 500_000)))
    if random.random() < 0.15:
        # Another network, product or number makes it another session.
        name = random.choice(
            [name for name in ("serving_plmn", "product_code", "callee_id") if name in record] or [sized]
        )
        random.choice(parts)[name] = {"serving_plmn": '"20820"', "product_code": '"WEB"'}.get(name, '"150"')
    return parts


def _start(random: Random, month: str) -> datetime:
    """A time of the month, now and then late on its last day."""
    first, last = first_day(month), last_day(month)
    day = last if random.random() < 0.1 else first + timedelta(days=random.randrange(last.day))
    clock = timedelta(hours=random.choice((0, 5, 7, 12, 18, 21, 22, 23)), minutes=random.choice((0, 30, 58, 59)))
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + clock


def _numbers(random: Random, count: int) -> list[int]:
    """Sequence numbers in order of time: in order, with gaps, backwards, in any order, or some of them equal."""
    in_order = list(range(1, count + 1))
    return random.choice(
        (
            in_order,
            in_order,
            [number * 3 for number in in_order],
            in_order[::-1],
            random.sample(in_order, count),
            [random.randint(0, 2) for _ in in_order],
        )
    )
