"""What a run leaves in Dagster: row counts, sums, versions, seconds, a masked preview, and the outcome of checks."""

import os
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from unittest import mock

import pytest
from dagster import AssetCheckKey, AssetKey, AssetMaterialization, DagsterInstance

from telecom_cdr.lakehouse.month_checks import CHECKED, blocking_checks
from telecom_cdr.tables import BY_PATH
from telecom_cdr.tables.model import Table
from telecom_cdr.tables.raw import CDRS
from telecom_cdr_tests.defs.conftest import MONTHS
from telecom_cdr_tests.product import Product

MADE = [table for table in CHECKED if table is not CDRS] + [BY_PATH["assurance/reconciliation"]]
_WHOLE_NUMBER = re.compile(r"(?<!\d)(?:212|0)[5-8]\d{8}(?!\d)")


@pytest.fixture
def instance(billed: Product) -> Iterator[DagsterInstance]:
    """Dagster's history of the billed lake."""
    with mock.patch.dict(os.environ, billed.settings), DagsterInstance.get() as opened:
        yield opened


def _materialisations(instance: DagsterInstance, table: Table) -> dict[str | None, AssetMaterialization]:
    """The newest of each month."""
    records = instance.fetch_materializations(AssetKey([table.layer, table.name]), limit=100).records
    found = [record.asset_materialization for record in reversed(records)]
    return {event.partition: event for event in found if event is not None}


def _values(event: AssetMaterialization) -> dict[str, Any]:
    return {name: entry.value for name, entry in event.metadata.items()}


@pytest.mark.parametrize("table", MADE, ids=lambda table: table.path)
def test_a_run_tells_what_each_table_holds(billed: Product, instance: DagsterInstance, table: Table) -> None:
    events = _materialisations(instance, table)
    assert set(events) == set(MONTHS)
    for month in MONTHS:
        values = _values(events[month])
        assert values["dagster/row_count"] == billed.catalog.read(table, month).num_rows
        # A month without rows in a table without rows makes no commit.
        least = 1 if values["dagster/row_count"] else 0
        assert least <= values["delta_version"] <= billed.catalog.delta(table).version()
        assert values["seconds"] > 0


@pytest.mark.parametrize("table", MADE, ids=lambda table: table.path)
def test_a_preview_shows_rows_and_no_whole_phone_number(instance: DagsterInstance, table: Table) -> None:
    for event in _materialisations(instance, table).values():
        values = _values(event)
        lines = values["preview"].splitlines()
        assert lines[0].startswith(f"| {table.column_names[0]} |")
        assert len(lines) == 2 + min(5, values["dagster/row_count"])
        for column in (column.name for column in table.columns if column.personal):
            position = lines[0].split(" | ").index(column) if column in lines[0].split(" | ") else None
            for line in lines[2:]:
                if position is not None:
                    assert not _WHOLE_NUMBER.search(line.split(" | ")[position])


def test_no_metadata_of_any_asset_shows_a_subscriber(billed: Product, instance: DagsterInstance) -> None:
    numbers = set(billed.rows("mediated/voice")["served_msisdn"].to_pylist())
    numbers |= set(billed.rows("rated/usage")["served_msisdn"].to_pylist())
    assert numbers
    for table in (*MADE, CDRS):
        for event in _materialisations(instance, table).values():
            text = " ".join(str(value) for value in _values(event).values())
            assert not [number for number in numbers if number in text], table.path


def test_sums_of_money_are_those_of_the_table(billed: Product, instance: DagsterInstance) -> None:
    for month, event in _materialisations(instance, BY_PATH["invoices/lines"]).items():
        net = sum(billed.catalog.read(BY_PATH["invoices/lines"], month)["net_amount"].to_pylist())
        assert Decimal(str(_values(event)["total_net"])) == net


def test_an_ingest_reports_every_month_that_it_touched(billed: Product, instance: DagsterInstance) -> None:
    events = _materialisations(instance, CDRS)
    assert set(events) == set(billed.catalog.months(CDRS))
    for month, event in events.items():
        assert _values(event)["dagster/row_count"] == billed.catalog.read(CDRS, month).num_rows
    assert sum(_values(event)["new_records"] for event in events.values()) == 300


def test_every_blocking_check_of_every_month_passed_in_dagster_too(instance: DagsterInstance) -> None:
    for table in CHECKED:
        if table is CDRS:
            continue
        for name in blocking_checks(table):
            key = AssetCheckKey(AssetKey([table.layer, table.name]), name)
            records = instance.event_log_storage.get_asset_check_execution_history(key, limit=10)
            assert len(records) == len(MONTHS), (table.path, name)
            for record in records:
                assert record.event is not None
                event = record.event.dagster_event
                assert event is not None
                assert event.asset_check_evaluation_data.passed
