"""What may be wrong with a record: one field holds something else."""

import json
from collections.abc import Sequence
from random import Random

Fields = dict[str, str]

_NO_TIMES = ("yesterday", "2026-02-30T10:00:00Z", "2026-01-01", "2026-01-01T24:00:00Z", "2026-01-01T10:00:60Z", "10:00")
_BAD_CALLED = ("12", "0", "+999123456", "abc", "0021", "123456", "+", "1234567890123456", "00")
_BAD_SERVED = ("212799999999", "212812345678", "21261234567", "150", "33612345678", "x", "0661", "2120661000001")
_BAD_SECONDS = (
    *('"ten"', "1.5", "[60]", "true", '{"s": 60}', '"1 0"', '"60s"', '"1234567890123456"', "-1", "-60", '"-1e3"'),
    *("86401", "1e9", '""', '" "', "null"),
)
_BAD_VOLUMES = (
    '"much"',
    "[1]",
    "false",
    '"1,5"',
    "-0.5",
    "-1e-9",
    "1000001",
    "1e30",
    '""',
    "null",
    '"0.1234567890123456"',
)


def spoil(random: Random, record: Fields) -> None:
    """One or two faults; some leave the record good."""
    for _ in range(random.choice((1, 1, 2))):
        extra = ("direction", "is_final", "sequence_number")
        name, values = random.choice([fault for fault in _faults() if fault[0] in (*record, *extra)])
        record[name] = random.choice(values)


def _faults() -> Sequence[tuple[str, Sequence[str]]]:
    texts = [json.dumps(text) for text in _BAD_SERVED]
    called = [json.dumps(text) for text in _BAD_CALLED]
    nothing = ("null", '""', '"  "', "[]", "true")
    return (
        ("record_ID", nothing),
        ("record_type", ("null", '"fax"', '"Voice"', '""')),
        ("timestamp", (*map(json.dumps, _NO_TIMES), *nothing, "17")),
        ("timestamp", ('"2099-01-01T00:00:00Z"', '"2019-06-01T00:00:00Z"', '"2023-12-31T22:59:59Z"')),
        *((name, (*texts, *nothing)) for name in ("caller_id", "sender_id", "user_id")),
        *((name, (*called, *nothing)) for name in ("callee_id", "receiver_id")),
        ("duration_sec", _BAD_SECONDS),
        ("session_duration_sec", _BAD_SECONDS),
        ("data_volume_mb", _BAD_VOLUMES),
        ("product_code", ("[]", "null", '" "', "false")),
        ("technology", ("{}", "null", "4")),
        ("cell_id", ("[1]", '"  "', "null")),
        ("direction", ('"up"', '"mt"', "true")),
        ("is_final", ('"perhaps"', "1", "[]", '"false"')),
        ("sequence_number", ('"one"', "1.5", "false", "1e2")),
    )
