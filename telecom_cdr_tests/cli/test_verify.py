"""`telecom-cdr verify`: a month is computed again from what it was made from, and every difference is told and kept."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from unittest import mock

import pytest

from telecom_cdr import __version__, tables
from telecom_cdr.cli import runs
from telecom_cdr.lakehouse.catalog import STAGING
from telecom_cdr.lakehouse.verify import VERIFIED
from telecom_cdr.tables.assurance import RECONCILIATION, VERIFICATIONS
from telecom_cdr.tables.invoices import INVOICES
from telecom_cdr.tables.rated import USAGE
from telecom_cdr.tables.raw import CDRS
from telecom_cdr_tests.builders import a_reference, a_voice_cdr, write_cdrs, write_reference
from telecom_cdr_tests.cli.refusals import FAILED, WRONG_USAGE, refused
from telecom_cdr_tests.cli.small_lake import MONTH, WAITING_MONTH
from telecom_cdr_tests.product import Product, Result

pytestmark = pytest.mark.slow

_EMBEDDED: Final = ("verify", "--month", MONTH, "--engine", "embedded")
# Of the system's own records, a verification writes one table.
_OTHERS: Final = tuple(table for table in tables.ALL if table is not VERIFICATIONS)


def copy_of(billed: Product, root: Path) -> Product:
    shutil.copytree(billed.root, root)
    return Product.at(root)


def versions(product: Product) -> dict[str, int]:
    return {table.path: product.catalog.delta(table).version() for table in _OTHERS}


def kept(product: Product) -> dict[str, dict[str, Any]]:
    """What the only verification of the lake left behind, by table."""
    rows = product.rows(VERIFICATIONS.path, MONTH).to_pylist()
    assert len({row["verification_id"] for row in rows}) == 1
    return {row["table_name"]: row for row in rows}


def has_scratch(product: Product) -> bool:
    return any((product.lake / STAGING).glob("*"))


@pytest.fixture(scope="module")
def product(billed: Product, tmp_path_factory: pytest.TempPathFactory) -> Product:
    """A billed month; since then other prices were loaded, and another record of the month has come."""
    product = copy_of(billed, tmp_path_factory.mktemp("verify") / "lake")
    dearer = a_reference(rates=[{"product_code": "VOICE", "price": "9", "unit_size": "1"}])
    product.done("reference", "load", str(write_reference(product.root / "dearer", dearer)))
    write_cdrs(product.root / "late", "late.jsonl", [a_voice_cdr(record_ID="LATER")])
    product.done("ingest", "--from", str(product.root / "late"))
    return product


@pytest.fixture(scope="module")
def before(product: Product) -> Mapping[str, int]:
    """Delta versions at the start."""
    return versions(product)


@pytest.fixture(scope="module")
def result(product: Product, before: Mapping[str, int]) -> Result:
    """A verification during which somebody takes rows away: what was there at its start is compared."""
    run_job = runs.run_job

    def disturbed(*arguments: Any, **named: Any) -> Any:
        product.catalog.delta(USAGE).delete(f"billing_month = '{MONTH}'")
        return run_job(*arguments, **named)

    with mock.patch.object(runs, "run_job", disturbed):
        result = product.run(*_EMBEDDED)
    product.catalog.delta(USAGE).restore(before[USAGE.path])
    return result


def test_the_months_tables_are_equal(result: Result) -> None:
    assert result.exit_code == 0, result.errors
    assert result.output.count(" equal") == len(VERIFIED)
    assert "DIFFERENT" not in result.output
    assert f"every row and type of {len(VERIFIED)} tables is equal" in result.errors


def test_the_same_engine_is_said_to_show_less(result: Result) -> None:
    assert "made on embedded too: this shows that it is repeatable" in result.errors


@pytest.mark.usefixtures("result")
def test_the_result_is_kept_with_what_was_compared(product: Product, before: Mapping[str, int]) -> None:
    found = kept(product)
    assert set(found) == {table.path for table in VERIFIED}
    usage, month = found[USAGE.path], product.catalog.month_version(RECONCILIATION, MONTH)
    assert all(row["is_equal"] for row in found.values())
    assert usage["delta_version"] == before[USAGE.path]
    assert (usage["row_count"], usage["computed_row_count"]) == (4, 4)
    assert usage["raw_version"] < before[CDRS.path]
    assert usage["reference_load"].startswith("reference-1-")
    assert usage["made_on"] == usage["verified_on"] == month.engine
    assert month.engine.startswith("embedded ")
    assert usage["software_version"] == __version__


@pytest.mark.usefixtures("result")
def test_nothing_else_of_the_lake_is_changed(product: Product, before: Mapping[str, int]) -> None:
    # The one who disturbs deletes and restores.
    assert versions(product) == {**before, USAGE.path: before[USAGE.path] + 2}
    assert not has_scratch(product)


def test_what_differs_is_told_row_by_row_and_kept(billed: Product, tmp_path: Path) -> None:
    product = copy_of(billed, tmp_path / "lake")
    usage = product.catalog.delta(USAGE)
    usage.update(updates={"charge_amount": "charge_amount + 0.000001"}, predicate="record_id = 'CALL'")
    usage.delete("record_id = 'MESSAGE'")
    product.catalog.append(INVOICES, product.rows(INVOICES.path, MONTH))
    result = product.run(*_EMBEDDED)
    assert result.exit_code == FAILED
    (charge,) = [line.split() for line in result.output.splitlines() if "charge_amount" in line]
    assert charge[-3:] == ["charge_amount", "0.600001", "0.600000"]
    counts = [line.split()[-2:] for line in result.output.splitlines() if "number of rows" in line]
    assert counts == [["0", "1"], ["2", "1"]]
    assert result.errors.splitlines()[-1].startswith(
        f"error: {MONTH}: rated/usage, invoices/invoices differ from what embedded "
    )
    found = kept(product)
    assert {name for name, row in found.items() if not row["is_equal"]} == {"rated/usage", "invoices/invoices"}
    assert [found[USAGE.path][f"{kind}_row_count"] for kind in ("missing", "surplus", "differing")] == [1, 0, 1]


def test_a_month_that_was_never_made(product: Product) -> None:
    error = refused(product, "verify", "--month", WAITING_MONTH)
    assert f"{WAITING_MONTH} was never made whole: run `telecom-cdr run --month {WAITING_MONTH}`" in error


@pytest.mark.parametrize(
    "arguments", [(), ("--month", MONTH, "--engine", "abacus"), ("--month", MONTH, "--limit", "-1")], ids=" ".join
)
def test_a_wrong_command_line(product: Product, arguments: tuple[str, ...]) -> None:
    result = product.run("verify", *arguments)
    assert result.exit_code == WRONG_USAGE
    assert result.output == ""


def test_an_engine_that_does_not_answer_leaves_nothing_behind(product: Product) -> None:
    before = product.catalog.delta(VERIFICATIONS).version()
    result = product.run("verify", "--month", MONTH, "--engine", "sc://127.0.0.1:1/;token=a-secret")
    assert result.exit_code == FAILED
    assert "nothing answers at sc://127.0.0.1:1" in result.errors
    assert "a-secret" not in result.output + result.errors
    assert not has_scratch(product)
    assert product.catalog.delta(VERIFICATIONS).version() == before


def test_the_scratch_lake_of_a_killed_process_is_removed(product: Product) -> None:
    abandoned = product.lake / STAGING / "verify-of-a-killed-process"
    abandoned.mkdir(parents=True)
    product.run("verify", "--month", MONTH, "--engine", "sc://127.0.0.1:1")
    assert not abandoned.exists()


def test_raw_records_that_are_purged(billed: Product, tmp_path: Path) -> None:
    product = copy_of(billed, tmp_path / "lake")
    for file in (product.lake / CDRS.path / f"billing_month={MONTH}").iterdir():
        file.unlink()
    assert "what the month was made from is purged" in refused_later(product)


def test_reference_data_that_is_gone(billed: Product, tmp_path: Path) -> None:
    product = copy_of(billed, tmp_path / "lake")
    plans = tables.reference.RATE_PLANS
    shutil.rmtree(product.lake / plans.path)
    product.catalog.create_tables()
    assert f"no longer holds the reference data that {MONTH} was made from" in refused_later(product)


def refused_later(product: Product) -> str:
    """The last line of a verification that could not begin."""
    result = product.run(*_EMBEDDED)
    assert result.exit_code == FAILED
    assert result.output == ""
    return result.errors.splitlines()[-1]
