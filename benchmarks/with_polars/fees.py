"""Which fees fall due: once a subscription, or once an invoice that has another line."""

import polars as pl

from benchmarks.with_polars.frames import text

_FEE = ("fee_code", "amount", "only_with_usage", "taxable")


def due_fees(entries: pl.DataFrame, fees: pl.DataFrame) -> pl.DataFrame:
    """One row for each fee of each subscription or invoice that bears it."""
    real = fees.filter(pl.col("amount") != 0).select(*_FEE, "per", fee_plan=pl.col("plan_code"))
    is_for_plan = pl.col("fee_plan").is_null() | (pl.col("fee_plan") == pl.col("plan_code"))
    columns = ("customer_id", "plan_code", "msisdn", "fee_code", "amount", "taxable")
    of_subscriptions = (
        entries.filter(~pl.col("is_usage"))
        .join(real.filter(pl.col("per") == "subscription"), how="cross")
        .filter(is_for_plan & (pl.col("has_usage") | ~pl.col("only_with_usage")))
        .select(columns)
    )
    own = entries.select("customer_id", "plan_code", "is_usage", is_line=pl.col("is_usage") | (pl.col("cents") != 0))
    with_fees = of_subscriptions.select("customer_id", "plan_code", is_usage=pl.lit(False), is_line=pl.lit(True))
    plans = (
        pl.concat([own, with_fees])
        .group_by("customer_id", "plan_code")
        .agg(pl.col("is_usage").any().alias("has_plan_usage"), pl.col("is_line").any().alias("has_line"))
        .with_columns(
            has_any_usage=pl.col("has_plan_usage").any().over("customer_id"),
            first_plan=pl.col("plan_code").filter(pl.col("has_line")).min().over("customer_id"),
        )
    )
    is_here = (
        pl.when(pl.col("fee_plan").is_null()).then(pl.col("plan_code") == pl.col("first_plan")).otherwise(is_for_plan)
    )
    has_usage = pl.when(pl.col("fee_plan").is_null()).then(pl.col("has_any_usage")).otherwise(pl.col("has_plan_usage"))
    of_invoices = (
        plans.filter(pl.col("has_line"))
        .join(real.filter(pl.col("per") == "invoice"), how="cross")
        .filter(is_here & (has_usage | ~pl.col("only_with_usage")))
        .with_columns(msisdn=text(None))
        .select(columns)
    )
    return pl.concat([of_subscriptions, of_invoices])
