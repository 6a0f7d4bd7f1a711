"""The reports of a month, from the rated usage and the invoices written."""

from typing import Final

import duckdb

from benchmarks.common.work import days_of
from benchmarks.with_duckdb.database import Writer
from benchmarks.with_duckdb.sessions import incomplete_sessions
from telecom_cdr.facts.regions import REGION_BY_CITY
from telecom_cdr.tables.invoices import INVOICES, LINES
from telecom_cdr.tables.rated import USAGE
from telecom_cdr.tables.reports import (
    DAILY_REVENUE,
    INCOMPLETE_SESSIONS,
    PRODUCT_COSTS,
    REGIONAL_DISTRIBUTION,
    REVENUE_BY_PLAN,
    TABLES,
    TOP_CUSTOMERS,
)

_LISTED: Final = 100
_CHARGES: Final = "coalesce(sum(charge_amount::DECIMAL(28, 6)), 0) AS charge_amount"
_UNITS: Final = ("usage_units", "billed_units", "allowance_units", "charged_units")


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """The regions by city."""
    connection.execute("CREATE TABLE regions (city VARCHAR, region VARCHAR)")
    connection.executemany("INSERT INTO regions VALUES (?, ?)", [list(pair) for pair in REGION_BY_CITY.items()])


def report(connection: duckdb.DuckDBPyConnection, writer: Writer, month: str) -> None:
    """Write all reports of one month."""
    for name, table in {"usage": USAGE, "lines": LINES, "invoices": INVOICES}.items():
        connection.execute(f"CREATE OR REPLACE TEMP VIEW of_{name} AS FROM {writer.rows_of(table, month)}")
    connection.execute("CREATE OR REPLACE TEMP VIEW of_rated AS FROM of_usage WHERE status = 'rated'")
    for table, query in {
        REVENUE_BY_PLAN: _revenue_by_plan(),
        TOP_CUSTOMERS: _top_customers(month),
        REGIONAL_DISTRIBUTION: _regional_distribution(),
        PRODUCT_COSTS: _product_costs(),
        DAILY_REVENUE: _daily_revenue(),
        INCOMPLETE_SESSIONS: incomplete_sessions(),
    }.items():
        writer.add(table, month, query)
    writer.commit(*TABLES)


def _revenue_by_plan() -> str:
    kinds = ("recurring", "usage", "discount", "fee")
    sums = ", ".join(f"sum(net_amount) FILTER (line_type = '{kind}') AS {kind}_net_amount" for kind in kinds)
    zeros = ", ".join(
        f"coalesce({name}, 0) AS {name}"
        for name in (
            *("subscriber_count", "event_count", "charge_amount"),
            *(f"{kind}_net_amount" for kind in kinds),
            "net_amount",
        )
    )
    return f"""
        WITH used AS (
            SELECT coalesce(plan_code, 'NONE') AS plan_code, count(DISTINCT served_msisdn) AS subscriber_count,
                count(*) AS event_count, {_CHARGES}, min(currency) AS used_currency
            FROM of_rated GROUP BY ALL
        ), invoiced AS (
            SELECT coalesce(plan_code, 'NONE') AS plan_code, {sums}, sum(net_amount) AS net_amount,
                min(currency) AS invoiced_currency
            FROM of_lines GROUP BY ALL
        )
        SELECT plan_code, coalesce(name, plan_code) AS plan_name, coalesce(payment_type, 'postpaid') AS payment_type,
            {zeros}, coalesce(currency, used_currency, invoiced_currency, 'XXX') AS currency
        FROM used FULL JOIN invoiced USING (plan_code) LEFT JOIN ref_rate_plans USING (plan_code)
    """


def _top_customers(month: str) -> str:
    first, last = days_of(month)
    return f"""
        WITH ranked AS (
            SELECT *, row_number() OVER (ORDER BY total_amount DESC, customer_id) AS rank FROM of_invoices
            ORDER BY total_amount DESC, customer_id LIMIT {_LISTED}
        ), numbers AS (
            SELECT customer_id, served_msisdn AS msisdn FROM of_rated
            WHERE customer_id IN (SELECT customer_id FROM ranked)
            UNION SELECT customer_id, msisdn FROM of_lines WHERE msisdn IS NOT NULL
        ), used AS (
            SELECT customer_id, count(*) AS subscription_count, min(msisdn) AS first_used FROM numbers GROUP BY ALL
        ), active AS (
            SELECT customer_id, min(msisdn) AS first_active FROM ref_subscriptions
            WHERE status = 'active' AND (valid_from IS NULL OR valid_from <= DATE '{last}')
                AND (valid_to IS NULL OR valid_to > DATE '{first}')
            GROUP BY ALL
        )
        SELECT ranked.*, segment, region, coalesce(subscription_count, 0) AS subscription_count,
            CASE WHEN len(shown) > 6 THEN shown[1:4] || '*****' || shown[-2:] WHEN shown IS NOT NULL THEN '*****' END
                AS masked_msisdn
        FROM (SELECT *, coalesce(first_active, first_used) AS shown
            FROM ranked LEFT JOIN used USING (customer_id) LEFT JOIN active USING (customer_id)) AS ranked
        LEFT JOIN ref_customers USING (customer_id)
    """


def _regional_distribution() -> str:
    return f"""
        SELECT coalesce(region, 'UNKNOWN') AS region, service_type, currency,
            count(DISTINCT served_msisdn) AS subscriber_count, sum(event_count) AS event_count,
            sum(usage_units) AS usage_units, sum(charge_amount) AS charge_amount
        FROM (
            SELECT CASE WHEN contains(cell_id, '_') THEN split_part(cell_id, '_', 1) END AS city, service_type,
                currency, served_msisdn, count(*) AS event_count, sum(usage_units) AS usage_units, {_CHARGES}
            FROM of_rated GROUP BY ALL
        ) LEFT JOIN regions USING (city) GROUP BY ALL
    """


def _product_costs() -> str:
    sums = ", ".join(f"sum({name}) AS {name}" for name in _UNITS)
    return f"""
        SELECT *, half_up((charge_amount * 1000000)::HUGEINT, event_count)::DECIMAL(28, 0) * 0.000001::DECIMAL(7, 6)
            AS average_charge
        FROM (
            SELECT plan_code, product_code, service_type, currency, count(*) AS event_count, {sums}, {_CHARGES}
            FROM of_rated GROUP BY ALL
        )
    """


def _daily_revenue() -> str:
    return f"""
        SELECT usage_date, service_type, shown AS currency, sum(event_count) AS event_count,
            sum(unrated_count) AS unrated_count, sum(charge_amount) AS charge_amount
        FROM (
            SELECT *, coalesce(currency, min(currency) OVER (PARTITION BY usage_date, service_type), 'XXX') AS shown
            FROM (
                SELECT usage_date, service_type, currency, count(*) FILTER (status = 'rated') AS event_count,
                    count(*) FILTER (status = 'unrated') AS unrated_count, {_CHARGES}
                FROM of_usage GROUP BY ALL
            )
        ) GROUP BY ALL
    """
