"""What a failed check blocks: the month is not billed, by this run or by any other, and the months beside it are."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from dagster import AssetKey

from telecom_cdr import mediation
from telecom_cdr.cli.runs import failures_of, open_instance
from telecom_cdr.definitions import defs
from telecom_cdr.defs.describe import key
from telecom_cdr.defs.rated import assets as rated_assets
from telecom_cdr.expressions import money
from telecom_cdr.lakehouse import verdicts
from telecom_cdr.lakehouse.lake import Lake
from telecom_cdr.lakehouse.month_checks import MonthChecker
from telecom_cdr.rating.tariff import Tariff
from telecom_cdr.rating.usage import rate
from telecom_cdr.settings import Settings
from telecom_cdr.tables import reports
from telecom_cdr.tables.assurance import RECONCILIATION
from telecom_cdr.tables.invoices import INVOICES, LINES
from telecom_cdr.tables.mediated import TABLES as MEDIATED
from telecom_cdr.tables.mediated import VOICE
from telecom_cdr.tables.model import CHARGE, Table
from telecom_cdr.tables.rated import USAGE
from telecom_cdr_tests.faults.lakes import BESIDE, MONTH, append, assert_same, contents, copy_of, row_of
from telecom_cdr_tests.product import Product

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

pytestmark = pytest.mark.slow

BILLED = (LINES, INVOICES, *reports.TABLES, RECONCILIATION)


def make(product: Product, month: str, *tables: Table, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Materialise chosen tables of a month and nothing before them, as the UI can; gives what failed."""
    chosen: list[AssetKey] = [key(table) for table in tables]
    with monkeypatch.context() as patched:
        for name, value in product.settings.items():
            patched.setenv(name, value)
        with open_instance(Settings()) as instance:
            result = defs.resolve_job_def("bill_month").execute_in_process(
                instance=instance, partition_key=month, asset_selection=chosen, raise_on_error=False
            )
    assert result.success == (not failures_of(result))
    return failures_of(result)


def record_verdicts(lake: Lake, tables: tuple[Table, ...]) -> list[str]:
    """Check tables of MONTH and keep the verdicts, as a run does; gives the checks that failed."""
    outcomes = [outcome for table in tables for outcome in MonthChecker(lake, MONTH).outcomes(table)]
    verdicts.record(
        lake.catalog,
        [verdicts.Verdict(each.month, each.check_name, each.is_passed, each.figures) for each in outcomes],
        now=datetime.now(UTC),
    )
    return [f"{each.month.table.path} {each.check_name}" for each in outcomes if not each.is_passed]


def test_rows_that_were_never_checked_are_not_rated_and_the_month_beside_is(
    tmp_path: Path, billed: Product, engine: "SparkSession", monkeypatch: pytest.MonkeyPatch
) -> None:
    product = copy_of(billed, tmp_path / "product")
    before = contents(product)
    append(product, VOICE, row_of(product, VOICE))
    (refused,) = make(product, MONTH, USAGE, LINES, INVOICES, monkeypatch=monkeypatch)
    assert refused.startswith(f"rate: mediated/voice of {MONTH} has no pass of schema, key_is_unique, ")
    assert f"run `telecom-cdr run --month {MONTH}` again" in refused

    assert record_verdicts(Lake(product.catalog, engine), (VOICE,)) == ["mediated/voice key_is_unique"]
    (refused,) = make(product, MONTH, USAGE, LINES, INVOICES, monkeypatch=monkeypatch)
    assert refused.startswith(f"rate: mediated/voice of {MONTH} failed key_is_unique: ")
    assert '"surplus_row_count": 1' in refused

    assert make(product, BESIDE, USAGE, LINES, INVOICES, monkeypatch=monkeypatch) == []
    after = contents(product)
    assert [name for name, rows in after.items() if not rows.equals(before[name])] == [f"{VOICE.path} {MONTH}"]

    product.done("run", "--month", MONTH)
    assert_same(product, billed)


def test_charges_that_were_changed_are_not_invoiced(
    tmp_path: Path, billed: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    product = copy_of(billed, tmp_path / "product")
    product.catalog.delta(USAGE).update(
        updates={"charge_amount": "charge_amount * 2"}, predicate=f"billing_month = '{MONTH}' AND status = 'rated'"
    )
    (refused,) = make(product, MONTH, LINES, INVOICES, monkeypatch=monkeypatch)
    assert refused.startswith(f"draw_up_lines: rated/usage of {MONTH} has no pass of ")
    assert product.rows(INVOICES.path, MONTH).equals(billed.rows(INVOICES.path, MONTH))


def test_mediated_tables_of_different_writes_are_not_rated(
    tmp_path: Path, billed: Product, engine: "SparkSession", monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a run leaves them that died between two of the five tables, even if every one passes its checks."""
    product = copy_of(billed, tmp_path / "product")
    lake = Lake(product.catalog, engine)
    lake.replace_month(VOICE, MONTH, lake.frame(VOICE, MONTH), write_id="a run that died")
    assert record_verdicts(lake, MEDIATED) == []
    (refused,) = make(product, MONTH, USAGE, monkeypatch=monkeypatch)
    assert f"of {MONTH} come from different writes" in refused


def test_a_month_that_fails_in_mediation_is_not_billed_and_the_month_beside_is(
    tmp_path: Path, ingested: Product, billed: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    product = copy_of(ingested, tmp_path / "product")
    mediated_voice = mediation.voice

    def doubled_in_one_month(staged: "DataFrame", copies: "DataFrame") -> "DataFrame":
        rows = mediated_voice(staged, copies)
        return rows.unionByName(rows.where(rows["billing_month"] == MONTH))

    with monkeypatch.context() as patched:
        patched.setattr(mediation, "voice", doubled_in_one_month)
        result = product.run("run", "--month", MONTH, "--to", BESIDE)
    assert result.exit_code == 1
    duplicates = billed.rows(VOICE.path, MONTH).num_rows
    assert f'{MONTH}: mediated/voice: key_is_unique: {{"duplicate_key_count": {duplicates}, ' in result.errors
    assert f"{BESIDE}: done" in result.errors
    assert "Traceback" not in result.errors
    for table in (USAGE, *BILLED):
        assert not product.rows(table.path, MONTH).num_rows, table.path
    assert_same(product, billed, [BESIDE])


def test_a_month_that_fails_in_rating_is_not_billed(
    tmp_path: Path, ingested: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    product = copy_of(ingested, tmp_path / "product")

    def too_dear(events: "DataFrame", tariff: Tariff) -> "DataFrame":
        rows = rate(events, tariff)
        return rows.withColumn("charge_amount", (rows["charge_amount"] + money("1", CHARGE)).cast(CHARGE.sql))

    with monkeypatch.context() as patched:
        patched.setattr(rated_assets, "rate", too_dear)
        result = product.run("run", "--month", MONTH)
    assert result.exit_code == 1
    charged = product.rows(USAGE.path, MONTH).column("charge_amount").drop_null().length()
    assert f'{MONTH}: rated/usage: charges_are_explained: {{"unexplained_charge_count": {charged}, ' in result.errors
    for table in BILLED:
        assert not product.rows(table.path, MONTH).num_rows, table.path
