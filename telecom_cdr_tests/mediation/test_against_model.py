"""Records put together at random from ordinary and odd values: reasons and events equal the exact model's."""

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, Any, Final

import pytest

from telecom_cdr_tests.exact_model.clock import Start
from telecom_cdr_tests.exact_model.judgement import judge
from telecom_cdr_tests.exact_model.raw import FIELDS, Decoded
from telecom_cdr_tests.mediation.records import HOME, INGESTED, START, Raw, a_record, judged, mistyped, starting

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_NUMBERS: Final = (
    *("0", "-0", "1", "60", "86400", "86401", "-1", "1e1", "1.5", "10.0", "5e-7", "4e-7", "-4e-7", "1e300", "1e-300"),
    *("1000000", "1000000.0000005", "123456789012345", "1234567890123456", "1e12345", " 1", "x", "9e18", "1e19"),
)
_PEOPLE: Final = (
    *("212661000001", "0612 34-56.78", "+33612345678", "0033612345678", "190", "12345", "612345678", "0522123456"),
    *(
        "0801234567",
        "\uff10\uff16\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18",
        "212683345678",
        "x",
        "-",
        "00",
        "+1",
    ),
)
_ODD: Final = ("", " ", "\u00a0\t", "x", "é", "\u3000x")
_VALUES: Final[dict[str, tuple[str, ...]]] = {
    "record_type": ("voice", "sms", "data", "Voice", "fax", ""),
    "technology": ("2G", "lte", " NR ", "6G"),
    "serving_plmn": ("60400", "20801", "604", "604-01", "208 01", "20", "6040111", "abc", "\uff12\uff10\uff18/01"),
    "direction": ("mo", "mt", "MT", "up"),
    "is_final": ("true", "false", "True", "1"),
    "sequence_number": _NUMBERS,
    "duration_sec": _NUMBERS,
    "session_duration_sec": _NUMBERS,
    "data_volume_mb": _NUMBERS,
} | dict.fromkeys(("caller_id", "callee_id", "sender_id", "receiver_id", "user_id"), _PEOPLE)


def _random_record(random: Random) -> Raw:
    """A record of which a few fields are odd."""
    record = a_record(random.choice(("voice", "sms", "data")))
    for name in random.sample(FIELDS, random.randrange(6)):
        value = random.choice((random.choice(_VALUES.get(name, _ODD)), random.choice(_ODD), None))
        value = random.choice(_VALUES[name]) if name in _VALUES and random.random() < 0.6 else value
        record = replace(record, texts=record.texts | {name: value})
    if random.random() < 0.1:
        record = mistyped(record, random.choice(FIELDS))
    has_text = "timestamp" not in record.mistyped and (record.texts.get("timestamp") or "").strip()
    start = random.choice((START, START, None, INGESTED + timedelta(hours=25), START - timedelta(days=900)))
    return starting(start if has_text else None, record)


def _by_model(record: Raw) -> tuple[str | None, dict[str, Any]]:
    texts = {name: text for name, text in record.texts.items() if text is not None and name not in record.mistyped}
    decoded = Decoded(record.is_well_formed, texts, frozenset(record.mistyped))
    start = Start(record.start, 0, record.start.date(), False, False) if record.start else None
    reasons, event = judge(decoded, start, record.ingested, "2024-01", HOME)
    return ",".join(reasons) or None, dict(event or {})


@pytest.mark.parametrize(("which", "seed"), [*(("engine", seed) for seed in range(4)), ("spark", 4)])
def test_reasons_and_events_equal_the_model(request: pytest.FixtureRequest, which: str, seed: int) -> None:
    engine: SparkSession = request.getfixturevalue(which)
    random = Random(seed)
    records = [_random_record(random) for _ in range(1000)]
    for record, row in zip(records, judged(engine, records), strict=True):
        reasons, event = _by_model(record)
        event.pop("message_count", None)
        if "session_duration_seconds" in event:
            event["duration_seconds"] = event.pop("session_duration_seconds")
        found = {name: row[name] for name in event}
        assert (row["reasons"], found) == (reasons, event), record
