"""Rated usage of a month to invoice lines and invoices: sums first, then whole cents over few rows."""

from typing import Final

import duckdb

from benchmarks.common.work import Work, days_of, standard_tax_rate
from benchmarks.with_duckdb.database import Writer
from telecom_cdr.tables.invoices import INVOICES, LINES
from telecom_cdr.tables.rated import USAGE

_ONE: Final = 1_000_000
_KEYS: Final = (
    "customer_id",
    "billing_month",
    "line_type",
    "plan_code",
    "product_code",
    "msisdn",
    "code",
    "usage_month",
)
_EMPTY: Final = """NULL::VARCHAR AS product_code, NULL::VARCHAR AS msisdn, 0 AS event_count,
    NULL::BIGINT AS billed_units, NULL::DECIMAL(28, 6) AS unrounded_amount"""


def bill(connection: duckdb.DuckDBPyConnection, work: Work, writer: Writer, month: str) -> None:
    """Write invoices/lines and invoices/invoices of one month."""
    _entries(connection, writer, month)
    _discounts(connection, month)
    _due_fees(connection)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE lines AS {_lines(month, standard_tax_rate(work, month))}")
    writer.add(LINES, month, _declared_lines())
    writer.add(INVOICES, month, _invoices(month))
    writer.commit(LINES, INVOICES)


def _entries(connection: duckdb.DuckDBPyConnection, writer: Writer, month: str) -> None:
    """Usage by product, and numbers in service; postpaid only. Amounts in cents."""
    first, last = days_of(month)
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE used AS
        SELECT customer_id, plan_code, served_msisdn, product_code, usage_month, count(*) AS event_count,
            sum(billed_units) AS billed_units, sum(charge_amount::DECIMAL(28, 6)) AS charge
        FROM {writer.rows_of(USAGE, month)} WHERE status = 'rated' AND payment_type = 'postpaid' GROUP BY ALL
        """
    )
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE entries AS
        SELECT customer_id, plan_code, true AS is_usage, NULL::VARCHAR AS msisdn, product_code, usage_month,
            true AS has_usage,
            sum(event_count)::BIGINT AS event_count, sum(billed_units)::BIGINT AS billed_units,
            sum(charge)::DECIMAL(28, 6) AS unrounded_amount,
            half_up((sum(charge) * 1000000)::HUGEINT, 10000)::BIGINT AS cents
        FROM used GROUP BY ALL
        UNION ALL
        SELECT DISTINCT customer_id, plan_code, false, msisdn, NULL, '{month}',
            (customer_id, plan_code, msisdn) IN (SELECT (customer_id, plan_code, served_msisdn) FROM used),
            0, NULL::BIGINT, NULL::DECIMAL(28, 6), (monthly_fee * 100)::BIGINT
        FROM ref_subscriptions JOIN ref_rate_plans USING (plan_code)
        WHERE payment_type = 'postpaid' AND status = 'active'
            AND (valid_from IS NULL OR valid_from <= DATE '{last}') AND (valid_to IS NULL OR valid_to > DATE '{first}')
        """
    )


def _discounts(connection: duckdb.DuckDBPyConnection, month: str) -> None:
    """Shares of each discount by plan, in cents: usage discounts at once, invoice discounts one after the other."""
    last = days_of(month)[1]
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE granted_to AS
        SELECT d.* EXCLUDE (customer_id, percent, amount, minimum_spend), customers.customer_id,
            (percent * 1000000)::HUGEINT AS percent_e6, (amount * 100)::BIGINT AS amount_cents,
            (minimum_spend * 100)::BIGINT AS minimum_cents,
            row_number() OVER (PARTITION BY customers.customer_id, applies_to ORDER BY discount_code) AS turn
        FROM ref_discounts AS d JOIN ref_customers AS customers
            ON (d.customer_id IS NULL OR d.customer_id = customers.customer_id)
            AND (d.segment IS NULL OR d.segment = customers.segment)
        WHERE (valid_from IS NULL OR valid_from <= DATE '{last}') AND (valid_to IS NULL OR valid_to > DATE '{last}')
        """
    )
    matched = """
        SELECT customer_id, discount_code, entries.plan_code, sum(cents)::HUGEINT AS part
        FROM entries JOIN granted_to AS g USING (customer_id)
        WHERE is_usage AND applies_to = 'usage' AND coalesce(g.plan_code = entries.plan_code, true)
            AND coalesce(g.product_code = entries.product_code, true)
        GROUP BY ALL
    """
    connection.execute(f"CREATE OR REPLACE TEMP TABLE shares AS {_shares(matched, 'usage')}")
    turns = connection.execute("SELECT max(turn) FROM granted_to WHERE applies_to = 'invoice'").fetchone()
    for turn in range(1, ((turns and turns[0]) or 0) + 1):
        left = f"""
            SELECT customer_id, discount_code, balance.plan_code, part FROM (
                SELECT customer_id, plan_code, sum(cents)::HUGEINT AS part FROM (
                    SELECT customer_id, plan_code, cents FROM entries WHERE is_usage OR cents != 0
                    UNION ALL SELECT customer_id, plan_code, -cents FROM shares
                ) GROUP BY ALL
            ) AS balance JOIN granted_to AS g USING (customer_id)
            WHERE applies_to = 'invoice' AND turn = {turn} AND coalesce(g.plan_code = balance.plan_code, true)
        """
        connection.execute(f"INSERT INTO shares {_shares(left, 'invoice')}")


def _shares(parts: str, target: str) -> str:
    """Each plan's share of what a discount takes; what rounding leaves goes to the largest part."""
    return f"""
        WITH parts AS ({parts}), bases AS (
            SELECT *, sum(part) OVER whole AS base FROM parts WINDOW whole AS (PARTITION BY customer_id, discount_code)
        ), granted AS (
            SELECT bases.*, least(base, CASE WHEN percent_e6 IS NOT NULL THEN half_up(base * percent_e6, 100000000)
                ELSE amount_cents END)::HUGEINT AS granted
            FROM bases JOIN granted_to USING (customer_id, discount_code)
            WHERE applies_to = '{target}' AND base > 0 AND coalesce(base >= minimum_cents, true)
        ), rounded AS (
            SELECT *, half_up(granted * part, base) AS share,
                row_number() OVER (PARTITION BY customer_id, discount_code ORDER BY part DESC, plan_code) AS place
            FROM granted
        )
        SELECT customer_id, plan_code, discount_code, '{target}' AS target, cents FROM (
            SELECT *, (share + CASE WHEN place = 1
                THEN granted - sum(share) OVER (PARTITION BY customer_id, discount_code) ELSE 0 END)::BIGINT AS cents
            FROM rounded
        ) WHERE cents != 0
    """


def _due_fees(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        """
        CREATE OR REPLACE TEMP TABLE due_fees AS
        WITH of_subscriptions AS (
            SELECT customer_id, entries.plan_code, msisdn, fee_code, amount, taxable FROM entries JOIN ref_fees AS f
                ON per = 'subscription' AND coalesce(f.plan_code = entries.plan_code, true)
            WHERE NOT is_usage AND amount != 0 AND (has_usage OR NOT only_with_usage)
        ), plans AS (
            SELECT customer_id, plan_code, bool_or(is_usage) AS has_plan_usage,
                bool_or(bool_or(is_usage)) OVER whole AS has_any_usage,
                min(plan_code) FILTER (bool_or(is_line)) OVER whole AS first_plan, bool_or(is_line) AS has_line
            FROM (
                SELECT customer_id, plan_code, is_usage, is_usage OR cents != 0 AS is_line FROM entries
                UNION ALL SELECT customer_id, plan_code, false, true FROM of_subscriptions
            )
            GROUP BY customer_id, plan_code WINDOW whole AS (PARTITION BY customer_id)
        )
        FROM of_subscriptions
        UNION ALL
        SELECT customer_id, plans.plan_code, NULL, fee_code, amount, taxable FROM plans JOIN ref_fees AS f
            ON per = 'invoice' AND has_line
            AND CASE WHEN f.plan_code IS NULL
                THEN plans.plan_code = first_plan AND (has_any_usage OR NOT only_with_usage)
                ELSE plans.plan_code = f.plan_code AND (has_plan_usage OR NOT only_with_usage) END
        WHERE amount != 0
        """
    )


def _lines(month: str, tax_rate: int) -> str:
    """Every line with its number, tax rate in millionths, and net in cents."""
    order = "section, coalesce(code, ''), plan_code, coalesce(msisdn, ''), coalesce(product_code, ''), usage_month"
    return f"""
        WITH made AS (
            SELECT customer_id, plan_code, is_usage::INTEGER AS section,
                CASE WHEN is_usage THEN 'usage' ELSE 'recurring' END AS line_type, product_code, msisdn, event_count,
                billed_units, unrounded_amount, NULL::VARCHAR AS code, usage_month, true AS is_taxed, cents,
                CASE WHEN is_usage THEN {_description()} ELSE 'Monthly fee, ' || p.name END AS description
            FROM entries JOIN ref_rate_plans AS p USING (plan_code) LEFT JOIN ref_products USING (product_code)
            WHERE is_usage OR cents != 0
            UNION ALL BY NAME
            SELECT customer_id, plan_code, CASE target WHEN 'usage' THEN 2 ELSE 3 END AS section,
                'discount' AS line_type, {_EMPTY}, discount_code AS code, '{month}' AS usage_month, true AS is_taxed,
                -cents AS cents, 'Discount ' || discount_code AS description
            FROM shares
            UNION ALL BY NAME
            SELECT customer_id, plan_code, 4 AS section, 'fee' AS line_type,
                {_EMPTY.replace("NULL::VARCHAR AS msisdn", "msisdn")},
                fee_code AS code, '{month}' AS usage_month, taxable AS is_taxed, (amount * 100)::BIGINT AS cents,
                'Fee ' || fee_code AS description
            FROM due_fees
        ), numbered AS (
            SELECT made.*, currency, prices_include_tax AS is_tax_included, '{month}' AS billing_month,
                row_number() OVER (PARTITION BY customer_id ORDER BY {order}) AS line_number,
                CASE WHEN is_taxed THEN {tax_rate} ELSE 0 END::BIGINT AS rate_e6
            FROM made JOIN ref_rate_plans USING (plan_code)
        ), netted AS (
            SELECT *, half_up(cents * {_ONE}::HUGEINT, {_ONE} + rate_e6)::BIGINT AS without_tax FROM numbered
        ), grouped AS (
            SELECT *, sum(cents) OVER same_tax AS gross, sum(without_tax) OVER same_tax AS nets,
                row_number() OVER (same_tax ORDER BY abs(cents) DESC, line_number) AS place
            FROM netted WINDOW same_tax AS (PARTITION BY customer_id, is_tax_included, rate_e6)
        )
        SELECT *, CASE WHEN NOT is_tax_included THEN cents
            WHEN place = 1 THEN without_tax + gross - half_up(gross * rate_e6, {_ONE} + rate_e6) - nets
            ELSE without_tax END::BIGINT AS net_cents
        FROM grouped
    """


def _description() -> str:
    words = "WHEN 'voice' THEN 'call' WHEN 'sms' THEN 'message' WHEN 'data' THEN 'session' ELSE 'event'"
    word = f"CASE service_type {words} END"
    return (
        "coalesce(ref_products.description, product_code) || ', ' || event_count || ' ' || "
        f"{word} || CASE WHEN event_count = 1 THEN '' ELSE 's' END"
    )


def _declared_lines() -> str:
    key = ", ".join(f"coalesce({name}, '')" for name in _KEYS)
    return f"""
        SELECT *, sha256(concat_ws(chr(31), {key})) AS line_id, {_amount("cents")} AS listed_amount,
            {_amount("net_cents")} AS net_amount, CASE WHEN is_taxed THEN 'standard' END AS tax_category,
            rate_e6::DECIMAL(9, 0) * 0.000001::DECIMAL(7, 6) AS tax_rate
        FROM lines
    """


def _invoices(month: str) -> str:
    return f"""
        SELECT *, NULL AS invoice_number, {_amount("net")} AS net_amount, {_amount("tax")} AS tax_amount,
            {_amount("net + tax")} AS total_amount, '{month}' AS billing_month
        FROM (
            SELECT customer_id, sum(line_count) AS line_count, sum(net) AS net, min(currency) AS currency,
                coalesce(tax_exempt, false) AS is_tax_exempt,
                CASE WHEN coalesce(tax_exempt, false) THEN 0 ELSE sum(CASE WHEN is_tax_included THEN listed - net
                    ELSE half_up(net * rate_e6, {_ONE}) END) END AS tax
            FROM (
                SELECT customer_id, is_tax_included, rate_e6, count(*) AS line_count, sum(net_cents) AS net,
                    sum(cents) AS listed, min(currency) AS currency
                FROM lines GROUP BY ALL
            ) LEFT JOIN ref_customers USING (customer_id)
            GROUP BY customer_id, tax_exempt
        )
    """


def _amount(cents: str) -> str:
    return f"(({cents})::DECIMAL(18, 0) * 0.01::DECIMAL(3, 2))::DECIMAL(18, 2)"
