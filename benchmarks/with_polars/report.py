"""The reports of a month, from the rated usage and the invoices written."""

from typing import Final

import polars as pl

from benchmarks.common.work import Work, days_of
from benchmarks.with_polars.frames import Writer, half_up, money, tables_of, text, whole
from benchmarks.with_polars.sessions import incomplete_sessions
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
_UNITS: Final = ("usage_units", "billed_units", "allowance_units", "charged_units")
_KINDS: Final = ("recurring", "usage", "discount", "fee")
_EVENTS: Final = pl.len().cast(pl.Int64).alias("event_count")
_CHARGES: Final = pl.col("charge_amount").sum()
_SUBSCRIBERS: Final = pl.col("served_msisdn").n_unique().cast(pl.Int64).alias("subscriber_count")


def report(work: Work, writer: Writer, month: str) -> None:
    """Write all reports of one month."""
    tables = {name: rows.lazy() for name, rows in tables_of(work.tables).items()}
    usage, lines, invoices = (writer.rows_of(table, month) for table in (USAGE, LINES, INVOICES))
    rated = usage.filter(pl.col("status") == "rated")
    for table, rows in {
        REVENUE_BY_PLAN: _revenue_by_plan(rated, lines, tables["rate_plans"]),
        TOP_CUSTOMERS: _top_customers(rated, lines, invoices, tables, month),
        REGIONAL_DISTRIBUTION: _regional_distribution(rated),
        PRODUCT_COSTS: _product_costs(rated),
        DAILY_REVENUE: _daily_revenue(usage),
        INCOMPLETE_SESSIONS: incomplete_sessions(usage),
    }.items():
        writer.add(table, month, rows)
    writer.commit(*TABLES)


def _revenue_by_plan(rated: pl.LazyFrame, lines: pl.LazyFrame, plans: pl.LazyFrame) -> pl.LazyFrame:
    plan = pl.col("plan_code").fill_null("NONE")
    used = rated.group_by(plan).agg(_SUBSCRIBERS, _EVENTS, _CHARGES, pl.col("currency").min().alias("used_currency"))
    net = pl.col("net_amount")
    invoiced = lines.group_by(plan).agg(
        *(net.filter(pl.col("line_type") == kind).sum().alias(f"{kind}_net_amount") for kind in _KINDS),
        net.sum(),
        pl.col("currency").min().alias("invoiced_currency"),
    )
    known = plans.select("plan_code", "name", "payment_type", "currency")
    counts = ("subscriber_count", "event_count", "charge_amount", *(f"{kind}_net_amount" for kind in _KINDS))
    return (
        used.join(invoiced, on="plan_code", how="full", coalesce=True)
        .join(known, on="plan_code", how="left")
        .with_columns(
            *(pl.col(name).fill_null(0) for name in (*counts, "net_amount")),
            plan_name=pl.coalesce("name", "plan_code"),
            payment_type=pl.col("payment_type").fill_null("postpaid"),
            currency=pl.coalesce("currency", "used_currency", "invoiced_currency", pl.lit("XXX")),
        )
    )


def _top_customers(
    rated: pl.LazyFrame, lines: pl.LazyFrame, invoices: pl.LazyFrame, tables: dict[str, pl.LazyFrame], month: str
) -> pl.LazyFrame:
    first, last = days_of(month)
    ranked = (
        invoices.sort("total_amount", "customer_id", descending=[True, False])
        .head(_LISTED)
        .with_columns(rank=pl.int_range(1, pl.len() + 1))
    )
    numbers = pl.concat(
        [
            rated.select("customer_id", msisdn=pl.col("served_msisdn")),
            lines.filter(pl.col("msisdn").is_not_null()).select("customer_id", "msisdn"),
        ]
    )
    used = (
        numbers.join(ranked.select("customer_id"), on="customer_id", how="semi")
        .group_by("customer_id")
        .agg(
            pl.col("msisdn").n_unique().cast(pl.Int64).alias("subscription_count"),
            pl.col("msisdn").min().alias("first_used"),
        )
    )
    has_begun = pl.col("valid_from").is_null() | (pl.col("valid_from") <= last)
    goes_on = pl.col("valid_to").is_null() | (pl.col("valid_to") > first)
    active = (
        tables["subscriptions"]
        .filter((pl.col("status") == "active") & has_begun & goes_on)
        .group_by("customer_id")
        .agg(pl.col("msisdn").min().alias("first_active"))
    )
    shown = pl.coalesce("first_active", "first_used")
    masked = pl.concat_str([shown.str.slice(0, 4), pl.lit("*****"), shown.str.tail(2)])
    return (
        ranked.join(used, on="customer_id", how="left")
        .join(active, on="customer_id", how="left")
        .join(tables["customers"].select("customer_id", "segment", "region"), on="customer_id", how="left")
        .with_columns(
            subscription_count=pl.col("subscription_count").fill_null(0),
            masked_msisdn=pl.when(shown.str.len_chars() > 6).then(masked).when(shown.is_not_null()).then(text("*****")),
        )
    )


def _regional_distribution(rated: pl.LazyFrame) -> pl.LazyFrame:
    cell = pl.col("cell_id")
    city = pl.when(cell.str.contains("_", literal=True)).then(cell.str.split("_").list.first())
    region = city.replace_strict(REGION_BY_CITY, default="UNKNOWN").fill_null("UNKNOWN")
    by_cell = rated.group_by("cell_id", "service_type", "currency", "served_msisdn").agg(
        _EVENTS, pl.col("usage_units").sum(), _CHARGES
    )
    return by_cell.group_by(region.alias("region"), "service_type", "currency").agg(
        _SUBSCRIBERS, pl.col("event_count").sum(), pl.col("usage_units").sum(), _CHARGES
    )


def _product_costs(rated: pl.LazyFrame) -> pl.LazyFrame:
    sums = rated.group_by("plan_code", "product_code", "service_type", "currency").agg(
        _EVENTS, *(pl.col(name).sum() for name in _UNITS), _CHARGES
    )
    average = half_up(whole(pl.col("charge_amount"), 6), pl.col("event_count"))
    return sums.with_columns(average_charge=money(average, 28, 6))


def _daily_revenue(usage: pl.LazyFrame) -> pl.LazyFrame:
    status = pl.col("status")
    by_currency = usage.group_by("usage_date", "service_type", "currency").agg(
        (status == "rated").sum().cast(pl.Int64).alias("event_count"),
        (status == "unrated").sum().cast(pl.Int64).alias("unrated_count"),
        _CHARGES,
    )
    first = pl.col("currency").min().over("usage_date", "service_type")
    return (
        by_currency.with_columns(currency=pl.coalesce("currency", first, pl.lit("XXX")))
        .group_by("usage_date", "service_type", "currency")
        .agg(pl.col("event_count").sum(), pl.col("unrated_count").sum(), _CHARGES)
    )
