"""Rated usage of a month to invoice lines and invoices: sums first, then whole cents over few rows."""

import hashlib
from typing import Final

import polars as pl

from benchmarks.common.work import Work, days_of, standard_tax_rate
from benchmarks.with_polars.discounts import shares_of
from benchmarks.with_polars.fees import due_fees
from benchmarks.with_polars.frames import Writer, half_up, money, tables_of, text, whole
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
_WORDS: Final = {"voice": "call", "sms": "message", "data": "session"}


def bill(work: Work, writer: Writer, month: str) -> None:
    """Write invoices/lines and invoices/invoices of one month."""
    tables = tables_of(work.tables)
    entries = _entries(writer.rows_of(USAGE, month), tables, month)
    shares = shares_of(entries, tables, days_of(month)[1])
    fees = due_fees(entries, tables["fees"])
    lines = _taxed(
        _numbered(_made(entries, shares, fees, tables, month), tables, month), standard_tax_rate(work, month)
    )
    writer.add(LINES, month, lines.lazy())
    writer.add(INVOICES, month, _invoices(lines, tables["customers"]).lazy())
    writer.commit(LINES, INVOICES)


def _entries(rated: pl.LazyFrame, tables: dict[str, pl.DataFrame], month: str) -> pl.DataFrame:
    """Usage by product, and numbers in service; postpaid only. Amounts in cents."""
    first, last = days_of(month)
    used = (
        rated.filter((pl.col("status") == "rated") & (pl.col("payment_type") == "postpaid"))
        .group_by("customer_id", "plan_code", "served_msisdn", "product_code", "usage_month")
        .agg(
            pl.len().cast(pl.Int64).alias("event_count"),
            pl.col("billed_units").sum(),
            pl.col("charge_amount").sum().alias("charge"),
        )
        .collect(engine="streaming")
    )
    usage = (
        used.group_by("customer_id", "plan_code", "product_code", "usage_month")
        .agg(
            pl.col("event_count").sum(),
            pl.col("billed_units").sum(),
            pl.col("charge").sum().alias("unrounded_amount"),
        )
        .with_columns(
            is_usage=pl.lit(True),
            has_usage=pl.lit(True),
            msisdn=text(None),
            cents=half_up(whole(pl.col("unrounded_amount"), 6), 10_000).cast(pl.Int64),
        )
    )
    plans = tables["rate_plans"].filter(pl.col("payment_type") == "postpaid").select("plan_code", "monthly_fee")
    has_begun = pl.col("valid_from").is_null() | (pl.col("valid_from") <= last)
    goes_on = pl.col("valid_to").is_null() | (pl.col("valid_to") > first)
    numbers = used.select("customer_id", "plan_code", msisdn=pl.col("served_msisdn")).unique()
    in_service = (
        tables["subscriptions"]
        .filter((pl.col("status") == "active") & has_begun & goes_on)
        .select("customer_id", "plan_code", "msisdn")
        .unique()
        .join(plans, on="plan_code")
        .join(numbers.with_columns(has_usage=pl.lit(True)), on=["customer_id", "plan_code", "msisdn"], how="left")
        .select(
            "customer_id",
            "plan_code",
            product_code=text(None),
            usage_month=text(month),
            event_count=pl.lit(0, pl.Int64),
            billed_units=pl.lit(None, pl.Int64),
            unrounded_amount=pl.lit(None, pl.Decimal(38, 6)),
            is_usage=pl.lit(False),
            has_usage=pl.col("has_usage").fill_null(False),
            msisdn=pl.col("msisdn"),
            cents=whole(pl.col("monthly_fee"), 2),
        )
    )
    return pl.concat([usage.select(in_service.columns).cast(in_service.schema), in_service])


def _made(
    entries: pl.DataFrame, shares: pl.DataFrame, fees: pl.DataFrame, tables: dict[str, pl.DataFrame], month: str
) -> pl.DataFrame:
    """Every line, without its place and tax."""
    is_usage = pl.col("is_usage")
    plural = pl.when(pl.col("event_count") == 1).then(text("")).otherwise(text("s"))
    word = pl.col("service_type").replace_strict(_WORDS, default="event")
    usage = pl.concat_str(
        [
            pl.coalesce("description", "product_code"),
            pl.lit(", "),
            pl.col("event_count").cast(pl.String),
            pl.lit(" "),
            word,
            plural,
        ]
    )
    own = (
        entries.filter(is_usage | (pl.col("cents") != 0))
        .join(tables["products"].select("product_code", "description", "service_type"), on="product_code", how="left")
        .join(tables["rate_plans"].select("plan_code", "name"), on="plan_code")
        .with_columns(
            section=is_usage.cast(pl.Int32),
            line_type=pl.when(is_usage).then(text("usage")).otherwise(text("recurring")),
            description=pl.when(is_usage).then(usage).otherwise(pl.lit("Monthly fee, ") + pl.col("name")),
            code=text(None),
            is_taxed=pl.lit(True),
        )
        .select(_LINE)
    )
    nothing = {
        "product_code": text(None),
        "event_count": pl.lit(0, pl.Int64),
        "billed_units": pl.lit(None, pl.Int64),
        "unrounded_amount": pl.lit(None, pl.Decimal(38, 6)),
        "usage_month": text(month),
    }
    discounts = shares.with_columns(
        **nothing,
        section=pl.when(pl.col("target") == "usage").then(2).otherwise(3).cast(pl.Int32),
        line_type=text("discount"),
        msisdn=text(None),
        code=pl.col("discount_code"),
        description=pl.lit("Discount ") + pl.col("discount_code"),
        cents=-pl.col("cents"),
        is_taxed=pl.lit(True),
    ).select(_LINE)
    of_fees = fees.with_columns(
        **nothing,
        section=pl.lit(4, pl.Int32),
        line_type=text("fee"),
        code=pl.col("fee_code"),
        description=pl.lit("Fee ") + pl.col("fee_code"),
        cents=whole(pl.col("amount"), 2),
        is_taxed=pl.col("taxable"),
    ).select(_LINE)
    return pl.concat([own, discounts, of_fees])


_LINE: Final = (
    *("customer_id", "plan_code", "section", "line_type", "product_code", "msisdn", "event_count", "billed_units"),
    *("unrounded_amount", "code", "usage_month", "is_taxed", "cents", "description"),
)


def _numbered(lines: pl.DataFrame, tables: dict[str, pl.DataFrame], month: str) -> pl.DataFrame:
    plans = tables["rate_plans"].select("plan_code", "currency", is_tax_included=pl.col("prices_include_tax"))
    order = [pl.col(name).fill_null("") for name in ("code", "plan_code", "msisdn", "product_code", "usage_month")]
    placed = lines.join(plans, on="plan_code").sort("customer_id", "section", *order)
    numbered = placed.with_columns(
        line_number=pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over("customer_id"), billing_month=text(month)
    )
    identity = numbered.select(
        pl.concat_str([pl.col(name).fill_null("") for name in _KEYS], separator="\x1f")
    ).to_series()
    digests = [hashlib.sha256(one.encode()).hexdigest() for one in identity.to_list()]
    return numbered.with_columns(pl.Series("line_id", digests, pl.String))


def _taxed(lines: pl.DataFrame, tax_rate: int) -> pl.DataFrame:
    """Add the net of each line in cents; what rounding leaves of prices with tax goes to the largest line."""
    cents, rate = pl.col("cents"), pl.col("rate_e6")
    same_tax = ("customer_id", "is_tax_included", "rate_e6")
    gross = cents.sum().over(same_tax)
    net = (
        lines.with_columns(rate_e6=pl.when(pl.col("is_taxed")).then(tax_rate).otherwise(0).cast(pl.Int64))
        .with_columns(without_tax=half_up(cents * _ONE, rate + _ONE).cast(pl.Int64))
        .sort(cents.abs(), "line_number", descending=[True, False])
        .with_columns(
            is_largest=pl.int_range(pl.len()).over(same_tax) == 0,
            residue=gross
            - half_up(gross * rate, rate + _ONE).cast(pl.Int64)
            - pl.col("without_tax").sum().over(same_tax),
        )
    )
    inclusive = pl.col("without_tax") + pl.when(pl.col("is_largest")).then(pl.col("residue")).otherwise(0)
    return net.with_columns(net_cents=pl.when(pl.col("is_tax_included")).then(inclusive).otherwise(cents)).with_columns(
        listed_amount=money(cents, 18, 2),
        net_amount=money(pl.col("net_cents"), 18, 2),
        tax_category=pl.when(pl.col("is_taxed")).then(text("standard")),
        tax_rate=money(rate, 9, 6),
    )


def _invoices(lines: pl.DataFrame, customers: pl.DataFrame) -> pl.DataFrame:
    """One row a customer: the tax of each rate rounded once; exempt customers pay the net."""
    by_rate = lines.group_by("customer_id", "billing_month", "is_tax_included", "rate_e6").agg(
        pl.len().cast(pl.Int64).alias("line_count"),
        pl.col("net_cents").sum(),
        pl.col("cents").sum(),
        pl.col("currency").min(),
    )
    on_top = half_up(pl.col("net_cents") * pl.col("rate_e6"), _ONE).cast(pl.Int64)
    within = pl.col("cents") - pl.col("net_cents")
    exempt = pl.col("tax_exempt").fill_null(False)
    return (
        by_rate.with_columns(tax_cents=pl.when(pl.col("is_tax_included")).then(within).otherwise(on_top))
        .group_by("customer_id", "billing_month")
        .agg(pl.col("line_count").sum(), pl.col("net_cents").sum(), pl.col("tax_cents").sum(), pl.col("currency").min())
        .join(customers.select("customer_id", "tax_exempt"), on="customer_id", how="left")
        .with_columns(tax_cents=pl.when(exempt).then(0).otherwise(pl.col("tax_cents")), is_tax_exempt=exempt)
        .with_columns(
            invoice_number=text(None),
            net_amount=money(pl.col("net_cents"), 18, 2),
            tax_amount=money(pl.col("tax_cents"), 18, 2),
            total_amount=money(pl.col("net_cents") + pl.col("tax_cents"), 18, 2),
        )
    )
