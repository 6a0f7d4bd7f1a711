"""Whatever is done to a month behind the system's back shows as a difference."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from pyspark.sql import SparkSession

from telecom_cdr.assurance.reconcile import STAGES, ReconciliationRow, reconcile, tables_of
from telecom_cdr.assurance.totals import TABLES, control_totals
from telecom_cdr.errors import LakeError
from telecom_cdr.reporting import revenue_by_plan
from telecom_cdr.tables import BY_PATH, reports
from telecom_cdr.tables.assurance import RECONCILIATION
from telecom_cdr.vocabulary import Measure
from telecom_cdr_tests.assurance.months import RATE_PLANS, Rows, right_month
from telecom_cdr_tests.table_rows import MONTH, frame_of, one

Month = dict[str, Rows]


def _reconciled(engine: SparkSession, month: Month, reported: Month | None = None) -> list[ReconciliationRow]:
    """Reconcile a month; its report was made from `reported`, from the month itself by default."""
    frames = {path: frame_of(engine, BY_PATH[path], *found) for path, found in month.items()}
    made_from = reported or month
    frames[reports.REVENUE_BY_PLAN.path] = revenue_by_plan(
        frame_of(engine, BY_PATH["rated/usage"], *made_from["rated/usage"]),
        frame_of(engine, BY_PATH["invoices/lines"], *made_from["invoices/lines"]),
        frame_of(engine, BY_PATH["reference/rate_plans"], *RATE_PLANS),
        MONTH,
    )
    return reconcile({path: one(control_totals(BY_PATH[path], frame)) for path, frame in frames.items()})


def _differences(found: list[ReconciliationRow]) -> dict[tuple[str, str], Decimal]:
    return {(row.stage, row.measure.value): row.difference for row in found if not row.is_balanced}


def test_a_right_month_has_no_difference(engine: SparkSession) -> None:
    found = _reconciled(engine, right_month())
    assert _differences(found) == {}
    assert {row.stage for row in found} == set(STAGES)


def test_an_empty_month_reconciles_at_zero(engine: SparkSession) -> None:
    found = _reconciled(engine, {path: [] for path in right_month()})
    assert {(row.quantity_in, row.quantity_out) for row in found} == {(Decimal(0), Decimal(0))}


def test_quantities_are_those_of_the_layers(engine: SparkSession) -> None:
    found = {
        (row.stage, row.measure): (row.quantity_in, row.quantity_out) for row in _reconciled(engine, right_month())
    }
    assert found["raw_to_mediated", Measure.RECORDS] == (Decimal(8), Decimal(8))
    assert found["mediated_to_rated", Measure.SECONDS] == (Decimal(40), Decimal(40))
    assert found["mediated_to_rated", Measure.BYTES] == (Decimal(5000), Decimal(5000))
    assert found["prepaid", Measure.MONEY] == (Decimal("0.1"), Decimal("0.1"))
    assert found["rated_to_lines", Measure.MONEY] == (Decimal("0.21"), Decimal("0.21"))
    assert found["lines_to_invoices", Measure.MONEY] == (Decimal("99.22"), Decimal("99.22"))


def test_the_rounding_residue_is_shown_and_no_fault(engine: SparkSession) -> None:
    (row,) = [row for row in _reconciled(engine, right_month()) if row.measure is Measure.MONEY_ROUNDING]
    assert row.difference == Decimal("-0.010000")
    assert row.is_balanced


def _delete_a_rated_row(month: Month) -> None:
    del month["rated/usage"][0]


def _delete_an_unrated_row(month: Month) -> None:
    del month["rated/usage"][3]


def _change_a_charge(month: Month) -> None:
    month["rated/usage"][0]["charge_amount"] += Decimal("0.000001")


def _change_a_prepaid_charge(month: Month) -> None:
    month["rated/usage"][2]["charge_amount"] -= Decimal("0.02")


def _add_a_raw_row(month: Month) -> None:
    month["raw/cdrs"].append({"source_offset": 99})


def _lengthen_a_call(month: Month) -> None:
    month["mediated/voice"][0]["duration_seconds"] = 11


def _lower_a_line(month: Month) -> None:
    month["invoices/lines"][2]["net_amount"] -= Decimal("0.01")


def _lower_a_total(month: Month) -> None:
    month["invoices/invoices"][0]["total_amount"] -= Decimal("0.01")


def _delete_a_line_worth_nothing(month: Month) -> None:
    month["invoices/invoices"][0]["line_count"] += 1


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (
            _delete_a_rated_row,
            {
                ("mediated_to_rated", "records"): 1,
                ("mediated_to_rated", "seconds"): 10,
                ("rated_to_lines", "records"): -1,
                ("rated_to_lines", "money"): Decimal("-0.1"),
            },
        ),
        (_delete_an_unrated_row, {("mediated_to_rated", "records"): 1, ("mediated_to_rated", "seconds"): 10}),
        (_change_a_charge, {("rated_to_lines", "money"): Decimal("0.000001")}),
        (_change_a_prepaid_charge, {("prepaid", "money"): Decimal("-0.02")}),
        (_add_a_raw_row, {("raw_to_mediated", "records"): 1}),
        (_lengthen_a_call, {("mediated_to_rated", "seconds"): 1}),
        (
            _lower_a_line,
            {("lines_to_invoices", "money"): Decimal("-0.01"), ("lines_to_reports", "money"): Decimal("-0.01")},
        ),
        (_lower_a_total, {("net_and_tax_to_total", "money"): Decimal("0.01")}),
        (_delete_a_line_worth_nothing, {("lines_to_invoices", "records"): -1}),
    ],
)
def test_what_was_done_behind_the_systems_back_shows_where_and_by_how_much(
    engine: SparkSession, spoil: Callable[[Month], None], expected: dict[tuple[str, str], Any]
) -> None:
    spoiled = right_month()
    spoil(spoiled)
    assert _differences(_reconciled(engine, spoiled, reported=right_month())) == expected


def test_stages_can_be_reconciled_alone() -> None:
    totals = {path: {"records": Decimal(0)} for path in tables_of(["raw_to_mediated"])}
    totals["raw/cdrs"] = {"records": Decimal(2)}
    (row,) = reconcile(totals, ["raw_to_mediated"])
    assert row.record(MONTH) == {
        "stage": "raw_to_mediated",
        "measure": "records",
        "quantity_in": 2,
        "quantity_out": 0,
        "difference": 2,
        "billing_month": MONTH,
    }
    assert set(row.record(MONTH)) == set(RECONCILIATION.column_names)


def test_missing_totals_are_named() -> None:
    with pytest.raises(LakeError, match="control totals of mediated/duplicates"):
        reconcile({path: {} for path in tables_of(["raw_to_mediated"]) - {"mediated/duplicates"}}, ["raw_to_mediated"])


def test_an_unknown_stage_is_refused() -> None:
    with pytest.raises(LakeError, match="no stage lines_to_nowhere"):
        reconcile({}, ["lines_to_nowhere"])


def test_every_stage_needs_only_tables_with_control_totals() -> None:
    assert tables_of() == {table.path for table in TABLES}
