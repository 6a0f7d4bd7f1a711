"""The tariff of one month as small frames: what is dated has a row for each day on which it is valid."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Self

import polars as pl

from benchmarks.common.depth import calling_codes, require_plain_tariff
from benchmarks.common.levels import allowance_passes
from benchmarks.common.work import Work, days_of
from benchmarks.with_polars.frames import frame_of, greatest, tables_of, text, whole

PRICED: Final = (
    *("time_band", "rate_zone", "rate_valid_from", "rate_model", "first_increment", "next_increment", "unit_size"),
    *("price", "connect_fee", "minimum_charge", "maximum_charge", "price_e9", "connect_e6", "minimum_e6"),
    *("maximum_e6", "connect_piece", "price_piece"),
)


@dataclass(frozen=True)
class Tariff:
    """The tariff of one month; what is dated has a row for each day on which it is valid."""

    known_numbers: pl.LazyFrame
    owners: pl.LazyFrame
    uses: pl.LazyFrame
    zone_rates: pl.LazyFrame
    any_rates: pl.LazyFrame
    rates: pl.LazyFrame
    destinations: pl.DataFrame
    eras: pl.LazyFrame
    calling_codes: pl.DataFrame
    longest_prefix: int
    covers_of_zones: pl.LazyFrame
    covers_anywhere: pl.LazyFrame
    passes: int
    reference_version: int

    @classmethod
    def of(cls, work: Work, month: str) -> Self:
        """The tariff from the reference tables."""
        require_plain_tariff(work)
        tables = tables_of(work.tables)
        days = _days(month)
        plans = tables["rate_plans"].select(
            "plan_code", "payment_type", "currency", is_tax_included=pl.col("prices_include_tax")
        )
        active = tables["subscriptions"].filter(pl.col("status") == "active").join(plans, on="plan_code")
        rates = _priced_rates(tables["rates"])
        by_day = _by_day(rates, days).select("plan_code", "product_code", "zone", "tariff_date", "rate_id")
        covered = allowance_passes(work.tables["allowances"], work.tables["products"]["product_code"].to_pylist())
        passes = max(covered["pass"].to_pylist(), default=0)
        covers = _by_pass(frame_of(covered), passes)
        is_of_zone = pl.col("zone").is_not_null()
        ordinary = tables["destinations"].filter(pl.col("country_code").ne_missing("SHORT"))
        destinations, eras = _by_era(tables["destinations"], days)
        return cls(
            known_numbers=tables["subscriptions"]
            .select(pl.col("msisdn").alias("served_msisdn"))
            .unique()
            .with_columns(is_known=pl.lit(True))
            .lazy(),
            owners=_by_day(active, days)
            .select("tariff_date", "customer_id", *plans.columns, served_msisdn=pl.col("msisdn"))
            .lazy(),
            uses=_uses(tables["products"]).lazy(),
            zone_rates=by_day.filter(is_of_zone).rename({"rate_id": "zone_rate_id"}).lazy(),
            any_rates=by_day.filter(~is_of_zone).drop("zone").rename({"rate_id": "any_rate_id"}).lazy(),
            rates=rates.select("rate_id", *PRICED).lazy(),
            destinations=destinations,
            eras=eras.lazy(),
            calling_codes=frame_of(calling_codes()).select(
                lead_digits=pl.lit("@") + pl.col("mcc"), calling_code=pl.col("code")
            ),
            longest_prefix=greatest(ordinary["prefix"].str.len_chars()),
            covers_of_zones=covers.filter(is_of_zone).lazy(),
            covers_anywhere=covers.filter(~is_of_zone).drop("zone").lazy(),
            passes=passes,
            reference_version=work.reference_version,
        )


def _days(month: str) -> pl.DataFrame:
    first, last = days_of(month)
    return pl.DataFrame({"tariff_date": [first + timedelta(days=day) for day in range((last - first).days + 1)]})


def _by_day(dated: pl.DataFrame, days: pl.DataFrame) -> pl.DataFrame:
    day = pl.col("tariff_date")
    has_begun = pl.col("valid_from").is_null() | (pl.col("valid_from") <= day)
    goes_on = pl.col("valid_to").is_null() | (day < pl.col("valid_to"))
    return dated.join(days, how="cross").filter(has_begun & goes_on)


def _priced_rates(rates: pl.DataFrame) -> pl.DataFrame:
    one = {name: pl.col(name).fill_null(1) for name in ("first_increment", "next_increment", "unit_size")}
    return rates.with_columns(
        **one,
        connect_fee=pl.col("connect_fee").fill_null(0),
        rate_zone=pl.col("zone"),
        rate_valid_from=pl.col("valid_from"),
        rate_model=pl.col("model"),
        rate_id=pl.int_range(pl.len(), dtype=pl.Int32),
    ).with_columns(
        price_e9=whole(pl.col("price"), 9),
        connect_e6=whole(pl.col("connect_fee"), 6),
        minimum_e6=whole(pl.col("minimum_charge"), 6),
        maximum_e6=whole(pl.col("maximum_charge"), 6),
        connect_piece=pl.when(pl.col("connect_fee") > 0)
        .then(pl.concat_str(text('{"kind":"connect_fee","amount":"'), _places("connect_fee", 12), text('"},')))
        .otherwise(text("")),
        price_piece=pl.concat_str(
            text(',"price":"'), _places("price", 9), text('","unit_size":'), pl.col("unit_size"), text(',"amount":"')
        ),
    )


def _places(amount: str, scale: int) -> pl.Expr:
    return pl.col(amount).cast(pl.Decimal(38, scale)).cast(pl.String)


def _uses(products: pl.DataFrame) -> pl.DataFrame:
    """The product of each service and use: a traffic class, or being reported."""
    uses = []
    for product in products.to_dicts():
        code, service, traffic = product["product_code"], product["service_type"], product["traffic_class"]
        classes = ("onnet", "offnet", "fixed", "special", "international") if traffic is None else (traffic,)
        for use in (code,) if service == "data" else classes:
            uses.append((traffic is None, code, service, use, traffic == "roaming"))
    chosen: dict[tuple[str, str], tuple[str, bool]] = {}
    for _, code, service, use, is_for_roaming in sorted(uses):
        chosen.setdefault((service, use), (code, is_for_roaming))
    rows = [(*key, *product) for key, product in chosen.items()]
    schema = dict.fromkeys(("service_type", "use", "sold_product"), pl.String) | {"is_for_roaming": pl.Boolean}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _by_era(destinations: pl.DataFrame, days: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Prefixes valid in each stretch of days without a change, and the stretch of each day."""
    edges = sorted(
        {day for name in ("valid_from", "valid_to") for day in destinations[name].to_list() if isinstance(day, date)}
    )
    era = pl.sum_horizontal((pl.col("tariff_date") >= edge).cast(pl.Int32) for edge in edges) if edges else pl.lit(0)
    eras = days.with_columns(era.cast(pl.Int32).alias("era"))
    first_days = eras.group_by("era").agg(pl.col("tariff_date").min())
    is_short = pl.col("country_code").eq_missing("SHORT")
    keyed = destinations.with_columns(
        pl.when(is_short).then(pl.lit("#") + pl.col("prefix")).otherwise(pl.col("prefix")).alias("key")
    )
    valid = _by_day(keyed, first_days.select("tariff_date")).join(first_days, on="tariff_date")
    return valid.select("key", "era", "zone", destination_prefix=pl.col("prefix")), eras


def _by_pass(covered: pl.DataFrame, passes: int) -> pl.DataFrame:
    columns = [
        pl.col(source).filter(pl.col("pass") == number).max().alias(f"{name}_{number}")
        for number in range(1, passes + 1)
        for name, source in {"code": "allowance_code", "quantity": "quantity", "period": "period"}.items()
    ]
    return covered.group_by("plan_code", "product_code", "zone").agg(columns).rename({"product_code": "sold_product"})
