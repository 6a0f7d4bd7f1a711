"""Wrong input: one clear line on standard error, nothing on standard output, and an exit code that is not 0."""

import socket
from pathlib import Path

import pytest

from telecom_cdr_tests.cli.refusals import FAILED, WRONG_USAGE, refused
from telecom_cdr_tests.cli.small_lake import MONTH, a_reference_directory
from telecom_cdr_tests.product import Product

OF_A_MONTH = ("run", "check", "reconcile", "quarantine")
READERS = (
    ("run", "--month", MONTH),
    ("check", "--month", MONTH),
    ("show", "rated/usage"),
    ("show", "rated/usage", "--format", "csv"),
    ("explain", "CALL"),
    ("quarantine", "--month", MONTH),
    ("reconcile", "--month", MONTH),
    ("ui",),
)


@pytest.mark.parametrize("command", OF_A_MONTH)
@pytest.mark.parametrize(
    "month",
    ["2026-13", "2026-00", "26-01", "2026-1", "2026-01-01", "January", "", "\u0662\u0660\u0662\u0666-\u0660\u0661"],
)
def test_a_month_that_is_no_month(billed: Product, command: str, month: str) -> None:
    error = refused(billed, command, "--month", month)
    assert error == f"error: {month!r} is not a month: write YYYY-MM, for example 2024-01"


@pytest.mark.parametrize("month", ["2023-12", "2099-01"])
@pytest.mark.parametrize("command", [*OF_A_MONTH, "show"])
def test_a_month_outside_the_range_of_billing_months(billed: Product, command: str, month: str) -> None:
    table = ("rated/usage",) if command == "show" else ()
    error = refused(billed, command, *table, "--month", month)
    assert f"{month} is not a billing month of this lake: they go from 2024-01 to 20" in error


def test_a_range_that_runs_backwards(billed: Product) -> None:
    error = refused(billed, "run", "--month", "2026-03", "--to", "2026-01")
    assert "--to 2026-01 is before --month 2026-03" in error


def test_an_end_of_a_range_that_is_no_month(billed: Product) -> None:
    assert "'later' is not a month" in refused(billed, "run", "--month", MONTH, "--to", "later")


@pytest.mark.parametrize("name", ["rated/nothing", "usage", "", "../rated/usage"])
def test_a_table_that_is_not_declared(billed: Product, name: str) -> None:
    error = refused(billed, "show", name)
    assert f"there is no table {name!r}; there are: " in error
    assert "rated/usage" in error


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("nope=1", "rated/usage has no column 'nope': cdr_id, record_id"),
        ("status", "write COLUMN=VALUE"),
        ("=rated", "has no column ''"),
    ],
)
def test_a_condition_that_cannot_be_read(billed: Product, condition: str, words: str) -> None:
    assert words in refused(billed, "show", "rated/usage", "--where", condition)


def test_a_reason_that_is_none_of_mediation(billed: Product) -> None:
    error = refused(billed, "quarantine", "--month", MONTH, "--reason", "BAD_MOOD")
    assert "there is no reason 'BAD_MOOD'; there are: MALFORMED_JSON" in error


def test_a_record_that_was_never_received(billed: Product) -> None:
    error = refused(billed, "explain", "NOBODY")
    assert "no record 'NOBODY' was received" in error
    assert "MALFORMED_JSON" in error


def test_checks_of_a_month_that_was_never_materialised(billed: Product) -> None:
    assert "2025-01 was never materialised: run `telecom-cdr run --month 2025-01`" in refused(
        billed, "check", "--month", "2025-01"
    )


@pytest.mark.parametrize("arguments", READERS, ids=" ".join)
def test_a_lake_that_is_not_there(fresh: Product, arguments: tuple[str, ...]) -> None:
    error = refused(fresh, *arguments)
    assert f"there is no lake at {fresh.lake}: run `telecom-cdr ingest`" in error
    assert not fresh.lake.exists()


def test_doctor_says_that_there_is_no_lake_and_makes_none(fresh: Product) -> None:
    result = fresh.run("doctor")
    assert result.exit_code == FAILED
    assert f"error: lake: there is no lake at {fresh.lake}" in result.errors
    assert "Traceback" not in result.errors
    assert not fresh.lake.exists()


def test_generating_without_reference_data(fresh: Product, tmp_path: Path) -> None:
    error = refused(fresh, "generate", "--cdrs", "1", "--month", MONTH, "--out", str(tmp_path / "out"))
    assert "there is no database" in error
    assert "telecom-cdr reference load DIR" in error


@pytest.mark.parametrize("out", ["a_file", "a_file/below"])
def test_generating_into_what_is_no_directory(billed: Product, tmp_path: Path, out: str) -> None:
    (tmp_path / "a_file").touch()
    error = refused(billed, "generate", "--cdrs", "1", "--month", MONTH, "--out", str(tmp_path / out))
    assert str(tmp_path / out) in error


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: None, "does not exist"),
        (lambda path: path.touch(), "is not a directory"),
        (lambda path: path.mkdir(), "holds no .jsonl or .jsonl.gz file"),
        (lambda path: (path / "other.csv").parent.mkdir() or (path / "other.csv").touch(), "holds no .jsonl"),
    ],
    ids=["missing", "a file", "empty", "other files"],
)
def test_a_source_without_records_makes_no_lake(fresh: Product, tmp_path: Path, make: object, words: str) -> None:
    source = tmp_path / "source"
    make(source)  # type: ignore[operator]
    assert words in refused(fresh, "ingest", "--from", str(source))
    assert not fresh.lake.exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "give --from DIR or --from kafka, or set TELECOM_CDR_SOURCE"),
        (("--from", "kafka"), "set TELECOM_CDR_KAFKA_BOOTSTRAP_SERVERS"),
    ],
)
def test_an_ingest_from_nowhere(fresh: Product, arguments: tuple[str, ...], words: str) -> None:
    assert words in refused(fresh, "ingest", *arguments)


def test_a_lake_where_no_directory_can_be_made(tmp_path: Path, billed: Product) -> None:
    (tmp_path / "a_file").touch()
    product = Product.at(tmp_path, TELECOM_CDR_LAKE=str(tmp_path / "a_file" / "lake"))
    assert "cannot create the lake" in refused(product, "ingest", "--from", str(billed.root / "in"))
    assert "cannot be made" in refused(product, "reference", "load", str(billed.root / "reference"))


def test_a_bad_row_of_a_reference_file_is_named_by_file_line_and_column(fresh: Product, tmp_path: Path) -> None:
    directory = a_reference_directory(tmp_path)
    with (directory / "customers.csv").open("a", encoding="utf-8") as file:
        file.write("C3,Chakib,Rabat,,,,perhaps\n")
    error = refused(fresh, "reference", "load", str(directory))
    assert "customers.csv" in error
    assert "line 4" in error
    assert "tax_exempt" in error
    assert "perhaps" in error
    assert not fresh.lake.exists()


@pytest.mark.parametrize(("name", "words"), [("nothing", "is no directory"), ("empty", "holds no reference files")])
def test_a_directory_without_reference_files(fresh: Product, tmp_path: Path, name: str, words: str) -> None:
    (tmp_path / "empty").mkdir()
    assert words in refused(fresh, "reference", "load", str(tmp_path / name))


def test_a_database_that_is_down(billed: Product, tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"postgresql://somebody:a-secret@127.0.0.1:{port}/reference"
    product = Product(
        billed.root, {**billed.settings, "TELECOM_CDR_DATABASE_URL": url, "TELECOM_CDR_DATABASE_WAIT_SECONDS": "0"}
    )
    for arguments in (
        ("reference", "load", str(billed.root / "reference")),
        ("generate", "--cdrs", "1", "--month", MONTH, "--out", str(tmp_path / "out")),
    ):
        error = refused(product, *arguments)
        assert f"127.0.0.1:{port}" in error
        assert "TELECOM_CDR_DATABASE_URL" in error
        assert "a-secret" not in error
    result = product.run("doctor")
    assert result.exit_code == FAILED
    assert "error: database: " in result.errors
    assert "a-secret" not in result.output + result.errors


@pytest.mark.parametrize(
    "arguments",
    [
        ("show",),
        ("nothing",),
        ("run",),
        ("run", "--month", MONTH, "--nothing"),
        ("show", "rated/usage", "--format", "xml"),
        ("show", "rated/usage", "--limit", "-1"),
        ("show", "rated/usage", "--limit", "many"),
        ("generate", "--cdrs", "-1", "--month", MONTH, "--out", "x"),
        ("generate", "--month", MONTH, "--out", "x"),
        ("demo", "--months", "0"),
        ("ui", "--port", "99999"),
        ("reference", "nothing"),
    ],
    ids=" ".join,
)
def test_a_wrong_command_line_is_told_from_a_wrong_lake_by_its_exit_code(
    billed: Product, arguments: tuple[str, ...]
) -> None:
    result = billed.run(*arguments)
    assert result.exit_code == WRONG_USAGE
    assert result.output == ""
    assert "Usage: " in result.errors
    assert "Traceback" not in result.errors


def test_more_months_than_there_were(fresh: Product) -> None:
    from telecom_cdr.cli.arguments import current_month
    from telecom_cdr.settings import Settings

    product = Product(fresh.root, {**fresh.settings, "TELECOM_CDR_FIRST_MONTH": current_month(Settings())})
    assert "there are 0 complete months since" in refused(product, "demo", "--months", "1")
    assert not fresh.lake.exists()


def test_errors_of_a_command_are_one_line_in_a_process_of_its_own_too(fresh: Product) -> None:
    process = fresh.start("show", "rated/usage")
    out, err = process.communicate(timeout=60)
    assert process.returncode == FAILED
    assert out == ""
    assert err.count("\n") == 1
    assert err.startswith("error: there is no lake at ")
