"""Small tables of the tariff: what events are looked up in. Not here: the look-up (`rate`)."""

from datetime import date
from typing import Final

import duckdb

from benchmarks.common.depth import calling_codes, require_plain_tariff
from benchmarks.common.levels import allowance_passes
from benchmarks.common.work import Work

RATE: Final = (
    *("time_band", "rate_zone", "rate_valid_from", "rate_model", "first_increment", "next_increment", "unit_size"),
    *("price", "connect_fee", "minimum_charge", "maximum_charge", "price_e9", "connect_e6", "minimum_e6"),
    *("maximum_e6", "connect_piece", "price_piece"),
)
_DATED: Final = """coalesce(valid_from, DATE '0001-01-01') AS since, coalesce(valid_to, DATE '9999-12-31') AS until"""
# What every charge by a rate has in its breakdown is written once.
_CONNECT_PIECE: Final = """'{"kind":"connect_fee","amount":"' || connect_fee::DECIMAL(24, 12) || '"},'"""
_PRICE_PIECE: Final = """',"price":"' || price::DECIMAL(18, 9) || '","unit_size":' || coalesce(unit_size, 1)
    || ',"amount":"'"""
_TARIFF: Final = {
    "owners": f"""
        SELECT msisdn, customer_id, plan_code, payment_type, currency, prices_include_tax AS is_tax_included, {_DATED}
        FROM ref_subscriptions JOIN ref_rate_plans USING (plan_code) WHERE status = 'active'""",
    "known_numbers": "SELECT DISTINCT msisdn AS known_msisdn FROM ref_subscriptions",
    # What a product is sold for: a traffic class, or being reported.
    "uses": """
        SELECT service_type, use, first(product_code ORDER BY traffic_class IS NULL, product_code) AS product_code,
            bool_or(is_for_roaming) AS is_for_roaming
        FROM (
            SELECT product_code, service_type, traffic_class, traffic_class IS NOT DISTINCT FROM 'roaming'
                AS is_for_roaming, unnest(CASE
                WHEN service_type = 'data' THEN [product_code]
                WHEN traffic_class IS NULL THEN ['onnet', 'offnet', 'fixed', 'special', 'international']
                ELSE [traffic_class] END) AS use
            FROM ref_products
        ) GROUP BY ALL""",
    "tariff": f"""
        SELECT plan_code, product_code, zone, time_band, zone AS rate_zone, valid_from AS rate_valid_from,
            model AS rate_model, coalesce(first_increment, 1) AS first_increment,
            coalesce(next_increment, 1) AS next_increment, coalesce(unit_size, 1) AS unit_size, price,
            coalesce(connect_fee, 0) AS connect_fee, minimum_charge, maximum_charge,
            (price::DECIMAL(38, 9) * 1000000000)::HUGEINT AS price_e9,
            (coalesce(connect_fee, 0)::DECIMAL(38, 6) * 1000000)::HUGEINT AS connect_e6,
            (minimum_charge::DECIMAL(38, 6) * 1000000)::HUGEINT AS minimum_e6,
            (maximum_charge::DECIMAL(38, 6) * 1000000)::HUGEINT AS maximum_e6,
            CASE WHEN connect_fee > 0 THEN {_CONNECT_PIECE} ELSE '' END AS connect_piece,
            {_PRICE_PIECE} AS price_piece, {_DATED}
        FROM ref_rates""",
}


def prepare(connection: duckdb.DuckDBPyConnection, work: Work) -> int:
    """Make the tables; gives the number of passes that allowances take."""
    require_plain_tariff(work)
    for name, query in _TARIFF.items():
        connection.execute(f"CREATE TABLE {name} AS {query}")
    _stored(connection, "calling_codes", "*", calling_codes())
    covered = allowance_passes(work.tables["allowances"], work.tables["products"]["product_code"].to_pylist())
    passes = max(covered["pass"].to_pylist(), default=0)
    columns = ", ".join(
        f"max({column}) FILTER (pass = {number}) AS {name}_{number}"
        for number in range(1, passes + 1)
        for name, column in {"code": "allowance_code", "quantity": "quantity", "period": "period"}.items()
    )
    # A row of any zone holds for each zone that has rows of its own, in the passes that those leave empty.
    _stored(
        connection, "covers", f"plan_code, product_code, zone{', ' * bool(columns)}{columns}", covered, "GROUP BY ALL"
    )
    _place_macros(connection, work)
    return passes


def _stored(connection: duckdb.DuckDBPyConnection, name: str, columns: str, rows: object, clause: str = "") -> None:
    connection.register("arrived", rows)
    connection.execute(f"CREATE TABLE {name} AS SELECT {columns} FROM arrived {clause}")
    connection.unregister("arrived")


def _place_macros(connection: duckdb.DuckDBPyConnection, work: Work) -> None:
    """`era`: the stretch of days without a change of destinations; `lead`: what tells where an event is priced."""
    rows = work.tables["destinations"].to_pylist()
    days = sorted({day for row in rows for day in (row["valid_from"], row["valid_to"]) if isinstance(day, date)})
    longest = max((len(row["prefix"]) for row in rows if row["country_code"] != "SHORT"), default=0)
    choices = " ".join(f"WHEN day >= DATE '{day}' THEN {days.index(day) + 1}" for day in reversed(days))
    connection.execute(f"CREATE MACRO last_era() AS {len(days)}")
    connection.execute(f"CREATE MACRO era(day) AS CASE WHEN day IS NULL THEN NULL {choices} ELSE 0 END")
    connection.execute(
        f"""
        CREATE MACRO lead(called, is_short, is_roaming, plmn) AS
            CASE WHEN is_roaming THEN CASE WHEN regexp_full_match(plmn, '[0-9]{{3,6}}') THEN '@' || plmn[1:3] END
                WHEN is_short THEN '#' || called ELSE called[1:{longest}] END
        """
    )


def place(connection: duckdb.DuckDBPyConnection, month: str) -> None:
    """The longest prefix of each run of leading digits in each era; abroad, of the country's calling code."""
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE places AS
        WITH of_month AS (
            SELECT lead(called_number, is_short_code, is_roaming, serving_plmn) AS lead_digits,
                era(usage_date) AS day_era
            FROM judged WHERE billing_month = '{month}' AND reasons IS NULL
        ), leads AS (
            SELECT lead_digits, day_era, coalesce(code, lead_digits) AS digits
            FROM (SELECT DISTINCT lead_digits FROM of_month WHERE lead_digits IS NOT NULL)
            CROSS JOIN (SELECT DISTINCT day_era FROM of_month)
            LEFT JOIN calling_codes ON lead_digits = '@' || mcc
        ), prefixes AS (
            SELECT CASE WHEN country_code = 'SHORT' THEN '#' || prefix ELSE prefix END AS key, prefix, zone,
                coalesce(era(valid_from), 0) AS first_era, coalesce(era(valid_to), last_era() + 1) AS end_era
            FROM ref_destinations
        ), candidates AS (
            SELECT *, unnest(CASE WHEN digits[1] = '#' THEN [digits]
                ELSE list_transform(range(1, len(digits) + 1), lambda size: digits[1:size]) END) AS key
            FROM leads
        )
        SELECT lead_digits, day_era, max(prefix) AS destination_prefix, arg_max(zone, prefix) AS zone
        FROM candidates JOIN prefixes USING (key)
        WHERE first_era <= day_era AND day_era < end_era
        GROUP BY ALL
        """
    )
