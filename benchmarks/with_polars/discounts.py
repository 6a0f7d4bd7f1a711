"""What each discount takes from each plan of a customer, in cents."""

from datetime import date

import polars as pl

from benchmarks.with_polars.frames import greatest, half_up, text, whole


def shares_of(entries: pl.DataFrame, tables: dict[str, pl.DataFrame], last_day: date) -> pl.DataFrame:
    """Shares by customer, plan and discount: usage discounts at once, invoice discounts one after the other."""
    granted = _granted_to(tables, last_day)
    usage, invoice = (granted.filter(pl.col("applies_to") == target) for target in ("usage", "invoice"))
    is_for_plan = pl.col("wanted_plan").is_null() | (pl.col("wanted_plan") == pl.col("plan_code"))
    is_for_product = pl.col("wanted_product").is_null() | (pl.col("wanted_product") == pl.col("product_code"))
    matched = (
        entries.filter(pl.col("is_usage"))
        .join(usage, on="customer_id")
        .filter(is_for_plan & is_for_product)
        .group_by("customer_id", "discount_code", "plan_code")
        .agg(pl.col("cents").sum().alias("part"))
    )
    shares = _shares(matched, usage, "usage")
    own = entries.filter(pl.col("is_usage") | (pl.col("cents") != 0)).select("customer_id", "plan_code", "cents")
    for turn in range(1, greatest(invoice["turn"]) + 1):
        taken = shares.select("customer_id", "plan_code", -pl.col("cents"))
        balance = pl.concat([own, taken]).group_by("customer_id", "plan_code").agg(pl.col("cents").sum().alias("part"))
        of_turn = invoice.filter(pl.col("turn") == turn)
        parts = balance.join(of_turn, on="customer_id").filter(is_for_plan)
        columns = ["customer_id", "discount_code", "plan_code", "part"]
        shares = pl.concat([shares, _shares(parts.select(columns), of_turn, "invoice")])
    return shares


def _granted_to(tables: dict[str, pl.DataFrame], last_day: date) -> pl.DataFrame:
    """One row for each customer and discount that it may have, with its turn among those of its kind."""
    has_begun = pl.col("valid_from").is_null() | (pl.col("valid_from") <= last_day)
    goes_on = pl.col("valid_to").is_null() | (pl.col("valid_to") > last_day)
    valid = (
        tables["discounts"]
        .filter(has_begun & goes_on)
        .select(
            "discount_code",
            "applies_to",
            named=pl.col("customer_id"),
            wanted_segment=pl.col("segment"),
            wanted_plan=pl.col("plan_code"),
            wanted_product=pl.col("product_code"),
            percent_e6=whole(pl.col("percent"), 6),
            amount_cents=whole(pl.col("amount"), 2),
            minimum_cents=whole(pl.col("minimum_spend"), 2),
        )
    )
    people = tables["customers"].select("customer_id", "segment")
    is_named = pl.col("named").is_null() | (pl.col("named") == pl.col("customer_id"))
    is_in_segment = pl.col("wanted_segment").is_null() | (pl.col("wanted_segment") == pl.col("segment"))
    return (
        valid.join(people, how="cross")
        .filter(is_named & is_in_segment)
        .sort("discount_code")
        .with_columns(turn=pl.int_range(1, pl.len() + 1).over("customer_id", "applies_to"))
    )


def _shares(parts: pl.DataFrame, granted: pl.DataFrame, target: str) -> pl.DataFrame:
    """Each plan's share of what a discount takes; what rounding leaves goes to the largest part."""
    whole_discount = ("customer_id", "discount_code")
    terms = granted.select(*whole_discount, "percent_e6", "amount_cents", "minimum_cents")
    base = pl.col("base")
    percentage = half_up(base.cast(pl.Int128) * pl.col("percent_e6"), 100_000_000).cast(pl.Int64)
    stated = pl.when(pl.col("percent_e6").is_not_null()).then(percentage).otherwise(pl.col("amount_cents"))
    share = half_up(pl.col("granted").cast(pl.Int128) * pl.col("part"), base).cast(pl.Int64)
    residue = pl.col("granted") - pl.col("share").sum().over(whole_discount)
    return (
        parts.with_columns(base=pl.col("part").sum().over(whole_discount))
        .join(terms, on=whole_discount)
        .filter((base > 0) & (pl.col("minimum_cents").is_null() | (base >= pl.col("minimum_cents"))))
        .with_columns(granted=pl.min_horizontal(stated, base))
        .with_columns(share=share)
        .sort("part", "plan_code", descending=[True, False])
        .with_columns(is_largest=pl.int_range(pl.len()).over(whole_discount) == 0)
        .select(
            "customer_id",
            "plan_code",
            "discount_code",
            target=text(target),
            cents=pl.col("share") + pl.when(pl.col("is_largest")).then(residue).otherwise(0),
        )
        .filter(pl.col("cents") != 0)
    )
