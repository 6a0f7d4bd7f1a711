"""Exports: CSV files that scripts read, and a page that stands by itself."""

import csv
from datetime import date
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from telecom_cdr.errors import LakeError
from telecom_cdr.lakehouse.exports import export_csv, export_page, export_path
from telecom_cdr.lakehouse.month_page import CHART_HEIGHT, render_page
from telecom_cdr.tables import reports
from telecom_cdr.tables.assurance import RECONCILIATION
from telecom_cdr.tables.model import Table
from telecom_cdr.tables.reports import DAILY_REVENUE, REVENUE_BY_PLAN, TOP_CUSTOMERS
from telecom_cdr_tests.table_rows import MONTH, row_of

if TYPE_CHECKING:
    from telecom_cdr.lakehouse.lake import Lake


def _arrow(table: Table, *rows: dict[str, Any]) -> pa.Table:
    return pa.Table.from_pylist([row_of(table, **row) for row in rows], schema=table.arrow_schema)


def _read(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_a_csv_has_every_declared_column_in_order_of_the_key(tmp_path: Path) -> None:
    rows = _arrow(
        TOP_CUSTOMERS,
        {"rank": 2, "customer_id": "C,2", "total_amount": Decimal("0.10")},
        {"rank": 1, "customer_id": 'say "C1"', "segment": None, "region": "Fès-Meknès"},
    )
    path = export_csv(tmp_path, TOP_CUSTOMERS, MONTH, rows)
    assert path == tmp_path / "exports" / MONTH / "top_customers.csv"
    header, first, second = _read(path)
    assert tuple(header) == TOP_CUSTOMERS.column_names
    assert first[:4] == ["1", 'say "C1"', "", "Fès-Meknès"]
    assert (second[1], second[header.index("total_amount")]) == ("C,2", "0.10")


@pytest.mark.parametrize("amount", ["0.000000", "0.000001", "-0.000001", "1234567890123456789012.000000"])
def test_decimals_are_plain_digits(tmp_path: Path, amount: str) -> None:
    path = export_csv(tmp_path, DAILY_REVENUE, MONTH, _arrow(DAILY_REVENUE, {"charge_amount": Decimal(amount)}))
    header, row = _read(path)
    assert row[header.index("charge_amount")] == amount


def test_no_rows_give_the_header_alone(tmp_path: Path) -> None:
    path = export_csv(tmp_path, REVENUE_BY_PLAN, MONTH, _arrow(REVENUE_BY_PLAN))
    assert path.read_text(encoding="utf-8") == ",".join(REVENUE_BY_PLAN.column_names) + "\n"


def test_an_export_replaces_the_one_before_and_leaves_nothing_else(tmp_path: Path) -> None:
    export_csv(tmp_path, REVENUE_BY_PLAN, MONTH, _arrow(REVENUE_BY_PLAN, {"plan_code": "OLD"}))
    path = export_csv(tmp_path, REVENUE_BY_PLAN, MONTH, _arrow(REVENUE_BY_PLAN, {"plan_code": "NEW"}))
    assert "OLD" not in path.read_text(encoding="utf-8")
    assert list(path.parent.iterdir()) == [path]


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    export_path(tmp_path, MONTH, "revenue_by_plan.csv").mkdir(parents=True)
    with pytest.raises(LakeError, match=r"cannot write .*revenue_by_plan\.csv"):
        export_csv(tmp_path, REVENUE_BY_PLAN, MONTH, _arrow(REVENUE_BY_PLAN))
    assert [path.name for path in (tmp_path / "exports" / MONTH).iterdir()] == ["revenue_by_plan.csv"]


class _Outline(HTMLParser):
    """Fails on an element that is not closed, and keeps what a test looks at."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.bars: list[dict[str, str | None]] = []
        self.fault_rows = 0
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "rect":
            self.bars.append(found)
        if tag == "tr" and found.get("class") == "fault":
            self.fault_rows += 1
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += [data.strip()] if data.strip() else []


def _page(**rows: list[dict[str, Any]]) -> _Outline:
    declared = {table.name: table for table in (*reports.TABLES, RECONCILIATION)}
    full = {name: [row_of(table, **row) for row in rows.get(name, [])] for name, table in declared.items()}
    outline = _Outline()
    text = render_page(MONTH, full)
    outline.feed(text)
    outline.close()
    assert outline.open == []
    assert "http" not in text, "the page stands by itself"
    return outline


def test_a_page_without_rows_says_so() -> None:
    assert _page().words.count("No rows.") == 7


def test_a_page_shows_numbers_as_people_read_them_and_text_as_it_is() -> None:
    plan = {"plan_code": "P", "plan_name": "<b>Gold</b>", "net_amount": Decimal("1234567.50"), "currency": "MAD"}
    words = _page(revenue_by_plan=[plan]).words
    assert "<b>Gold</b>" in words
    assert "1,234,567.50" in words
    assert "1,234,567.50 MAD" in words


def test_days_are_stacked_bars_up_to_the_height_of_the_chart() -> None:
    days = [
        {"usage_date": date(2026, 1, 1), "service_type": "voice", "charge_amount": Decimal(6), "currency": "MAD"},
        {"usage_date": date(2026, 1, 1), "service_type": "data", "charge_amount": Decimal(2), "currency": "MAD"},
        {"usage_date": date(2026, 1, 2), "service_type": "sms", "charge_amount": Decimal(4), "currency": "MAD"},
        {"usage_date": date(2026, 1, 3), "service_type": "sms", "charge_amount": Decimal(0), "currency": "MAD"},
    ]
    bars = _page(daily_revenue=days).bars
    assert [(bar["class"], bar["height"], bar["y"]) for bar in bars] == [
        ("voice", "120.0", "40.0"),
        ("data", "40.0", "0.0"),
        ("sms", "80.0", "80.0"),
    ]
    assert CHART_HEIGHT == 160


def test_a_difference_is_marked_and_a_rounding_residue_is_not() -> None:
    residue = {"stage": "rounding", "measure": "money_rounding", "difference": Decimal("0.3")}
    clean = _page(reconciliation=[residue])
    assert clean.fault_rows == 0
    assert any(words.startswith("Every comparison") for words in clean.words)
    spoiled = _page(
        reconciliation=[residue, {"stage": "raw_to_mediated", "measure": "records", "difference": Decimal(1)}]
    )
    assert spoiled.fault_rows == 1
    assert "1 of the comparisons below do not reconcile." in spoiled.words


def test_the_page_of_a_month_is_made_from_the_lake(lake: "Lake") -> None:
    path = export_page(lake.catalog, MONTH)
    assert path == lake.catalog.root / "exports" / MONTH / "index.html"
    assert f"Billing month {MONTH}" in path.read_text(encoding="utf-8")
