"""Events of a month to rated usage: small tables of the tariff joined in one stream, allowances by narrow windows."""

import duckdb

from benchmarks.common.work import Work
from benchmarks.with_duckdb.charge import charged
from benchmarks.with_duckdb.database import Writer
from benchmarks.with_duckdb.mediate import is_copy
from benchmarks.with_duckdb.tariff import RATE, place
from telecom_cdr.tables.rated import USAGE


def rate(connection: duckdb.DuckDBPyConnection, work: Work, writer: Writer, month: str, passes: int) -> None:
    """Write rated/usage of one month."""
    connection.execute(f"CREATE OR REPLACE TEMP TABLE parts AS {_parts(month)}")
    place(connection, month)
    priced = _priced(month, passes)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE apart AS {_apart(priced, passes)}")
    writer.add(USAGE, month, charged(priced, passes, work.reference_version))
    writer.commit(USAGE)


def _valid(month: str) -> str:
    return f"judged WHERE billing_month = '{month}' AND reasons IS NULL AND NOT {is_copy('judged')}"


def _parts(month: str) -> str:
    """Parts of sessions: what came before each, the day that its look-ups go by, and its session, by its first part."""
    return f"""
        SELECT file_no, line_no, first(cdr_id) OVER so_far AS session_key, first(usage_date) OVER so_far AS tariff_date,
            coalesce(sum(units) OVER (so_far ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)::BIGINT
                AS session_units_before
        FROM (
            SELECT *, CASE record_type WHEN 'voice' THEN duration_seconds ELSE volume_bytes END AS units
            FROM {_valid(month)} AND record_type != 'sms' AND session_id IS NOT NULL AND sequence_number IS NOT NULL
        )
        WINDOW so_far AS (
            PARTITION BY record_type, served_msisdn, session_id, usage_month,
                CASE record_type WHEN 'voice' THEN called_number ELSE product_code END,
                CASE WHEN is_roaming THEN serving_plmn END
            ORDER BY sequence_number, event_start_utc, cdr_id)
    """


def _events(month: str) -> str:
    return f"""
        SELECT judged.* EXCLUDE (product_code, session_id, sequence_number), record_type AS service_type,
            CASE record_type WHEN 'voice' THEN duration_seconds WHEN 'sms' THEN 1 ELSE volume_bytes END AS usage_units,
            product_code AS reported_product,
            CASE record_type WHEN 'data' THEN duration_seconds END AS session_duration_seconds,
            session_key, session_units_before,
            coalesce(tariff_date, usage_date) AS tariff_date,
            CASE WHEN session_key IS NOT NULL THEN session_id END AS session_id,
            CASE WHEN session_key IS NOT NULL THEN sequence_number END AS sequence_number
        FROM (FROM {_valid(month)}) AS judged LEFT JOIN parts USING (file_no, line_no)
    """


def _priced(month: str, passes: int) -> str:
    """Events with owner, product, destination, rate, billed units and the allowances that cover them."""
    chosen = ", ".join(f"CASE WHEN z.plan_code IS NULL THEN a.{name} ELSE z.{name} END AS {name}" for name in RATE)
    rate_of_rated = ", ".join(f"CASE WHEN reason IS NULL THEN {name} END AS {name}" for name in RATE)
    covers = ", ".join(
        f"coalesce(in_zone.{name}_{number}, anywhere.{name}_{number}) AS {name}_{number}"
        for number in range(1, passes + 1)
        for name in ("code", "quantity", "period")
    )
    return f"""
        WITH events AS ({_events(month)}),
        joined AS (
            SELECT events.*, known_msisdn IS NOT NULL AS is_known, owners.customer_id,
                owners.plan_code, owners.payment_type, owners.currency, owners.is_tax_included,
                uses.product_code AS sold_product, places.destination_prefix, places.zone, {chosen}
            FROM events
            LEFT JOIN known_numbers ON known_msisdn = served_msisdn
            LEFT JOIN owners ON owners.msisdn = served_msisdn AND tariff_date >= owners.since
                AND tariff_date < owners.until
            LEFT JOIN uses ON uses.service_type = events.service_type
                AND uses.use = CASE WHEN events.service_type = 'data' THEN reported_product ELSE traffic_class END
            LEFT JOIN places ON lead_digits = lead(called_number, is_short_code, is_roaming, serving_plmn)
                AND day_era = era(tariff_date)
            LEFT JOIN tariff AS z ON z.plan_code = owners.plan_code AND z.product_code = uses.product_code
                AND z.zone = places.zone AND tariff_date >= z.since AND tariff_date < z.until
            LEFT JOIN (FROM tariff WHERE zone IS NULL) AS a ON a.plan_code = owners.plan_code
                AND a.product_code = uses.product_code AND tariff_date >= a.since AND tariff_date < a.until
                AND NOT (is_roaming AND events.service_type = 'data' AND NOT uses.is_for_roaming)
        ), reasoned AS (
            SELECT *, CASE WHEN NOT is_known THEN 'UNKNOWN_SUBSCRIBER'
                WHEN customer_id IS NULL THEN 'SUBSCRIPTION_NOT_ACTIVE' WHEN sold_product IS NULL THEN 'UNKNOWN_PRODUCT'
                WHEN service_type != 'data' AND NOT is_roaming AND zone IS NULL THEN 'NO_DESTINATION'
                WHEN price IS NULL THEN 'NO_RATE' END AS reason
            FROM joined
        ), of_rated AS (
            SELECT * REPLACE ({rate_of_rated}) FROM reasoned
        )
        SELECT of_rated.*, {_billed_units()} AS billed_units{", " * bool(covers)}{covers}
        FROM of_rated
        LEFT JOIN (FROM covers WHERE zone IS NOT NULL) AS in_zone ON in_zone.plan_code = of_rated.plan_code
            AND in_zone.product_code = sold_product AND in_zone.zone = of_rated.zone
        LEFT JOIN (FROM covers WHERE zone IS NULL) AS anywhere ON anywhere.plan_code = of_rated.plan_code
            AND anywhere.product_code = sold_product
    """


def _billed_units() -> str:
    """Started increments; of a part those that it adds to its session."""

    def started(units: str) -> str:
        beyond = f"({units} - first_increment + next_increment - 1) // next_increment * next_increment"
        return f"""CASE WHEN {units} = 0 THEN 0 WHEN {units} <= first_increment THEN first_increment
            ELSE first_increment + {beyond} END"""

    so_far = started("(session_units_before + usage_units)")
    return f"""CASE WHEN reason IS NOT NULL THEN NULL
        WHEN session_units_before > 0 THEN {so_far} - {started("session_units_before")}
        ELSE {started("usage_units")} END"""


def _apart(priced: str, passes: int) -> str:
    """Events that others decide about: what each pass gives to those that an allowance covers, of each counter in order
    of use, and what the earlier parts of a session are charged.
    """
    numbers = range(1, passes + 1)
    allowances = "".join(f", {name}_{number}" for number in numbers for name in ("code", "quantity", "period"))
    is_covered = "".join(f" OR code_{number} IS NOT NULL" for number in numbers)
    query = f"""
        SELECT file_no, line_no, customer_id, served_msisdn, plan_code, usage_month, usage_date, event_start_utc,
            cdr_id, session_key, sequence_number{allowances}, billed_units AS open_units
        FROM ({priced})
        WHERE billed_units IS NOT NULL AND (session_key IS NOT NULL OR billed_units > 0 AND (false{is_covered}))
    """
    for number in numbers:
        period = f"""CASE period_{number} WHEN 'day' THEN usage_date::VARCHAR
            WHEN 'event' THEN coalesce(session_key, cdr_id) ELSE usage_month END"""
        query = f"""
            SELECT * REPLACE (open_units - used_{number} AS open_units), rest_{number} - used_{number} AS left_{number}
            FROM (SELECT *, least(open_units, coalesce(rest_{number}, 0))::BIGINT AS used_{number} FROM (
                SELECT *, greatest(0, quantity_{number} - coalesce(sum(open_units) OVER counter_{number}, 0))::BIGINT
                    AS rest_{number}
                FROM ({query})
                WINDOW counter_{number} AS (
                    PARTITION BY customer_id, served_msisdn, plan_code, code_{number}, {period}
                    ORDER BY event_start_utc, cdr_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
            ))
        """
    given = "".join(f", used_{number}, left_{number}" for number in numbers)
    in_session = "session_key, sequence_number, event_start_utc, cdr_id, open_units"
    return f"SELECT file_no, line_no, {in_session}{given} FROM ({query})"
