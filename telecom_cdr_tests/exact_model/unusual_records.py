"""Records at the edges of the rules: forms that are read in one way and no other, each once.

All of them are well-formed JSON or clearly none. What JSON readers judge differently is not here: trailing commas, NaN.
"""

from collections.abc import Iterator, Mapping

from telecom_cdr_tests.builders import Record, a_data_cdr, a_voice_cdr, an_sms_cdr, cdr_bytes, cdr_lines

_DURATIONS: tuple[object, ...] = (
    *("-1.5", "1e-300", "1e9999", "-1e9999", "-0.0", "0.0", "1e+1", "1E1", "0x10", "", " 60 ", "86400.5", True),
    *("00000000000000000000060", "6000000000000000000000e-20", "86400.000000000000000", "0.000000000000000000001e22"),
    *("123456789012345600", "1234567890123456", "\uff16\uff10"),
)
_CALLED: tuple[object, ...] = (
    *("+0612345678", "++33612345678", "00 33 6 12 34 56 78", "000212612345678", "0+33612345678", "33+612345678"),
    *("2120612345678", "012", "011", "+150", "00150", "(150)", "\uff11\uff15\uff10", "800123456", "80012345678"),
    *("+8001234567", "+2126", "+2126123", "+21261", "+2120000", "+212912345678", "612/345678", "6\uff112345678"),
    *("612\u2013345\u2013678", "612\u2011345678", "612\u2212345678", "612\u202f345678", "\u066612345678"),
    *("\uff0b33612345678", "512345678", "912345678", "12345678", "1234567890", "123456789012345", "+123456"),
    *("+1234567", "0692123456", "0683123456", "33123456789012345", ""),
)
_SERVED: tuple[object, ...] = (
    *("2120661000001", "0683123456", "0801234567", "0592401234", "0528812345", "\u00a0", "\u3000", 212661000001),
)
_TIMESTAMPS: tuple[object, ...] = (
    *("2026-02-10T10:00:00+24:00", "2026-02-10T10:00:00+23:59", "2026-02-10T10:00:00+01:60", "2026-02-10T10:00+0100"),
    *("2026-02-10T10:00:00-00:00", "2026-02-10T10:00:00.0000000001", "2026-02-10T10:00Z", "2026-02-10T10Z"),
    *("2026-02-10  10:00:00", "2026-02-10T10:00:00.9999999", "2026-02-10T10:00:00 ", "2026-02-10T10:00:00,5"),
    *("0000-01-01T00:00:00", "0001-01-01T00:00:00", "0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59Z"),
    *("9999-12-31T23:59:59-01:00", "1900-01-01T00:00:00", "2023-12-31T23:30:00Z", "2023-12-31T23:30:00"),
    *("2024-02-29T10:00", "2025-02-29T10:00", True, {}, 20260210),
)
_VOLUMES: tuple[object, ...] = ("1000000", "1000000.0000001", "1000000.0000005", "-0.0000001", "-0")
_COMMON: tuple[Mapping[str, object], ...] = (
    {"record_type": ["voice"]},
    {"record_type": True},
    {"record_type": "fax", "direction": "mt", "duration_sec": 0},
    {"record_type": "fax", "is_final": [1]},
    {"record_type": "fax", "caller_id": [1]},
    *({"sequence_number": value} for value in ("1e20", "9223372036854775807", "-5", " 5", -7e3)),
    *({"is_final": value} for value in ("True", " true", "", False)),
    *({"direction": value} for value in (" mt", "Mo")),
    *({"serving_plmn": value} for value in ("604", "abc", 20801)),
    *({"direction": "mt", "serving_plmn": value} for value in ("604 01", " 60401", [1])),
    {"direction": "mt", "serving_plmn": "20801", "callee_id": "0661000003", "caller_id": "+33612345678"},
    {"direction": "mt", "serving_plmn": "20801", "callee_id": None, "caller_id": "+33612345678"},
    {"direction": "mt", "serving_plmn": "20801", "callee_id": [1], "caller_id": None},
    {"direction": "mt", "caller_id": "+33612345678"},
    *({"technology": value} for value in (" nr\t", "\uff2c\uff34\uff25")),
    *({"cell_id": value} for value in (" ", " FES_01 ", "\u2003")),
    *({"record_ID": value} for value in (" r1 ", 17, "\u00e9\u260e", "\u00a0", "\u3000", "\t\n")),
    *({"source_node": value} for value in ([1], 5)),
    {"session_id": " s ", "imsi": " "},
    {"cause": True},
    {"caller_id": False, "callee_id": None, "duration_sec": None},
)
_DATA: tuple[Mapping[str, object], ...] = (
    {"direction": "mt"},
    {"direction": "mt", "serving_plmn": "20801"},
    {"session_duration_sec": 86401},
    {"session_duration_sec": -1},
    {"product_code": " DATA"},
    {"product_code": 7},
    {"callee_id": [1], "duration_sec": "x"},
)
_TEXTS = (
    *('{"record_ID": "t1"} x', "  {}  ", "[]", "1", "null", '{"record_ID": "t2" "x": 1}', "{'record_ID': 't3'}"),
    *('{"record_ID": "\\ud83d\\ude00", "record_type": "sms"}', '{"record_ID": "a\\u0001b", "record_type": "sms"}'),
    '{"record_ID": null, "record_ID": "t4", "record_type": "sms"}',
)
_COPIES: tuple[Mapping[str, object], ...] = (
    {},
    *({"direction": "mo"}, {"cell_id": "FES_02"}, {"technology": "LTE"}, {"technology": "bogus"}, {"technology": None}),
    *({"imsi": "1"}, {"source_node": " "}, {"serving_plmn": "60401"}, {"is_final": True}, {"session_id": ""}),
    *({"timestamp": "2026-02-10T11:00:00"}, {"timestamp": "2026-02-10T10:00:00.000001Z"}, {"product_code": "X"}),
    *({"callee_id": "0661 000 009"}, {"duration_sec": 0}, {"sequence_number": "1.0"}, {"record_ID": "copied "}),
)


def unusual_files() -> dict[str, bytes]:
    """Files by name: edges, copies of one record after a byte order mark, a last line without an end, a file again."""
    copies = [a_voice_cdr(**{"record_ID": "copied", **changes}) for changes in _COPIES]
    return {
        "a.jsonl": cdr_lines(_edges()) + b"\n\r\n \t\n",
        "b.jsonl": b"\xef\xbb\xbf" + cdr_lines([*copies, an_sms_cdr(record_ID="copied")]),
        "c.jsonl": cdr_bytes(a_voice_cdr(record_ID="unended")),
        "d.jsonl": cdr_lines(_edges()) + b"\n\r\n \t\n",
    }


def _edges() -> Iterator[Record]:
    changes: tuple[Mapping[str, object], ...] = (
        *({"duration_sec": value} for value in _DURATIONS),
        *({"callee_id": value} for value in _CALLED),
        *({"caller_id": value} for value in _SERVED),
        *({"timestamp": value} for value in _TIMESTAMPS),
        *_COMMON,
    )
    yield from (a_voice_cdr(**{"record_ID": f"v{number}", **change}) for number, change in enumerate(changes))
    data: tuple[Mapping[str, object], ...] = (*({"data_volume_mb": value} for value in _VOLUMES), *_DATA)
    yield from (a_data_cdr(**{"record_ID": f"d{number}", **change}) for number, change in enumerate(data))
    yield an_sms_cdr(record_ID="s0", duration_sec=[1], unknown={"a": [1]})
    yield from _TEXTS
    # The mark belongs to the start of a file, not of a line.
    yield "\ufeff{}"
