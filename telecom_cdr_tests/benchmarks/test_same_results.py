"""The hand-written pipelines give what the product gives, and a difference does not pass."""

import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable

from benchmarks import __main__ as command
from benchmarks import compare
from benchmarks.common.work import PHASES, Work
from benchmarks.data import Dataset
from benchmarks.differences import COUNTED, differences, record_counts
from benchmarks.measure import Measured
from benchmarks.names import DUCKDB, POLARS, PRODUCT
from benchmarks.steps import runs_of, seconds_by_phase
from benchmarks.systems import Outcome
from benchmarks.with_polars.pipeline import JudgedRows
from benchmarks.with_polars.pipeline import run as run_polars

pytestmark = pytest.mark.slow

Lakes = Callable[[str], Path]


@pytest.mark.parametrize("system", [DUCKDB, POLARS])
def test_a_hand_written_pipeline_gives_the_rows_of_the_product(
    system: str, months_data: Dataset, product_lake: Path, lake_by_hand: Lakes
) -> None:
    assert differences(product_lake, lake_by_hand(system), months_data.months) == []


def test_polars_gives_the_same_from_rows_that_it_keeps_in_files(
    months_data: Dataset, lake_by_hand: Lakes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(JudgedRows, "rows_in_memory", 0)
    work = Work(months_data.source, months_data.reference, tmp_path / "lake", months_data.months)
    run_polars(work)
    assert differences(lake_by_hand(POLARS), work.lake, months_data.months) == []
    assert not (work.lake / "_staging").exists()


def test_every_table_has_rows_to_compare(months_data: Dataset, product_lake: Path) -> None:
    counts = record_counts(product_lake, months_data.months)
    assert set(counts) == {table.path for table in COUNTED}
    assert [path for path, count in counts.items() if not count] == []


@pytest.mark.parametrize("system", [DUCKDB, POLARS])
def test_a_hand_written_lake_has_the_declared_columns(system: str, lake_by_hand: Lakes) -> None:
    for table in COUNTED:
        delta = DeltaTable(lake_by_hand(system) / table.layer / table.name)
        assert [field.name for field in delta.schema().fields] == list(table.column_names), table.path
        for path in delta.file_uris():
            stored = pq.read_schema(path)
            for name in stored.names:
                declared = table.arrow_schema.field(name).type
                plain = {"large_string": "string", "large_binary": "binary"}.get(str(stored.field(name).type))
                assert (plain or str(stored.field(name).type)) == str(declared), f"{table.path}.{name}"


def _planted(lake: Path, folder: Path, table: str, **change: str) -> Path:
    """A copy of a lake with one customer's row of a table changed."""
    copy = folder / "planted"
    shutil.copytree(lake, copy)
    delta = DeltaTable(copy / table)
    customer = delta.to_pyarrow_table(columns=["customer_id"])["customer_id"].drop_null()[0].as_py()
    delta.update(updates=change, predicate=f"customer_id = '{customer}'")
    return copy


def test_one_cent_on_one_customer_is_found_and_named(
    months_data: Dataset, product_lake: Path, lake_by_hand: Lakes, tmp_path: Path
) -> None:
    other = _planted(lake_by_hand(DUCKDB), tmp_path, "invoices/invoices", total_amount="total_amount + 0.01")
    found = differences(product_lake, other, months_data.months)
    assert found
    assert all(sentence.startswith("invoices/invoices: customer_id=C") for sentence in found)
    assert "total_amount" in found[0]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("charge_amount", "charge_amount + 0.000001"),
        ("breakdown", "breakdown || ' '"),
        ("allowances_left", "'CALLS=1'"),
    ],
)
def test_a_charge_or_its_explanation_that_differs_is_found_and_named(
    column: str, value: str, months_data: Dataset, product_lake: Path, lake_by_hand: Lakes, tmp_path: Path
) -> None:
    other = _planted(lake_by_hand(POLARS), tmp_path, "rated/usage", **{column: value})
    found = differences(product_lake, other, months_data.months)
    assert found
    assert all(sentence.startswith("rated/usage: cdr_id=") for sentence in found)
    assert column in found[0]


def test_what_is_compared_has_sessions_roaming_and_connect_fees(months_data: Dataset, product_lake: Path) -> None:
    usage = DeltaTable(product_lake / "rated/usage").to_pyarrow_table(
        columns=["breakdown", "session_units_before", "zone", "is_roaming"]
    )
    rows = usage.to_pylist()
    written = "".join(row["breakdown"] or "" for row in rows)
    kinds = set(re.findall(r'"kind":"(\w+)"', written))
    assert kinds >= {"usage", "connect_fee"}
    assert any(row["session_units_before"] for row in rows)
    assert any(row["zone"] for row in rows if row["is_roaming"])


def test_rows_too_few_and_rows_too_many_are_told_apart(
    months_data: Dataset, product_lake: Path, lake_by_hand: Lakes, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    shutil.copytree(lake_by_hand(DUCKDB), other)
    DeltaTable(other / "invoices/invoices").delete("customer_id < 'C000100'")
    fewer = differences(product_lake, other, months_data.months)
    assert any("rows, not" in sentence for sentence in fewer)
    assert any(sentence.endswith(": missing") for sentence in fewer)
    more = differences(other, product_lake, months_data.months)
    assert any(sentence.endswith(": not expected") for sentence in more)


@pytest.mark.parametrize(("is_planted", "exit_code"), [(True, 1), (False, 0)])
def test_the_command_ends_with_1_when_and_only_when_results_differ(
    is_planted: bool,
    exit_code: int,
    months_data: Dataset,
    product_lake: Path,
    lake_by_hand: Lakes,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    by_hand = lake_by_hand(DUCKDB)
    if is_planted:
        by_hand = _planted(by_hand, tmp_path, "invoices/invoices", net_amount="net_amount + 0.01")
    lakes = {PRODUCT: product_lake, DUCKDB: by_hand}

    def run_system(system: str, data: Dataset, lake: Path) -> Outcome:
        return Outcome(system, lakes[system], Measured(0, 1.0, 1.0, 1), dict.fromkeys(PHASES, 0.1))

    monkeypatch.setattr(compare, "run_system", run_system)
    monkeypatch.setattr(compare, "dataset", lambda *_, **__: months_data)
    arguments = ["compare", "--cdrs", "12000", "--systems", PRODUCT, DUCKDB, "--work", str(tmp_path / "work")]
    monkeypatch.setattr(sys, "argv", ["benchmarks", *arguments])
    with pytest.raises(SystemExit) as ended:
        command.main()
    assert ended.value.code == exit_code
    printed = capsys.readouterr()
    assert "| 12,000 | duckdb |" in printed.out
    assert ("invoices/invoices: customer_id=C" in printed.err) is is_planted


def test_the_products_history_gives_seconds_of_every_phase(product_lake: Path, months_data: Dataset) -> None:
    home = product_lake.parent / "dagster"
    assert all(seconds_by_phase(home)[phase] > 0 for phase in PHASES)
    runs = runs_of(home)
    assert [run.month for run in runs if run.job == "bill_month"] == list(months_data.months)
    mediate = next(step for run in runs for step in run.steps if step.name == "mediate")
    assert next(table for table, _ in mediate.written) == "mediated/voice"
