"""The key of a message is the number that its record is charged to, as it stands in the record."""

import json

import pyarrow as pa
import pytest

from telecom_cdr.sources import Records
from telecom_cdr.sources.kafka.keys import KeyReader
from telecom_cdr_tests.builders import Record, a_data_cdr, a_voice_cdr, an_sms_cdr

ABROAD = {"direction": "mt", "serving_plmn": "20801"}


def key_of(*records: Record) -> list[str | None]:
    payloads = [each if isinstance(each, bytes) else _text(each) for each in records]
    offsets = pa.array(range(len(payloads)), pa.int64())
    batch = [Records("x", 0, "x", 0, len(payloads), offsets, pa.array(payloads, pa.binary()))]
    with KeyReader() as reader:
        keys: list[str | None] = reader.keys(batch).to_pylist()
    return keys


def _text(record: Record) -> bytes:
    return (record if isinstance(record, str) else json.dumps(record)).encode()


@pytest.mark.parametrize(
    ("record", "key"),
    [
        (a_voice_cdr(caller_id="0661 00-00-01"), "0661 00-00-01"),
        (an_sms_cdr(sender_id="+212661000001"), "+212661000001"),
        (a_data_cdr(user_id=212661000001), "212661000001"),
        (a_voice_cdr(caller_id="a", callee_id="b", **ABROAD), "b"),
        (an_sms_cdr(sender_id="a", receiver_id="b", direction="MT", serving_plmn="20801"), "b"),
        (a_data_cdr(user_id="a", **ABROAD), "a"),
        (a_voice_cdr(caller_id="a", callee_id="b", direction="mt"), "a"),
        (a_voice_cdr(caller_id="a", callee_id="b", direction="mt", serving_plmn="60401"), "a"),
        (a_voice_cdr(caller_id="a", callee_id="b", serving_plmn="20801"), "a"),
    ],
    ids=[
        *("voice", "sms", "data", "reached abroad by voice", "reached abroad by sms", "data abroad"),
        *("leg at no place", "terminating leg at home", "caller abroad"),
    ],
)
def test_the_number_that_is_charged_is_the_key(record: Record, key: str) -> None:
    assert key_of(record) == [key]


@pytest.mark.parametrize(
    "record",
    [
        a_voice_cdr(caller_id=""),
        a_voice_cdr(caller_id="  "),
        a_voice_cdr(caller_id=None),
        a_voice_cdr(caller_id={"number": 1}),
        a_voice_cdr(caller_id=["1"]),
        a_voice_cdr(caller_id=True),
        a_voice_cdr(record_type="fax"),
        '{"record_type": "voice", "caller_id": "2126',
        b'{"record_type": "voice", "caller_id": "\xff"}',
        "[" * 100_000,
        "9" * 1_000_000,
    ],
    ids=[
        "empty",
        "blank",
        "null",
        "object",
        "array",
        "boolean",
        "unknown type",
        "cut off",
        "no UTF-8",
        "deep",
        "long number",
    ],
)
def test_a_record_without_a_number_has_no_key(record: Record) -> None:
    assert key_of(record) == [None]


def test_keys_stand_in_the_order_of_the_records() -> None:
    records: list[Record] = [a_voice_cdr(caller_id="1"), "broken", an_sms_cdr(sender_id="2"), a_data_cdr(user_id="3")]
    assert key_of(*records) == ["1", None, "2", "3"]
