"""The five outputs together: nothing lost, nothing twice, each with its declared columns."""

from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING

import pytest

from telecom_cdr.mediation import copies, data, duplicates, normalise, quarantine, sms, voice
from telecom_cdr.tables.mediated import DATA, DUPLICATES, QUARANTINE, SMS, VOICE
from telecom_cdr.tables.model import Table
from telecom_cdr.tables.staging import NORMALISED
from telecom_cdr_tests.mediation.records import HOME, Raw, a_record, in_order, mediated, received, stored
from telecom_cdr_tests.mediation.test_reasons import CASES

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

Positions = list[tuple[str, int, int]]


def _random_records(random: Random) -> list[Raw]:
    """Records of every kind, several with one identity, spread over files and commits."""
    kinds = [record for record, _ in CASES.values()]
    records = []
    for offset in range(400):
        record = random.choice(kinds)
        if record.texts.get("record_ID"):
            record = replace(record, texts=record.texts | {"record_ID": f"R{random.randrange(150)}"})
        commit = random.randrange(3)
        records.append(replace(record, arrival=(commit, random.randrange(2), f"file-{commit}", 0, offset)))
    return records


@pytest.mark.parametrize("seed", range(3))
def test_every_record_ends_in_exactly_one_output(engine: "SparkSession", seed: int) -> None:
    records = _random_records(Random(seed))
    outputs = mediated(engine, records)
    ended: Positions = [
        (row["source_id"], row["source_partition"], row["source_offset"]) for rows in outputs.values() for row in rows
    ]
    assert sorted(ended) == sorted(record.arrival[2:] for record in records)
    assert all(outputs.values())
    events = [row["cdr_id"] for name in ("voice", "sms", "data") for row in outputs[name]]
    assert len(events) == len(set(events))
    assert {row["cdr_id"] for row in outputs["duplicates"]} <= set(events)


def test_order_of_rows_does_not_matter(engine: "SparkSession") -> None:
    records = _random_records(Random(7))
    shuffled = Random(8).sample(records, len(records))
    assert mediated(engine, records) == mediated(engine, shuffled)


def test_quarantine_has_the_payload_of_its_own_record(engine: "SparkSession") -> None:
    records = in_order([a_record(), a_record(duration_sec="x"), a_record(record_ID=" "), a_record("fax")])
    rows = mediated(engine, records)["quarantine"]
    assert [row["payload"] for row in rows] == [b"file/0/1", b"file/0/2", b"file/0/3"]
    assert [(row["record_id"], row["record_type"]) for row in rows] == [("R1", "voice"), (" ", "voice"), ("R1", "fax")]


def test_events_carry_what_was_used(engine: "SparkSession") -> None:
    records = [a_record(), a_record("sms", record_ID="R2"), a_record("data", record_ID="R3", data_volume_mb="0.1")]
    outputs = mediated(engine, in_order(records))
    assert [row["duration_seconds"] for row in outputs["voice"]] == [60]
    assert [row["message_count"] for row in outputs["sms"]] == [1]
    assert [(row["session_duration_seconds"], row["volume_bytes"]) for row in outputs["data"]] == [(30, 100_000)]


@pytest.mark.parametrize("records", [[], [a_record(), a_record("sms"), a_record("data"), a_record("fax")]])
def test_outputs_have_their_declared_columns_and_types(engine: "SparkSession", records: list[Raw]) -> None:
    raw = received(engine, in_order(records))
    staged = stored(engine, normalise(raw, first_month="2024-01", home_operator=HOME))
    found = copies(staged)
    outputs: list[tuple[Table, DataFrame]] = [
        (NORMALISED, staged),
        (VOICE, voice(staged, found)),
        (SMS, sms(staged, found)),
        (DATA, data(staged, found)),
        (QUARANTINE, quarantine(staged, raw)),
        (DUPLICATES, duplicates(staged, found)),
    ]
    for table, rows in outputs:
        arrow = rows.toArrow().schema
        assert arrow.names == list(table.column_names)
        assert arrow.types == [column.type.arrow for column in table.columns]
