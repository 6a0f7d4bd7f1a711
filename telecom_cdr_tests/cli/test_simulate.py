"""`simulate`: what records would cost under a tariff, without a lake; the same results as the batch chain."""

import json
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pyarrow as pa
import pytest

from telecom_cdr.lakehouse.simulate_frames import temporary_frames
from telecom_cdr.lakehouse.tariffs import Market
from telecom_cdr.reference.validation import read_reference
from telecom_cdr.tables.raw import CDRS
from telecom_cdr_tests.builders import (
    Record,
    ReferenceRows,
    a_data_cdr,
    a_reference,
    a_voice_cdr,
    an_sms_cdr,
    cdr_lines,
    write_cdrs,
    write_reference,
)
from telecom_cdr_tests.cli.refusals import WRONG_USAGE, refused
from telecom_cdr_tests.product import Product
from telecom_cdr_tests.scenarios import worked_examples
from telecom_cdr_tests.scenarios.further_examples import FURTHER

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

Row = dict[str, Any]

COMMAND = (sys.executable, "-c", "from telecom_cdr.cli.process import command; command()", "simulate")


def simulated(session: "SparkSession", directory: Path, reference: ReferenceRows, text: bytes) -> list[Row]:
    """The results of a text of records, in this process."""
    from telecom_cdr.lakehouse.simulate import simulate

    tables = read_reference(write_reference(directory, reference)).tables
    with temporary_frames(session, is_local=True) as frames:
        return simulate(frames, tables, text, Market("Africa/Casablanca", "Maroc Telecom"))


def results(engine: "SparkSession", directory: Path, *records: Record, **tables: Any) -> list[Row]:
    """The results of records under a reference of one plan."""
    return simulated(engine, directory, a_reference(**tables), cdr_lines(records))


def test_every_worked_example_comes_out_exactly(each_engine: "SparkSession", tmp_path: Path) -> None:
    rows = simulated(each_engine, tmp_path, worked_examples.reference(), cdr_lines(worked_examples.records()))
    found = {row["record_id"]: row["charge_amount"] for row in rows}
    assert found == {one.record_id: Decimal(one.use.charge) for one in worked_examples.sold()}


def test_every_further_example_comes_out_exactly(each_engine: "SparkSession", tmp_path: Path) -> None:
    text = cdr_lines(worked_examples.records(FURTHER))
    rows = simulated(each_engine, tmp_path, worked_examples.reference(FURTHER), text)
    found = {row["record_id"]: row["charge_amount"] for row in rows}
    assert found == {one.record_id: Decimal(one.use.charge) for one in worked_examples.sold(FURTHER)}


@pytest.mark.parametrize("examples", [worked_examples.EXAMPLES, FURTHER], ids=["worked", "further"])
def test_the_pieces_of_every_example_add_up_to_its_charge(
    engine: "SparkSession", tmp_path: Path, examples: tuple[worked_examples.Example, ...]
) -> None:
    text = cdr_lines(worked_examples.records(examples))
    for row in simulated(engine, tmp_path, worked_examples.reference(examples), text):
        pieces = json.loads(row["breakdown"])
        assert sum((Decimal(piece["amount"]) for piece in pieces), Decimal(0)) == row["charge_amount"], row


def test_the_command_prints_the_worked_examples(tmp_path: Path) -> None:
    directory = write_reference(tmp_path / "reference", worked_examples.reference())
    events = write_cdrs(tmp_path, "events.jsonl", worked_examples.records())
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("TELECOM_CDR", "DAGSTER"))}
    before = sorted(path.name for path in tmp_path.iterdir())
    done = subprocess.run(
        [*COMMAND, "--reference", str(directory), "--events", str(events), "--format", "csv"],
        cwd=tmp_path,
        env=environment | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    header, *lines = done.stdout.splitlines()
    assert header.startswith("record_ID,status,reason,charge_amount,billed_units,")
    assert header.endswith(",pieces")
    found = [(line.split(",")[0], line.split(",")[1], Decimal(line.split(",")[3])) for line in lines]
    assert found == [(one.record_id, "rated", Decimal(one.use.charge)) for one in worked_examples.sold()]
    assert done.stderr.startswith(f"{len(lines)} records: {len(lines)} rated; charges: ")
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_each_record_has_one_row_in_order_and_blank_lines_have_none(engine: "SparkSession", tmp_path: Path) -> None:
    records = (
        an_sms_cdr(record_ID="MESSAGE"),
        "",
        a_voice_cdr(record_ID="CALL"),
        "   ",
        '{"record_ID": "CUT", "record_type": "voi',
        a_voice_cdr(record_ID="STRANGER", caller_id="212661000099"),
        a_voice_cdr(record_ID="BACKWARDS", duration_sec=-5, callee_id="x"),
        a_voice_cdr(record_ID="UNANSWERED", duration_sec=0),
        a_data_cdr(record_ID="SESSION"),
        a_voice_cdr(record_ID="CALL"),
        a_voice_cdr(record_ID="CALL", duration_sec=61),
    )
    rows = results(engine, tmp_path, *records)
    assert [(row["line"], row["record_id"], row["status"], row["reason"]) for row in rows] == [
        (1, "MESSAGE", "rated", None),
        (3, "CALL", "rated", None),
        (5, None, "rejected", "MALFORMED_JSON"),
        (6, "STRANGER", "unrated", "UNKNOWN_SUBSCRIBER"),
        (7, "BACKWARDS", "rejected", "INVALID_CALLED_NUMBER,NEGATIVE_DURATION"),
        (8, "UNANSWERED", "rejected", "UNANSWERED"),
        (9, "SESSION", "rated", None),
        (10, "CALL", "duplicate", "line 3 is kept"),
        (11, "CALL", "duplicate", "line 3 is kept; its fields differ"),
    ]
    charges = [row["charge_amount"] for row in rows if row["status"] != "rated"]
    assert charges == [None] * len(charges)


def test_every_record_is_in_its_own_month_however_old_or_far(engine: "SparkSession", tmp_path: Path) -> None:
    days = ("1999-12-31T12:00:00Z", "2023-05-01T12:00:00Z", "2023-06-01T12:00:00Z", "2099-01-01T12:00:00Z")
    records = [a_voice_cdr(record_ID="SAME", timestamp=day) for day in days]
    rows = results(
        engine,
        tmp_path,
        *records,
        subscriptions=[{"valid_from": ""}],
        rates=[{"valid_from": ""}],
        destinations=[{"valid_from": ""}],
        allowances=[{"quantity": "45"}],
    )
    # The allowance is full again in each month.
    assert [(row["status"], row["charge_amount"]) for row in rows] == [("rated", Decimal("0.150000"))] * len(days)


def test_a_file_without_records_has_no_rows(engine: "SparkSession", tmp_path: Path) -> None:
    assert results(engine, tmp_path, "", " ") == []
    assert [row["reason"] for row in results(engine, tmp_path, "[]")] == ["MALFORMED_JSON"]


def test_many_rows_go_through_files_that_are_removed(engine: "SparkSession") -> None:
    rows = pa.table({"source_offset": pa.array(range(20_001))})
    with temporary_frames(engine, is_local=True) as frames:
        frame = frames.frame([CDRS.column("source_offset")], rows)
        (file,) = frame.inputFiles()
        assert frame.count() == rows.num_rows
        assert Path(urlsplit(file).path).exists()
    assert not Path(urlsplit(file).path).exists()


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    """Options that name a tariff and one call."""
    reference = write_reference(tmp_path / "reference", a_reference())
    events = write_cdrs(tmp_path, "events.jsonl", [a_voice_cdr(), a_voice_cdr(record_ID="R2", caller_id="0661000099")])
    return str(reference), str(events)


def test_the_command_needs_no_lake_and_makes_none(fresh: Product, files: tuple[str, str]) -> None:
    reference, events = files
    result = fresh.done("simulate", "--reference", reference, "--events", events, "--format", "csv")
    first, second = result.rows
    assert (first["record_ID"], first["status"], first["charge_amount"]) == ("R1", "rated", "0.600000")
    assert (second["status"], second["reason"]) == ("unrated", "UNKNOWN_SUBSCRIBER")
    assert result.errors == "2 records: 1 rated, 1 unrated; charges: 0.600000 MAD\n"
    assert {path.name for path in fresh.root.iterdir()} == {"reference", "events.jsonl"}


def test_json_has_one_object_a_line_with_the_pieces_as_a_list(fresh: Product, files: tuple[str, str]) -> None:
    reference, events = files
    lines = fresh.done("simulate", "--reference", reference, "--events", events, "--format", "json").output.splitlines()
    first, second = (json.loads(line) for line in lines)
    assert (first["record_ID"], first["billed_units"], first["charge_amount"]) == ("R1", 60, "0.600000")
    assert [piece["kind"] for piece in first["pieces"]] == ["usage"]
    assert second["pieces"] is None


def test_a_table_tells_the_pieces_in_words(fresh: Product, files: tuple[str, str]) -> None:
    reference, events = files
    output = fresh.done("simulate", "--reference", reference, "--events", events).output
    assert "60 x 0.01 = 0.6" in output


@pytest.mark.parametrize("name", ["nothing.jsonl", "reference"])
def test_events_that_cannot_be_read_are_told(fresh: Product, files: tuple[str, str], name: str) -> None:
    path = fresh.root / name
    error = refused(fresh, "simulate", "--reference", files[0], "--events", str(path))
    assert error.startswith(f"error: {path} cannot be read: ")


def test_a_packed_file_is_unpacked_and_a_broken_one_told(fresh: Product, files: tuple[str, str]) -> None:
    import gzip

    packed = fresh.root / "events.jsonl.gz"
    packed.write_bytes(gzip.compress(cdr_lines([a_voice_cdr()])))
    assert len(fresh.done("simulate", "--reference", files[0], "--events", str(packed), "--format", "csv").rows) == 1
    packed.write_bytes(b"no gzip")
    assert "cannot be read" in refused(fresh, "simulate", "--reference", files[0], "--events", str(packed))


def test_records_come_from_standard_input_too(files: tuple[str, str], fresh: Product) -> None:
    done = subprocess.run(
        [*COMMAND, "--reference", files[0], "--events", "-", "--format", "csv"],
        input=cdr_lines([a_voice_cdr()]),
        env={**os.environ, **fresh.settings},
        capture_output=True,
        check=True,
    )
    assert done.stdout.decode().splitlines()[1].startswith("R1,rated,,0.600000,")


def test_a_tariff_that_is_refused_is_told_as_by_load(fresh: Product, files: tuple[str, str]) -> None:
    wrong = write_reference(fresh.root / "wrong", a_reference(rates=[{"price": "dear"}]))
    error = refused(fresh, "simulate", "--reference", str(wrong), "--events", files[1])
    assert error == refused(fresh, "reference", "load", str(wrong))
    assert 'rates.csv, line 2, column price "dear"' in error
    assert "is no directory" in refused(fresh, "simulate", "--reference", str(fresh.root / "no"), "--events", files[1])


def test_a_failing_engine_is_told_in_one_line(
    fresh: Product, files: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from pyspark.errors import PySparkException

    def fail(*_: object) -> None:
        raise PySparkException("arithmetic overflow\nat some place inside")

    monkeypatch.setattr("telecom_cdr.lakehouse.simulate.simulate", fail)
    error = refused(fresh, "simulate", "--reference", files[0], "--events", files[1])
    assert error == "error: the engine embedded could not rate these records: arithmetic overflow"


@pytest.mark.parametrize("row", [{"price": "999999999"}, {"price": "1", "connect_fee": "999999999999"}])
def test_a_charge_that_is_too_great_is_told_with_the_way_out(
    fresh: Product, files: tuple[str, str], row: dict[str, str]
) -> None:
    path = write_cdrs(fresh.root, "long.jsonl", [a_voice_cdr(duration_sec=86_400)])
    wrong = write_reference(fresh.root / "dear", a_reference(rates=[row]))
    error = refused(fresh, "simulate", "--reference", str(wrong), "--events", str(path))
    assert error.endswith("; a charge must be below 10^12: lower the price or fee, or write the price for more units")


def test_both_options_are_needed(fresh: Product) -> None:
    assert fresh.run("simulate").exit_code == WRONG_USAGE


def test_years_far_apart_are_rated_with_bands_without_walking_through_all_between(
    engine: "SparkSession", tmp_path: Path
) -> None:
    days = ("1971-02-10T10:00:00Z", "2026-02-10T10:00:00Z", "2026-02-10T22:00:00Z", "9998-02-10T10:00:00Z")
    records = [a_voice_cdr(record_ID=day, timestamp=day) for day in days]
    rows = results(
        engine,
        tmp_path,
        *records,
        subscriptions=[{"valid_from": ""}],
        rates=[{"time_band": "DAY", "price": "1", "valid_from": ""}, {"price": "0.5", "valid_from": ""}],
        destinations=[{"valid_from": ""}],
        time_bands=[{"time_band": "DAY", "start_time": "08:00", "end_time": "20:00"}],
    )
    assert [row["charge_amount"] for row in rows] == [Decimal(60), Decimal(60), Decimal(30), Decimal(60)]


def test_the_first_and_the_last_day_of_the_calendar_are_rated_too(engine: "SparkSession", tmp_path: Path) -> None:
    days = ("0001-01-01T12:00:00Z", "9999-12-31T10:00:00Z", "9999-12-31T23:59:59Z")
    rows = results(
        engine,
        tmp_path,
        *(a_voice_cdr(record_ID=day, timestamp=day, duration_sec=86_400) for day in days),
        subscriptions=[{"valid_from": ""}],
        rates=[{"time_band": "DAY", "price": "1", "valid_from": ""}, {"price": "0", "valid_from": ""}],
        destinations=[{"valid_from": ""}],
        time_bands=[{"time_band": "DAY", "start_time": "08:00", "end_time": "20:00"}],
    )
    # A day long, also beyond the last day: twelve hours of each are in the band.
    assert [row["charge_amount"] for row in rows] == [Decimal(43_200)] * len(days)
