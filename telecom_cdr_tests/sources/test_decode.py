"""What a payload says: well-formedness, declared fields as text, wrong types, written times."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from telecom_cdr.sources.decode import decode
from telecom_cdr.tables.raw import FIELDS
from telecom_cdr_tests.sources.records import records_of


def decoded(*payloads: bytes) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = decode([records_of(*payloads)]).to_pylist()
    return rows


def microseconds(clock: str) -> int:
    return (datetime.fromisoformat(clock) - datetime(1970, 1, 1)) // timedelta(microseconds=1)


def value_of(field: str, json_value: str) -> str | None:
    (row,) = decoded(f'{{"{field}": {json_value}}}'.encode())
    text: str | None = row[FIELDS[field].name]
    return text


@pytest.mark.parametrize(
    ("payload", "is_well_formed"),
    [
        (b"{}", True),
        (b' {"a": 1} \r', True),
        (b'\xef\xbb\xbf{"a": 1}', True),
        (b"[1]", False),
        (b'"text"', False),
        (b"null", False),
        (b"12", False),
        (b'{"a": 1', False),
        (b'{"a": 1} {"a": 2}', False),
        (b"{'a': 1}", False),
        (b'{"a": 01}', False),
        (b'{"a": "\\ud800"}', False),
        (b'{"a": "\xff"}', False),
        (b"\x00", False),
        (b"no json", False),
    ],
)
def test_a_record_is_well_formed_when_it_is_one_json_object(payload: bytes, is_well_formed: bool) -> None:
    (row,) = decoded(payload)
    assert row["is_well_formed"] is is_well_formed
    if not is_well_formed:
        assert {value for name, value in row.items() if name != "is_well_formed"} == {None}


def test_a_byte_order_mark_counts_only_at_the_start_of_the_file() -> None:
    assert [row["is_well_formed"] for row in decoded(b"\xef\xbb\xbf{}", b"\xef\xbb\xbf{}")] == [True, False]


def test_one_line_that_is_not_utf8_leaves_the_others_alone() -> None:
    rows = decoded('{"cell_id": "Fès_01"}'.encode(), b'{"cell_id": "F\xe8s_01"}', '{"cell_id": "مراكش"}'.encode())
    assert [row["cell_id"] for row in rows] == ["Fès_01", None, "مراكش"]
    assert [row["is_well_formed"] for row in rows] == [True, False, True]


def test_every_declared_field_becomes_its_text_column() -> None:
    (row,) = decoded(json.dumps({name: f"<{name}>" for name in FIELDS}).encode())
    assert {column.name: row[column.name] for column in FIELDS.values()} == {
        column.name: f"<{name}>" for name, column in FIELDS.items()
    }


@pytest.mark.parametrize(
    ("json_value", "text"),
    [
        ('"10"', "10"),
        ("10", "10"),
        ("10.0", "10.0"),
        ("0.1", "0.1"),
        ("-5", "-5"),
        ("null", None),
        ('""', ""),
        ('" 5 "', " 5 "),
        ('"{x"', "{x"),
        ('"true"', "true"),
        ('"\\u00e9\\n"', "é\n"),
        ("123456789.012345", "123456789.012345"),
    ],
)
def test_a_value_is_kept_as_text(json_value: str, text: str | None) -> None:
    assert value_of("duration_sec", json_value) == text


def test_fields_of_a_wrong_type_are_named_in_order_and_have_no_text() -> None:
    (row,) = decoded(b'{"cause": [1], "duration_sec": true, "record_ID": {"a": 1}, "is_final": false, "x": {}}')
    assert row["mistyped_fields"] == "record_ID,duration_sec,cause"
    assert (row["record_id"], row["duration_sec"], row["cause"], row["is_final"]) == (None, None, None, "false")


def test_only_an_object_or_array_is_wrong_for_a_flag() -> None:
    rows = decoded(b'{"is_final":true}', b'{"is_final" : {}}', b'{"is_final":[]}', b'{"is_final":1}')
    assert [(row["mistyped_fields"], row["is_final"]) for row in rows] == [
        (None, "true"),
        ("is_final", None),
        ("is_final", None),
        (None, "1"),
    ]


def test_mistyped_fields_fall_on_their_own_rows_only() -> None:
    plain = b'{"record_ID": "a", "cause": "b"}'
    rows = decoded(*([plain] * 20_000), b'{"record_ID": [], "cause": "b"}', b"{", *([plain] * 20_000))
    wrong = {row: value["mistyped_fields"] for row, value in enumerate(rows) if value["mistyped_fields"]}
    assert wrong == {20_000: "record_ID"}
    assert [row for row, value in enumerate(rows) if value["record_id"] is None] == [20_000, 20_001]
    assert rows[20_000]["cause"] == "b"


@pytest.mark.parametrize("payload", [b'{"record_ID": ' + b"[" * 200_000 + b"]" * 200_000 + b"}", b"[" * 2_000_000])
def test_deep_nesting_is_judged_without_harm(payload: bytes) -> None:
    (row,) = decoded(payload)
    assert row["mistyped_fields"] == ("record_ID" if row["is_well_formed"] else None)


def test_a_number_of_a_million_digits_is_judged_without_harm() -> None:
    (row,) = decoded(b'{"duration_sec": ' + b"9" * 1_000_000 + b"}")
    assert row["is_well_formed"] in (True, False)


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
    (row,) = decoded(json.dumps({"timestamp": timestamp}).encode())
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
    (row,) = decoded(json.dumps({"timestamp": timestamp}, ensure_ascii=False).encode())
    assert row["start_clock_us"] is None
    assert row["timestamp_text"] == timestamp
