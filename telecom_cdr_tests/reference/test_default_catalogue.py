"""The default catalogue: valid, as its writer makes it, and complete."""

import itertools
from pathlib import Path
from typing import Any

import phonenumbers
import pytest

from telecom_cdr.facts.numbering_plan import COUNTRY_CODES, operator_of
from telecom_cdr.reference.database import load, read_snapshot
from telecom_cdr.reference.default_catalogue.files import GENERATED, csv_text
from telecom_cdr.reference.validation import read_reference

Tables = dict[str, list[dict[str, Any]]]
DIRECTORY = Path(__file__).parents[2] / "sql" / "reference"


@pytest.fixture(scope="module")
def tables() -> Tables:
    data = read_reference(DIRECTORY)
    assert data.ignored_files == ()
    return {name: rows.to_pylist() for name, rows in data.tables.items()}


def test_it_loads_into_each_database(database_url: str) -> None:
    result = load(DIRECTORY, database_url)
    assert (result.version, result.counts["customers"]) == (1, 2000)
    assert read_snapshot(database_url).tables["rates"].num_rows == result.counts["rates"]


@pytest.mark.parametrize("name", GENERATED)
def test_the_written_files_are_not_stale(name: str) -> None:
    message = "run `python -m telecom_cdr.reference.default_catalogue`"
    assert (DIRECTORY / name).read_text(encoding="utf-8") == csv_text(name), message


def test_every_country_calling_code_has_a_destination(tables: Tables) -> None:
    assert {row["prefix"] for row in tables["destinations"]} >= COUNTRY_CODES


def test_every_plan_prices_every_product_and_zone(tables: Tables) -> None:
    priced = {(row["plan_code"], row["product_code"], row["zone"]) for row in tables["rates"]}
    zones = {row["zone"] for row in tables["destinations"]}
    abroad = {zone for zone in zones if zone.startswith("INTL_")}
    for plan, product in itertools.product(tables["rate_plans"], tables["products"]):
        reached = abroad if product["traffic_class"] == "international" else zones - abroad
        needed = reached if product["service_type"] != "data" else {None}
        for zone in needed:
            key = (plan["plan_code"], product["product_code"])
            assert {(*key, zone), (*key, None)} & priced, (*key, zone)


def test_it_has_a_plan_of_each_kind(tables: Tables) -> None:
    plans = tables["rate_plans"]
    assert {plan["payment_type"] for plan in plans} == {"postpaid", "prepaid"}
    assert {plan["prices_include_tax"] for plan in plans} == {True, False}
    assert {row["period"] for row in tables["allowances"]} == {"event", "day", "month"}
    increments = {(row["first_increment"], row["next_increment"]) for row in tables["rates"]}
    assert {(1, 1), (60, 20)} <= increments


def test_its_numbers_are_valid_and_mostly_of_the_home_operator(tables: Tables) -> None:
    numbers = {row["msisdn"] for row in tables["subscriptions"]}
    assert len(numbers) > 2000
    assert all(phonenumbers.is_valid_number(phonenumbers.parse(f"+{number}")) for number in numbers)
    assert sum(operator_of(number) == "Maroc Telecom" for number in numbers) > 0.85 * len(numbers)


def test_every_number_is_active_at_some_time_and_some_are_suspended_terminated_or_change_hands(tables: Tables) -> None:
    rows = tables["subscriptions"]
    assert {row["status"] for row in rows} == {"active", "suspended", "terminated"}
    owners = {(row["msisdn"], row["customer_id"]) for row in rows}
    assert len(owners) > len({row["msisdn"] for row in rows})
    assert {row["tax_exempt"] for row in tables["customers"]} == {True, False}
