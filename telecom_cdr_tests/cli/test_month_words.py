"""`quarantine`, `reconcile`, `check`, `doctor`, `run`, `ingest`, `generate`: data out, words aside, exit codes."""

import json
import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from telecom_cdr import tables
from telecom_cdr_tests.cli.small_lake import MONTH, RECORDS, WAITING_MONTH, a_reference_directory
from telecom_cdr_tests.product import Product


@pytest.fixture
def own(billed: Product, tmp_path: Path) -> Product:
    """A copy of the billed lake that a test may spoil."""
    shutil.copytree(billed.root, tmp_path / "own")
    return Product.at(tmp_path / "own")


def test_quarantine_counts_every_reason(billed: Product) -> None:
    result = billed.done("quarantine", "--month", MONTH, "--format", "csv")
    assert [tuple(row.values()) for row in result.rows] == [
        ("not_billable", "UNANSWERED", "1"),
        ("refused", "INVALID_CALLED_NUMBER", "1"),
        ("refused", "NEGATIVE_DURATION", "1"),
    ]
    assert result.errors == f"{MONTH}: 2 records; a record counts under each of its reasons\n"


def test_quarantine_shows_the_records_with_a_reason_as_they_came(billed: Product) -> None:
    result = billed.done("quarantine", "--month", MONTH, "--reason", "NEGATIVE_DURATION", "--format", "csv")
    (row,) = result.rows
    assert row["record_id"] == "BACKWARDS"
    assert row["reasons"] == "INVALID_CALLED_NUMBER,NEGATIVE_DURATION"
    assert json.loads(row["payload"]) == RECORDS[4]
    assert result.errors == f"{MONTH}: 1 of 1 records with NEGATIVE_DURATION\n"
    nothing = billed.done(
        "quarantine", "--month", MONTH, "--reason", "NEGATIVE_DURATION", "--limit", "0", "--format", "json"
    )
    assert nothing.output == "[]\n"


def test_reconcile_prints_every_stage_with_a_difference_of_nothing(billed: Product) -> None:
    result = billed.done("reconcile", "--month", MONTH, "--format", "csv")
    assert result.errors == ""
    recorded = billed.done("show", "assurance/reconciliation", "--month", MONTH, "--format", "csv").rows
    columns = ("stage", "measure", "quantity_in", "quantity_out", "difference")
    printed = sorted(tuple(row[name] for name in columns) for row in result.rows)
    assert printed == sorted(tuple(row[name] for name in columns) for row in recorded)
    off = {row["measure"] for row in result.rows if Decimal(row["difference"])}
    assert off <= {"money_rounding"}
    records = {row["stage"]: row for row in result.rows if row["measure"] == "records"}
    assert records["raw_to_mediated"]["quantity_in"] == "8.000000"


def test_reconcile_of_a_month_that_was_not_run_tells_what_is_missing(billed: Product) -> None:
    result = billed.run("reconcile", "--month", WAITING_MONTH)
    assert result.exit_code == 1
    assert f"error: {WAITING_MONTH}: raw_to_mediated: records differ by 1" in result.errors


def test_check_passes_what_a_run_has_made(billed: Product) -> None:
    result = billed.done("check", "--month", MONTH, "--format", "csv")
    assert {row["result"] for row in result.rows} == {"passed"}
    assert result.errors == f"{MONTH}: {len(result.rows)} checks passed, 0 failed\n"
    monthly = {table.path for table in tables.ALL if table.layer in {"raw", "mediated", "rated", "invoices", "reports"}}
    assert {row["table"] for row in result.rows} == monthly - {"raw/files", "raw/gaps", "invoices/billing_periods"}


def test_doctor_finds_nothing_wrong_with_a_whole_lake(billed: Product) -> None:
    result = billed.done("doctor")
    assert result.errors == ""
    for words in ("tzdata", "pysail", "reference data, version 1", str(billed.lake)):
        assert words in result.output


def test_doctor_names_what_a_write_left_behind_when_it_was_cut_off(own: Product) -> None:
    folder = own.lake / "rated" / "usage" / f"billing_month={MONTH}"
    first = next(folder.glob("*.parquet"))
    shutil.copy(first, folder / "part-00000-left-behind.parquet")
    (own.lake / "_staging" / "a-run").mkdir(parents=True)
    result = own.run("doctor")
    assert result.exit_code == 1
    errors = result.errors.splitlines()
    assert len(errors) == 2
    assert errors[0].startswith("error: orphan files of rated/usage: 1 files, ")
    assert errors[1].startswith("error: staging left behind: a-run: ")


def test_a_run_prints_what_it_wrote_and_tells_its_progress_aside(own: Product) -> None:
    result = own.done("run", "--month", WAITING_MONTH)
    counts = {line.split()[1]: line.split()[2] for line in result.output.splitlines() if "/" in line}
    assert counts["mediated/voice"] == "1"
    assert counts["invoices/invoices"] == "1"
    first, last = result.errors.splitlines()
    assert first == f"{WAITING_MONTH}: materialising"
    assert last.startswith(f"{WAITING_MONTH}: done in ")


def test_an_ingest_of_known_files_takes_nothing_and_is_no_error(own: Product) -> None:
    result = own.done("ingest", "--from", str(own.root / "in"))
    assert "0 records of 0 files taken" in result.errors
    assert own.catalog.read(tables.raw.CDRS).num_rows == len(RECORDS)


def test_an_ingest_tells_of_files_that_are_cut_off_or_empty(fresh: Product, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "cut.jsonl").write_text('{"record_ID": "R1"')
    (tmp_path / "in" / "nothing.jsonl").touch()
    result = fresh.done("ingest", "--from", str(tmp_path / "in"))
    assert "cut.jsonl: its last line has no end; it was taken as it stands" in result.errors
    assert "nothing.jsonl: it is empty" in result.errors
    assert "1 records of 2 files taken" in result.errors
    assert "1 are malformed" in result.errors


def test_reference_data_already_loaded_is_said_to_be(own: Product) -> None:
    result = own.done("reference", "load", str(own.root / "reference"))
    assert "holds what version 1 already says: the database is unchanged" in result.errors


def test_generate_writes_what_it_says(fresh: Product, tmp_path: Path) -> None:
    fresh.done("reference", "load", str(a_reference_directory(tmp_path)))
    out = tmp_path / "out"
    result = fresh.done("generate", "--cdrs", "50", "--month", MONTH, "--out", str(out), "--seed", "7")
    lines = [line for file in out.glob("**/*.jsonl") for line in file.read_bytes().splitlines() if line.strip()]
    assert len(lines) == 50
    assert result.errors.startswith("50 records in 1 files")
    assert len(result.errors.splitlines()) == 1
    printed = [line.split() for line in result.output.splitlines() if "/" in line]
    assert sum(int(count) for _, count in printed) == 50
