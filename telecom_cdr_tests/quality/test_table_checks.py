"""Checks made from declarations count the rows that break them."""

from typing import Any

import pytest
from pyspark.sql import SparkSession

from telecom_cdr.quality.table_checks import (
    TableCheck,
    by_check,
    checks_of,
    duplicate_keys,
    foreign_keys,
    orphans,
    violations,
)
from telecom_cdr.tables import ALL, invoices, mediated, rated, raw, reference, reports
from telecom_cdr.tables.model import Table
from telecom_cdr_tests.table_rows import MONTH, frame_of, one

_CALL: dict[str, Any] = {"cdr_id": "a", "duration_seconds": 10}


def _found(engine: SparkSession, table: Table, *rows: dict[str, Any]) -> dict[TableCheck, dict[str, int]]:
    return by_check(one(violations(table, frame_of(engine, table, *rows), MONTH)))


def _broken(found: dict[TableCheck, dict[str, int]]) -> dict[tuple[str, str], int]:
    return {
        (check.value, column): count
        for check, of_column in found.items()
        for column, count in of_column.items()
        if count
    }


@pytest.mark.parametrize("table", [mediated.VOICE, rated.USAGE, invoices.LINES, reports.TOP_CUSTOMERS])
def test_rows_by_the_declaration_break_nothing(engine: SparkSession, table: Table) -> None:
    assert _broken(_found(engine, table, {})) == {}
    assert _broken(_found(engine, table)) == {}


@pytest.mark.parametrize(
    ("row", "check", "column"),
    [
        ({"served_msisdn": None}, "not_null", "served_msisdn"),
        ({"technology": "6G"}, "allowed_values", "technology"),
        ({"duration_seconds": 0}, "minimum", "duration_seconds"),
        ({"billing_month": "2026-02"}, "schema", "billing_month"),
    ],
)
def test_a_row_against_the_declaration_is_counted(
    engine: SparkSession, row: dict[str, Any], check: str, column: str
) -> None:
    assert _broken(_found(engine, mediated.VOICE, {**_CALL, **row}, _CALL)) == {(check, column): 1}


def test_a_missing_month_is_outside_every_month(engine: SparkSession) -> None:
    found = _broken(_found(engine, mediated.VOICE, {**_CALL, "billing_month": None}))
    assert found == {("schema", "billing_month"): 1, ("not_null", "billing_month"): 1}


def test_null_is_an_allowed_value_where_the_column_may_be_null(engine: SparkSession) -> None:
    assert _broken(_found(engine, rated.USAGE, {"reason": None, "billed_units": None})) == {}


@pytest.mark.parametrize(
    ("cdr_ids", "keys", "rows"),
    [((), 0, 0), (("a", "b"), 0, 0), (("a", "b", "a", "a", "b"), 2, 3), ((None, None), 1, 1)],
)
def test_keys_of_several_rows_are_counted(
    engine: SparkSession, cdr_ids: tuple[str | None, ...], keys: int, rows: int
) -> None:
    frame = frame_of(engine, mediated.VOICE, *({**_CALL, "cdr_id": cdr_id} for cdr_id in cdr_ids))
    assert one(duplicate_keys(mediated.VOICE, frame)) == {"duplicate_key_count": keys, "surplus_row_count": rows}


def test_values_that_refer_to_nothing_are_counted_with_an_example(engine: SparkSession) -> None:
    lines = frame_of(engine, invoices.LINES, *({"customer_id": name} for name in ("C1", "C9", "C9", "C8")))
    customers = frame_of(engine, reference.CUSTOMERS, {"customer_id": "C1"})
    found = one(orphans(invoices.LINES, lines, customers, "customer_id"))
    assert found == {"orphan_value_count": 2, "orphan_row_count": 3, "example": "C8"}


def test_a_null_refers_to_nothing_and_is_no_orphan(engine: SparkSession) -> None:
    lines = frame_of(engine, invoices.LINES, {"plan_code": None})
    found = one(orphans(invoices.LINES, lines, frame_of(engine, reference.RATE_PLANS), "plan_code"))
    assert found == {"orphan_value_count": 0, "orphan_row_count": 0, "example": None}


@pytest.mark.parametrize("table", ALL, ids=lambda table: table.path)
def test_every_foreign_key_refers_to_a_column_of_a_declared_table(table: Table) -> None:
    for column, target in foreign_keys(table).items():
        assert column in target.column_names or len(target.key) == 1, column


def test_a_table_has_the_checks_that_its_declaration_gives() -> None:
    assert checks_of(mediated.VOICE) == ("schema", "key_is_unique", "not_null", "allowed_values", "minimum")
    assert checks_of(raw.CDRS) == ("schema", "key_is_unique", "not_null")
    assert "foreign_keys" in checks_of(invoices.LINES)
