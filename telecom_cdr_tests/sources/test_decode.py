"""What a payload says: well-formedness, declared fields as text, wrong types."""

import json
import random
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from telecom_cdr.tables.raw import FIELDS
from telecom_cdr_tests.sources.records import decode, records_of, spoilt


def decoded(*payloads: bytes) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = decode([records_of(*payloads)]).to_pylist()
    return rows


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


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("1e3", "1000.0"),
        ("1.0E+2", "100.0"),
        ("0.0001", "0.0001"),
        ("0.00001", "0.00001"),
        ("-0.000001", "-0.000001"),
        ("1e-06", "0.000001"),
        ("1e-07", "1e-7"),
        ("123456789012345", "123456789012345"),
        ("123456789012345.6", "123456789012345.6"),
        ("9007199254740993", "9007199254740993"),
        ("1e16", "10000000000000000.0"),
        ("1e22", "1e22"),
        ("1.7976931348623157e308", "1.7976931348623157e308"),
        ("18446744073709551616", "18446744073709551616"),
        ("1e400", "1e400"),
        ("NaN", "NaN"),
        ("-inf", "-inf"),
        ("-0", "0"),
        ("-0.0", "-0.0"),
    ],
)
def test_a_number_has_one_text_whatever_stands_beside_it(number: str, text: str) -> None:
    lines = ('{"duration_sec":%s}', '{"cause": "x", "duration_sec" : %s, "is_final": true}')
    rows = decoded(*((line % number).encode() for line in lines))
    assert [row["duration_sec"] for row in rows] == [text, text]


def test_what_is_no_json_number_makes_the_record_malformed() -> None:
    numbers = ("+1", ".5", "5.", "01", "1e", "0x10", "1_0", "--1")
    rows = decoded(*(f'{{"duration_sec": {number}}}'.encode() for number in numbers))
    assert [(row["is_well_formed"], row["duration_sec"]) for row in rows] == [(False, None)] * len(numbers)


@pytest.mark.parametrize(
    ("payload", "text"),
    [
        (b'{"cause": "a", "cause": "b"}', "a"),
        (b'{"cause": null, "cause": "b"}', None),
        (b'{"cause": 1, "cause": [2]}', "1"),
        (b'{"c\\u0061use": "a"}', "a"),
        (b'{"CAUSE": "a", "x": {"cause": "b"}}', None),
        (b'{"x": [{"cause": "b"}], "cause": "c"}', "c"),
        (b'{"cause": "\\"\\\\\\/\\t\\ud83d\\ude00"}', '"\\/\t\U0001f600'),
        (b'{"cause": "a\\u0000b"}', "a\x00b"),
        (b'\t{ "cause" :\t"a" } \r', "a"),
    ],
)
def test_the_first_field_of_a_name_counts_and_only_at_the_top(payload: bytes, text: str | None) -> None:
    (row,) = decoded(payload)
    assert (row["is_well_formed"], row["cause"], row["mistyped_fields"]) == (True, text, None)


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


def test_spoilt_records_say_what_the_reader_says_of_each_field_alone() -> None:
    chance = random.Random(7)
    record = (
        '{"record_ID": "r-5", "record_type": "sms", "timestamp": "2026-03-01T00:00:23Z", "duration_sec": 12.50, '
        '"is_final": true, "sender_id": "06\\u00e9", "cause": null, "x": [1, {"cause": 5}], "data_volume_mb": 0.0001}'
    )
    lines = [spoilt(record, '{}[]",:\\0123456789.eE+-truefalsn \té', chance) for _ in range(5_000)]
    rows = decoded(*(line.encode() for line in lines))
    is_object = "json_valid(line) AND CASE WHEN json_valid(line) THEN json_type(line) = 'OBJECT' END"
    alone = ", ".join(
        f"""CASE WHEN {is_object} AND json_type(line, '$.{name}') NOT IN ('OBJECT', 'ARRAY'
            {"" if name == "is_final" else ", 'BOOLEAN'"}) THEN json_extract_string(line, '$.{name}') END"""
        for name in FIELDS
    )
    with duckdb.connect() as connection:
        connection.register("lines", pa.table({"line": lines}))
        expected = connection.sql(f"SELECT {is_object}, {alone} FROM lines").fetchall()
    columns = ["is_well_formed", *(column.name for column in FIELDS.values())]
    assert [tuple(row[name] for name in columns) for row in rows] == expected
    assert 0.2 < sum(row["is_well_formed"] for row in rows) / len(rows) < 0.8
