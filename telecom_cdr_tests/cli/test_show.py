"""`show`: rows for people and for scripts. What scripts read is complete, plain and on standard output alone."""

import json
from decimal import Decimal

import pytest

from telecom_cdr import tables
from telecom_cdr.tables.model import Table
from telecom_cdr_tests.builders import a_voice_cdr, write_cdrs
from telecom_cdr_tests.cli.small_lake import MONTH, RECORDS
from telecom_cdr_tests.product import Product


@pytest.mark.parametrize("table", tables.ALL, ids=lambda table: table.path)
def test_csv_has_every_declared_column_of_every_table(billed: Product, table: Table) -> None:
    result = billed.done("show", table.path, "--format", "csv")
    assert result.output.splitlines()[0] == ",".join(table.column_names)
    assert len(result.rows) == billed.catalog.read(table).num_rows
    assert result.errors == ""


def test_no_rows_are_a_header_and_no_error(billed: Product) -> None:
    result = billed.done("show", "rated/usage", "--month", "2025-01", "--format", "csv")
    assert result.output == ",".join(tables.rated.USAGE.column_names) + "\n"
    assert billed.done("show", "rated/usage", "--month", "2025-01", "--format", "json").output == "[]\n"
    assert billed.done("show", "rated/usage", "--where", "record_id=NOBODY", "--format", "csv").rows == []


def test_decimals_are_plain_digits_at_their_scale(billed: Product) -> None:
    rates = billed.done("show", "reference/rates", "--format", "csv").rows
    prices = {row["product_code"]: row["price"] for row in rates}
    assert Decimal(prices["DATA"]) == Decimal("0.000000001")
    assert all(set(price) <= set("0123456789.") for price in prices.values())
    charges = billed.done("show", "rated/usage", "--format", "csv", "--where", "status=rated").rows
    assert {row["record_id"]: row["charge_amount"] for row in charges} == {
        "CALL": "0.600000",
        "MESSAGE": "0.100000",
        "SESSION": "0.002000",
    }


def test_values_are_written_the_same_way_everywhere(billed: Product) -> None:
    (call,) = billed.done("show", "mediated/voice", "--where", "record_id=CALL", "--format", "csv").rows
    assert call["event_start_utc"] == "2026-02-10T10:00:00Z"
    assert call["usage_date"] == "2026-02-10"
    assert call["is_roaming"] == "false"
    assert call["source_node"] == ""
    assert call["duration_seconds"] == "60"


def test_json_keeps_null_true_and_whole_numbers_and_writes_decimals_as_text(billed: Product) -> None:
    output = billed.done("show", "rated/usage", "--where", "record_id=CALL", "--format", "json").output
    (call,) = json.loads(output)
    assert list(call) == list(tables.rated.USAGE.column_names)
    assert call["charge_amount"] == "0.600000"
    assert call["billed_units"] == 60
    assert call["is_tax_included"] is False
    assert call["reason"] is None


def test_a_month_is_that_month_only(billed: Product) -> None:
    assert len(billed.done("show", "raw/cdrs", "--format", "csv").rows) == len(RECORDS)
    march = billed.done("show", "raw/cdrs", "--month", "2026-03", "--format", "csv").rows
    assert [row["record_id"] for row in march] == ["MARCH"]


def test_conditions_narrow_each_other(billed: Product) -> None:
    show = ("show", "rated/usage", "--month", MONTH, "--format", "csv", "--where")
    rated = billed.done(*show, "status=rated").rows
    assert {row["status"] for row in rated} == {"rated"}
    both = billed.done(*show, "status=rated", "--where", "service_type=sms").rows
    assert [row["record_id"] for row in both] == ["MESSAGE"]
    assert billed.done(*show, "reason=").rows == rated


def test_a_value_may_hold_an_equals_sign(billed: Product) -> None:
    assert billed.done("show", "rated/usage", "--format", "csv", "--where", "record_id=a=b").rows == []


@pytest.mark.parametrize("limit", [0, 1, 3])
def test_a_limit_cuts_after_conditions(billed: Product, limit: int) -> None:
    show = ("show", "raw/cdrs", "--where", f"usage_month={MONTH}", "--format")
    assert len(billed.done(*show, "csv", "--limit", str(limit)).rows) == limit
    assert len(json.loads(billed.done(*show, "json", "--limit", str(limit)).output)) == limit


def test_rows_come_in_the_order_of_the_key(billed: Product) -> None:
    rows = billed.done("show", "rated/usage", "--format", "csv").rows
    keys = [row["cdr_id"] for row in rows]
    assert keys == sorted(keys)


def test_a_table_for_people_ends_after_20_rows_and_says_so(tmp_path_factory: pytest.TempPathFactory) -> None:
    product = Product.at(tmp_path_factory.mktemp("many"))
    records = [a_voice_cdr(record_ID=f"R{number:03d}") for number in range(23)]
    write_cdrs(product.root / "in", "day.jsonl", records)
    product.done("ingest", "--from", str(product.root / "in"))
    first = product.done("show", "raw/cdrs")
    assert [f"R{number:03d}" in first.output for number in (0, 19, 20)] == [True, True, False]
    assert "there are more: --limit N shows more than 20 rows, --format csv all of them" in first.errors
    every = product.done("show", "raw/cdrs", "--limit", "100")
    assert "R022" in every.output
    assert every.errors == ""
    assert len(product.done("show", "raw/cdrs", "--format", "csv").rows) == len(records)


def test_what_looks_like_markup_is_shown_as_it_is(tmp_path_factory: pytest.TempPathFactory) -> None:
    product = Product.at(tmp_path_factory.mktemp("markup"))
    write_cdrs(product.root / "in", "day.jsonl", [a_voice_cdr(record_ID="[bold]x[/bold]")])
    product.done("ingest", "--from", str(product.root / "in"))
    assert "[bold]x[/bold]" in product.done("show", "raw/cdrs").output
    assert "[bold]x[/bold]" in product.done("explain", "[bold]x[/bold]").output


def test_a_row_far_wider_than_the_screen_is_shown_as_lines_of_what_it_holds(billed: Product) -> None:
    lines = billed.done("show", "rated/usage", "--where", "record_id=CALL").output.splitlines()
    assert lines[0] == "row 1"
    shown = dict(line.split(None, 1) for line in lines[1:])
    assert shown["charge_amount"] == "0.600000"
    assert "reason" not in shown


def test_a_reader_that_goes_away_gets_no_words_about_it(billed: Product) -> None:
    process = billed.start("show", "reference/destinations", "--format", "csv")
    assert process.stdout is not None
    process.stdout.close()
    process.wait(60)
    assert process.stderr is not None
    assert process.stderr.read() == ""
    process.stderr.close()
