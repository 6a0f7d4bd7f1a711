"""Each report from one month that has every kind of row, by DataFrames and by the SQL beside them."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from telecom_cdr.facts.regions import REGION_BY_CITY, region_of_cell
from telecom_cdr.reporting import (
    daily_revenue,
    incomplete_sessions,
    product_costs,
    regional_distribution,
    revenue_by_plan,
    top_customers,
)
from telecom_cdr.reporting.regions import region
from telecom_cdr.reporting.shared import days_of, masked
from telecom_cdr.tables import BY_PATH, reports
from telecom_cdr_tests.reporting.by_sql import SQL, rows_by_sql
from telecom_cdr_tests.reporting.months import BY_TABLE, INVOICES
from telecom_cdr_tests.table_rows import MONTH, frame_of, rows

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

Frames = dict[str, "DataFrame"]


@pytest.fixture(scope="module")
def frames(engine: SparkSession) -> Frames:
    return {path: frame_of(engine, BY_PATH[path], *found) for path, found in BY_TABLE.items()}


@pytest.fixture(scope="module")
def empty(engine: SparkSession) -> Frames:
    return {path: frame_of(engine, BY_PATH[path]) for path in BY_TABLE}


def _report(name: str, frames: Frames) -> "DataFrame":
    rated, lines, invoices = (frames[path] for path in ("rated/usage", "invoices/lines", "invoices/invoices"))
    customers, subscriptions = frames["reference/customers"], frames["reference/subscriptions"]
    made = {
        "revenue_by_plan": lambda: revenue_by_plan(rated, lines, frames["reference/rate_plans"], MONTH),
        "top_customers": lambda: top_customers(invoices, lines, rated, customers, subscriptions, MONTH),
        "regional_distribution": lambda: regional_distribution(rated, MONTH),
        "product_costs": lambda: product_costs(rated, MONTH),
        "daily_revenue": lambda: daily_revenue(rated, MONTH),
        "incomplete_sessions": lambda: incomplete_sessions(rated, MONTH),
    }
    return made[name]()


def _by(found: list[dict[str, Any]], *key: str) -> dict[Any, dict[str, Any]]:
    return {tuple(row[name] for name in key) if len(key) > 1 else row[key[0]]: row for row in found}


def _picked(row: Mapping[str, Any], *names: str) -> tuple[Any, ...]:
    return tuple(row[name] for name in names)


@pytest.mark.parametrize("table", reports.TABLES, ids=lambda table: table.name)
def test_a_report_has_the_declared_columns_and_types(frames: Frames, table: Any) -> None:
    found = _report(table.name, frames).toArrow().schema
    assert tuple(found.names) == table.column_names
    assert [(field.name, field.type) for field in found] == [(item.name, item.type) for item in table.arrow_schema]


@pytest.mark.parametrize("table", reports.TABLES, ids=lambda table: table.name)
def test_a_month_without_anything_gives_an_empty_report(empty: Frames, table: Any) -> None:
    assert rows(_report(table.name, empty)) == []


@pytest.mark.parametrize("table", reports.TABLES, ids=lambda table: table.name)
def test_the_sql_of_a_report_gives_the_same_rows(frames: Frames, table: Any) -> None:
    names, by_sql = rows_by_sql(table.name, frames)
    assert names == table.column_names
    assert _by(by_sql, *table.key) == _by(rows(_report(table.name, frames)), *table.key)


def test_sql_views_are_named_for_the_tables_of_the_lake() -> None:
    views = (SQL / "views.sql").read_text(encoding="utf-8")
    for path in BY_TABLE:
        assert f"VIEW {path.replace('/', '_')} AS\nSELECT * FROM delta_scan('lake/{path}');" in views


def test_revenue_of_a_plan_is_its_charges_beside_its_lines(frames: Frames) -> None:
    found = _by(rows(_report("revenue_by_plan", frames)), "plan_code")
    assert set(found) == {"GOLD", "PRE", "EURO", "SILENT", "NONE"}
    gold = found["GOLD"]
    assert _picked(gold, "plan_name", "subscriber_count", "event_count") == ("Gold", 2, 5)
    assert gold["charge_amount"] == Decimal("0.800005")
    amounts = [gold[f"{kind}_net_amount"] for kind in ("recurring", "usage", "discount", "fee")]
    assert amounts == [Decimal("198.00"), Decimal("0.80"), Decimal("-10.00"), Decimal("5.00")]
    assert gold["net_amount"] == Decimal("192.55")


def test_a_prepaid_plan_has_charges_and_no_invoiced_amount(frames: Frames) -> None:
    prepaid = _by(rows(_report("revenue_by_plan", frames)), "plan_code")["PRE"]
    assert _picked(prepaid, "payment_type", "event_count", "net_amount") == ("prepaid", 1, 0)
    assert prepaid["charge_amount"] == Decimal("0.100001")


def test_lines_without_a_plan_are_not_lost(frames: Frames) -> None:
    found = rows(_report("revenue_by_plan", frames))
    assert _by(found, "plan_code")["NONE"]["net_amount"] == Decimal("2.00")
    assert sum(row["net_amount"] for row in found) == Decimal("243.65")


def test_customers_are_ranked_by_total_then_by_name(frames: Frames) -> None:
    found = sorted(rows(_report("top_customers", frames)), key=lambda row: row["rank"])
    assert [_picked(row, "rank", "customer_id") for row in found] == [(1, "C1"), (2, "C4"), (3, "C5"), (4, "C3")]
    assert _picked(found[0], "segment", "region") == ("consumer", "Rabat-Salé-Kénitra")


def test_the_number_shown_was_active_in_the_month_and_is_masked(frames: Frames) -> None:
    found = _by(rows(_report("top_customers", frames)), "customer_id")
    shown = {customer: row["masked_msisdn"] for customer, row in found.items()}
    assert shown == {"C1": "2126*****94", "C3": "2127*****02", "C4": "*****", "C5": None}
    assert {customer: row["subscription_count"] for customer, row in found.items()} == {
        "C1": 3,
        "C3": 1,
        "C4": 0,
        "C5": 0,
    }


def test_no_more_than_a_hundred_customers_are_listed(engine: SparkSession, frames: Frames) -> None:
    many = [{**INVOICES[0], "customer_id": f"N{number:03}"} for number in range(101)]
    ranked = rows(
        _report("top_customers", {**frames, "invoices/invoices": frame_of(engine, BY_PATH["invoices/invoices"], *many)})
    )
    assert len(ranked) == 100
    assert "N100" not in {row["customer_id"] for row in ranked}


def test_usage_is_spread_over_the_regions_of_the_cells(frames: Frames) -> None:
    found = _by(rows(_report("regional_distribution", frames)), "region", "service_type", "currency")
    assert _picked(found["UNKNOWN", "voice", "MAD"], "event_count", "usage_units") == (2, 122)
    assert found["Fès-Meknès", "voice", "MAD"]["charge_amount"] == Decimal("0.100002")
    assert found["Rabat-Salé-Kénitra", "sms", "MAD"]["subscriber_count"] == 2
    assert sum(row["event_count"] for row in found.values()) == 7


def test_a_cell_stands_in_the_region_that_the_facts_say(engine: SparkSession) -> None:
    unusual = ["UNKNOWN", "RABAT", "rabat_1", "RABAT_1_2", "_1", "", "X_", None]
    cells = [*(f"{city}_07" for city in REGION_BY_CITY), *unusual]
    frame = engine.createDataFrame([(cell,) for cell in cells], "cell string")
    found = rows(frame.select("cell", region(F.col("cell")).alias("region")))
    assert found == [{"cell": cell, "region": region_of_cell(cell)} for cell in cells]


def test_the_average_charge_is_rounded_once_half_up(frames: Frames) -> None:
    found = _by(rows(_report("product_costs", frames)), "plan_code", "product_code")
    voice = found["GOLD", "VOICE"]
    assert _picked(voice, "event_count", "usage_units", "billed_units") == (4, 244, 320)
    assert _picked(voice, "allowance_units", "charged_units") == (80, 240)
    # 0.300005 / 4 = 0.07500125
    assert _picked(voice, "charge_amount", "average_charge") == (Decimal("0.300005"), Decimal("0.075001"))


def test_unrated_events_without_a_currency_count_in_the_first_of_their_day(frames: Frames) -> None:
    found = _by(rows(_report("daily_revenue", frames)), "usage_date", "service_type", "currency")
    assert _picked(found[date(2026, 1, 5), "voice", "EUR"], "event_count", "unrated_count") == (1, 1)
    assert _picked(found[date(2026, 1, 5), "voice", "MAD"], "event_count", "unrated_count") == (3, 1)
    assert _picked(found[date(2026, 1, 7), "voice", "XXX"], "event_count", "unrated_count") == (0, 1)
    assert sum(row["charge_amount"] for row in found.values()) == Decimal("1.000007")


@pytest.mark.parametrize(
    ("number", "shown"),
    [("212612345678", "2126*****78"), ("1234567", "1234*****67"), ("123456", "*****"), ("", "*****"), (None, None)],
)
def test_numbers_are_masked(engine: SparkSession, number: str | None, shown: str | None) -> None:
    frame = engine.createDataFrame([(number,)], "number string")
    assert rows(frame.select(masked(F.col("number")).alias("shown"))) == [{"shown": shown}]


@pytest.mark.parametrize(
    ("month", "days"), [("2026-12", ("2026-12-01", "2027-01-01")), ("2024-02", ("2024-02-01", "2024-03-01"))]
)
def test_a_month_begins_on_its_first_day_and_ends_before_the_next(month: str, days: tuple[str, str]) -> None:
    assert tuple(day.isoformat() for day in days_of(month)) == days
