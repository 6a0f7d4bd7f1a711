"""Events of a month to rated usage: small tables of the tariff joined in one stream, allowances by narrow windows."""

from datetime import date
from typing import Final

import duckdb

from benchmarks.common.levels import allowance_passes
from benchmarks.common.work import Work
from benchmarks.with_duckdb.database import Writer
from benchmarks.with_duckdb.mediate import is_copy
from telecom_cdr.tables.rated import USAGE

_RATE: Final = (
    *("time_band", "rate_zone", "rate_valid_from", "rate_model", "first_increment", "next_increment", "unit_size"),
    *("price", "connect_fee", "minimum_charge", "maximum_charge", "price_e9", "connect_e6", "minimum_e6"),
    "maximum_e6",
)
_DATED: Final = """coalesce(valid_from, DATE '0001-01-01') AS since, coalesce(valid_to, DATE '9999-12-31') AS until"""
_TARIFF: Final = {
    "owners": f"""
        SELECT msisdn, customer_id, plan_code, payment_type, currency, prices_include_tax AS is_tax_included, {_DATED}
        FROM ref_subscriptions JOIN ref_rate_plans USING (plan_code) WHERE status = 'active'""",
    "known_numbers": "SELECT DISTINCT msisdn AS known_msisdn FROM ref_subscriptions",
    # What a product is sold for: a traffic class, or the reported product at home or abroad.
    "uses": """
        SELECT service_type, use, first(product_code ORDER BY traffic_class IS NULL, product_code) AS product_code
        FROM (
            SELECT product_code, service_type, traffic_class, unnest(CASE
                WHEN service_type = 'data' AND traffic_class = 'roaming'
                    THEN ['home/' || product_code, 'roaming/' || product_code]
                WHEN service_type = 'data' THEN ['home/' || product_code]
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
            (maximum_charge::DECIMAL(38, 6) * 1000000)::HUGEINT AS maximum_e6, {_DATED}
        FROM ref_rates""",
}


def prepare(connection: duckdb.DuckDBPyConnection, work: Work) -> int:
    """Small tables of the tariff; gives the number of passes that allowances take."""
    for name, query in _TARIFF.items():
        connection.execute(f"CREATE TABLE {name} AS {query}")
    covered = allowance_passes(work.tables["allowances"], work.tables["products"]["product_code"].to_pylist())
    passes = max(covered["pass"].to_pylist(), default=0)
    columns = ", ".join(
        f"max({column}) FILTER (pass = {number}) AS {name}_{number}"
        for number in range(1, passes + 1)
        for name, column in {"code": "allowance_code", "quantity": "quantity", "period": "period"}.items()
    )
    connection.register("covered", covered)
    # A row of any zone holds for each zone that has rows of its own, in the passes that those leave empty.
    connection.execute(
        f"CREATE TABLE covers AS SELECT plan_code, product_code, zone{', ' * bool(columns)}{columns}"
        " FROM covered GROUP BY ALL"
    )
    connection.unregister("covered")
    return passes


def rate(connection: duckdb.DuckDBPyConnection, work: Work, writer: Writer, month: str, passes: int) -> None:
    """Write rated/usage of one month."""
    _place(connection, work, month)
    priced = _priced(month, passes)
    if passes:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE free AS {_free_units(priced, passes)}")
    writer.add(USAGE, month, _charged(priced, passes, work.reference_version))
    writer.commit(USAGE)


def _events(month: str) -> str:
    return f"""
        SELECT *, record_type AS service_type,
            CASE record_type WHEN 'voice' THEN duration_seconds WHEN 'sms' THEN 1 ELSE volume_bytes END AS usage_units,
            product_code AS reported_product
        FROM judged WHERE billing_month = '{month}' AND reasons IS NULL AND NOT {is_copy("judged")}
    """


def _place(connection: duckdb.DuckDBPyConnection, work: Work, month: str) -> None:
    """The longest prefix of each run of leading digits in each stretch of days without a change of destinations."""
    rows = work.tables["destinations"].to_pylist()
    days = sorted({day for row in rows for day in (row["valid_from"], row["valid_to"]) if isinstance(day, date)})
    longest = max((len(row["prefix"]) for row in rows if row["country_code"] != "SHORT"), default=0)
    connection.execute(f"CREATE OR REPLACE MACRO era(day) AS {_era(days)}")
    connection.execute(
        "CREATE OR REPLACE MACRO lead(called, is_short) AS"
        f" CASE WHEN is_short THEN '#' || called ELSE called[1:{longest}] END"
    )
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE places AS
        WITH leads AS (
            SELECT DISTINCT lead(called_number, is_short_code) AS lead_digits, era(usage_date) AS day_era
            FROM judged WHERE billing_month = '{month}' AND called_number IS NOT NULL
        ), prefixes AS (
            SELECT CASE WHEN country_code = 'SHORT' THEN '#' || prefix ELSE prefix END AS key, prefix, zone,
                coalesce(era(valid_from), 0) AS first_era, coalesce(era(valid_to), {len(days) + 1}) AS end_era
            FROM ref_destinations
        ), candidates AS (
            SELECT *, unnest(CASE WHEN lead_digits[1] = '#' THEN [lead_digits]
                ELSE list_transform(range(1, len(lead_digits) + 1), lambda size: lead_digits[1:size]) END) AS key
            FROM leads
        )
        SELECT lead_digits, day_era, max(prefix) AS destination_prefix, arg_max(zone, prefix) AS zone
        FROM candidates JOIN prefixes USING (key)
        WHERE first_era <= day_era AND day_era < end_era
        GROUP BY ALL
        """
    )


def _era(days: list[date]) -> str:
    choices = " ".join(f"WHEN day >= DATE '{day}' THEN {days.index(day) + 1}" for day in reversed(days))
    return f"CASE WHEN day IS NULL THEN NULL {choices} ELSE 0 END"


def _priced(month: str, passes: int) -> str:
    """Events with owner, product, destination, rate, billed units and the allowances that cover them."""
    chosen = ", ".join(f"CASE WHEN z.plan_code IS NULL THEN a.{name} ELSE z.{name} END AS {name}" for name in _RATE)
    rate_of_rated = ", ".join(f"CASE WHEN reason IS NULL THEN {name} END AS {name}" for name in _RATE)
    covers = ", ".join(
        f"coalesce(in_zone.{name}_{number}, anywhere.{name}_{number}) AS {name}_{number}"
        for number in range(1, passes + 1)
        for name in ("code", "quantity", "period")
    )
    beyond = "(usage_units - first_increment + next_increment - 1) // next_increment * next_increment"
    return f"""
        WITH events AS ({_events(month)}),
        joined AS (
            SELECT events.* EXCLUDE (product_code), known_msisdn IS NOT NULL AS is_known, owners.customer_id,
                owners.plan_code, owners.payment_type, owners.currency, owners.is_tax_included,
                uses.product_code AS sold_product, places.destination_prefix, places.zone, {chosen}
            FROM events
            LEFT JOIN known_numbers ON known_msisdn = served_msisdn
            LEFT JOIN owners ON owners.msisdn = served_msisdn AND usage_date >= owners.since
                AND usage_date < owners.until
            LEFT JOIN uses ON uses.service_type = events.service_type AND uses.use = CASE
                WHEN events.service_type != 'data' THEN traffic_class
                WHEN is_roaming THEN 'roaming/' || reported_product ELSE 'home/' || reported_product END
            LEFT JOIN places ON lead_digits = lead(called_number, is_short_code) AND day_era = era(usage_date)
            LEFT JOIN tariff AS z ON z.plan_code = owners.plan_code AND z.product_code = uses.product_code
                AND z.zone = places.zone AND usage_date >= z.since AND usage_date < z.until
            LEFT JOIN (FROM tariff WHERE zone IS NULL) AS a ON a.plan_code = owners.plan_code
                AND a.product_code = uses.product_code AND usage_date >= a.since AND usage_date < a.until
        ), reasoned AS (
            SELECT *, CASE WHEN NOT is_known THEN 'UNKNOWN_SUBSCRIBER'
                WHEN customer_id IS NULL THEN 'SUBSCRIPTION_NOT_ACTIVE' WHEN sold_product IS NULL THEN 'UNKNOWN_PRODUCT'
                WHEN service_type != 'data' AND zone IS NULL THEN 'NO_DESTINATION' WHEN price IS NULL THEN 'NO_RATE'
                END AS reason
            FROM joined
        ), of_rated AS (
            SELECT * REPLACE ({rate_of_rated}) FROM reasoned
        )
        SELECT of_rated.*, CASE WHEN reason IS NOT NULL THEN NULL WHEN usage_units = 0 THEN 0
            WHEN usage_units <= first_increment THEN first_increment
            ELSE first_increment + {beyond} END AS billed_units{", " * bool(covers)}{covers}
        FROM of_rated
        LEFT JOIN (FROM covers WHERE zone IS NOT NULL) AS in_zone ON in_zone.plan_code = of_rated.plan_code
            AND in_zone.product_code = sold_product AND in_zone.zone = of_rated.zone
        LEFT JOIN (FROM covers WHERE zone IS NULL) AS anywhere ON anywhere.plan_code = of_rated.plan_code
            AND anywhere.product_code = sold_product
    """


def _free_units(priced: str, passes: int) -> str:
    """Units that each pass gives to the events that any allowance covers: of each counter, in order of use."""
    numbers = range(1, passes + 1)
    allowances = ", ".join(f"{name}_{number}" for number in numbers for name in ("code", "quantity", "period"))
    is_covered = " OR ".join(f"code_{number} IS NOT NULL" for number in numbers)
    query = f"""
        SELECT file_no, line_no, customer_id, served_msisdn, plan_code, usage_month, usage_date, event_start_utc,
            cdr_id, {allowances}, billed_units AS open_units
        FROM ({priced}) WHERE billed_units > 0 AND ({is_covered})
    """
    for number in numbers:
        period = f"CASE WHEN period_{number} = 'day' THEN usage_date::VARCHAR ELSE usage_month END"
        query = f"""
            SELECT * REPLACE (open_units - used_{number} AS open_units) FROM (
                SELECT *, CASE WHEN code_{number} IS NULL THEN 0 ELSE least(open_units, greatest(0, quantity_{number}
                    - CASE WHEN period_{number} = 'event' THEN 0 ELSE coalesce(sum(open_units) OVER counter_{number}, 0)
                    END)) END::BIGINT AS used_{number}
                FROM ({query})
                WINDOW counter_{number} AS (
                    PARTITION BY customer_id, served_msisdn, plan_code, code_{number}, {period}
                    ORDER BY event_start_utc, cdr_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
            )
        """
    used = ", ".join(f"used_{number}" for number in numbers)
    return f"SELECT file_no, line_no, {used} FROM ({query})"


def _charged(priced: str, passes: int, reference_version: int) -> str:
    numbers = range(1, passes + 1)
    given = " + ".join(f"coalesce(used_{number}, 0)" for number in numbers) or "0"
    words = ", ".join(
        f"CASE WHEN used_{number} > 0 THEN code_{number} || '=' || used_{number} END" for number in numbers
    )
    used = f"nullif(concat_ws(',', {words}), '')" if passes else "NULL"
    return f"""
        SELECT *, coalesce(sold_product, reported_product) AS product_code,
            CASE WHEN reason IS NULL THEN 'rated' ELSE 'unrated' END AS status,
            CASE WHEN charged_units = 0 THEN 0
                ELSE least(greatest(units_e6 + connect_e6, minimum_e6), maximum_e6)::DECIMAL(24, 0)
                    * 0.000001::DECIMAL(7, 6) END AS charge_amount,
            {reference_version} AS reference_version
        FROM (
            SELECT *, half_up(charged_units * price_e9, unit_size * 1000) AS units_e6
            FROM (
                SELECT *, CASE WHEN billed_units IS NOT NULL THEN {given} END AS allowance_units,
                    {used} AS allowances_used, billed_units - ({given}) AS charged_units
                FROM ({priced}) {"LEFT JOIN free USING (file_no, line_no)" if passes else ""}
            )
        )
    """
