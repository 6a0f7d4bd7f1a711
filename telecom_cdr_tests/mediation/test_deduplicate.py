"""Identity and copies: which records are one, which one is kept, and which copies contradict it."""

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from random import Random
from typing import TYPE_CHECKING

import pytest

from telecom_cdr_tests.mediation.records import START, Raw, a_record, in_order, mediated, starting

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def _kept(outputs: dict[str, list[dict[str, object]]]) -> list[object]:
    return [row["source_offset"] for name in ("voice", "sms", "data") for row in outputs[name]]


def test_the_identity_is_that_of_source_node_record_and_month(engine: "SparkSession") -> None:
    records = [a_record(), a_record(record_ID="é 2", source_node="msc-1"), a_record(record_ID="R3", source_node=" ")]
    rows = mediated(engine, in_order(records))["voice"]
    keys = ["\x1fR1\x1f2026-03", "msc-1\x1fé 2\x1f2026-03", "\x1fR3\x1f2026-03"]
    assert [row["cdr_id"] for row in rows] == [sha256(key.encode()).hexdigest() for key in keys]


def test_an_exact_copy_is_a_duplicate_of_the_record_kept(engine: "SparkSession") -> None:
    outputs = mediated(engine, in_order([a_record(), a_record(record_ID="R2"), a_record(), a_record()]))
    assert _kept(outputs) == [0, 1]
    assert [(row["source_offset"], row["kept_source_offset"]) for row in outputs["duplicates"]] == [(2, 0), (3, 0)]
    assert [row["is_conflicting"] for row in outputs["duplicates"]] == [False, False]
    assert {row["cdr_id"] for row in outputs["duplicates"]} == {outputs["voice"][0]["cdr_id"]}


@pytest.mark.parametrize(
    "other",
    [
        {"record_ID": "R2"},
        {"record_ID": " R1"},
        {"record_ID": "r1"},
        {"source_node": "msc-1"},
    ],
)
def test_another_identity_is_another_event(engine: "SparkSession", other: dict[str, str]) -> None:
    outputs = mediated(engine, in_order([a_record(), a_record("voice", **other)]))
    assert _kept(outputs) == [0, 1]


def test_the_same_identifier_in_another_usage_month_is_another_event(engine: "SparkSession") -> None:
    late = starting(START - timedelta(days=20), a_record())
    assert _kept(mediated(engine, in_order([a_record(), late]))) == [0, 1]


def test_identities_whose_parts_run_together_differ(engine: "SparkSession") -> None:
    records = [a_record(source_node="a", record_ID="b"), a_record(source_node="", record_ID="ab")]
    assert _kept(mediated(engine, in_order(records))) == [0, 1]


# Commit, place in the commit, source, partition, offset: each earlier than the next.
ARRIVALS = [
    (1, 0, "z", 0, 9),
    (2, 0, "z", 0, 10),
    (2, 1, "a", 0, 9),
    (2, 1, "b", 0, 9),
    (2, 1, "b", 1, 0),
    (2, 1, "b", 1, 2),
    (2, 1, "b", 1, 10),
]


@pytest.mark.parametrize("seed", range(3))
def test_the_copy_received_first_is_kept(engine: "SparkSession", seed: int) -> None:
    records = [
        replace(a_record(duration_sec=str(10 + number)), arrival=arrival) for number, arrival in enumerate(ARRIVALS)
    ]
    Random(seed).shuffle(records)
    outputs = mediated(engine, records)
    assert [row["duration_seconds"] for row in outputs["voice"]] == [10]
    copies = outputs["duplicates"]
    kept = {(row["kept_source_id"], row["kept_source_partition"], row["kept_source_offset"]) for row in copies}
    assert kept == {("z", 0, 9)}
    assert len(copies) == len(ARRIVALS) - 1


def test_copies_are_recognised_across_record_types(engine: "SparkSession") -> None:
    outputs = mediated(engine, in_order([a_record("sms"), a_record("voice"), a_record("data")]))
    assert (len(outputs["sms"]), len(outputs["voice"]), len(outputs["data"])) == (1, 0, 0)
    assert [row["record_type"] for row in outputs["duplicates"]] == ["voice", "data"]
    assert [row["is_conflicting"] for row in outputs["duplicates"]] == [True, True]


def test_a_refused_or_unbillable_copy_is_quarantined_and_keeps_no_other_out(engine: "SparkSession") -> None:
    records = [a_record(duration_sec="-1"), a_record(duration_sec="0"), a_record(), a_record(caller_id="x")]
    outputs = mediated(engine, in_order(records))
    assert _kept(outputs) == [2]
    assert [row["source_offset"] for row in outputs["quarantine"]] == [0, 1, 3]
    assert outputs["duplicates"] == []


CONFLICTS: dict[str, tuple[Raw, Raw, bool]] = {
    "another spelling": (a_record(), a_record(caller_id="0661000001", duration_sec="6e1", technology="lte"), False),
    "caller": (a_record(), a_record(caller_id="0661000005"), True),
    "callee": (a_record(), a_record(callee_id="0661000005"), True),
    "duration": (a_record(), a_record(duration_sec="61"), True),
    "start": (a_record(), starting(START + timedelta(microseconds=1), a_record()), True),
    "technology": (a_record(), a_record(technology="5G"), True),
    "cell": (a_record(), a_record(cell_id="RABAT_02"), True),
    "volume": (a_record("data"), a_record("data", data_volume_mb="1.6"), True),
    "volume below a byte": (a_record("data"), a_record("data", data_volume_mb="1.5000001"), False),
    "session duration": (a_record("data"), a_record("data", session_duration_sec="31"), True),
    "product": (a_record("data"), a_record("data", product_code=None), True),
    "sequence number": (a_record(sequence_number="1"), a_record(sequence_number="2"), True),
    "is_final": (a_record(is_final="true"), a_record(), True),
    "session": (a_record(session_id="s"), a_record(), True),
    "IMSI": (a_record(imsi="1"), a_record(imsi="2"), True),
    "IMEI": (a_record(imei="1"), a_record(imei="2"), True),
    "network": (a_record(serving_plmn="60400"), a_record(serving_plmn="60401"), True),
    "cause": (a_record(cause="1"), a_record(cause=" "), True),
    "neighbouring fields": (a_record(imsi="a"), a_record(imei="a"), True),
    "a field of another type": (a_record(), a_record(user_id="0661000005"), False),
}


def test_copies_conflict_when_what_they_say_differs(engine: "SparkSession") -> None:
    pairs = [
        replace(record, texts=record.texts | {"record_ID": case})
        for case, (first, second, _) in CONFLICTS.items()
        for record in (first, second)
    ]
    outputs = mediated(engine, in_order(pairs))
    found = {row["record_id"]: row["is_conflicting"] for row in outputs["duplicates"]}
    assert found == {case: is_conflicting for case, (_, _, is_conflicting) in CONFLICTS.items()}
