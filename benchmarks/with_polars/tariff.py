"""The tariff of one month as small frames: what is dated has a row for each day on which it is valid."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Self

import polars as pl

from benchmarks.common.levels import allowance_passes
from benchmarks.common.work import Work, days_of
from benchmarks.with_polars.frames import frame_of, greatest, tables_of, whole

PRICED: Final = (
    *("time_band", "rate_zone", "rate_valid_from", "rate_model", "first_increment", "next_increment", "unit_size"),
    *("price", "connect_fee", "minimum_charge", "maximum_charge", "price_e9", "connect_e6", "minimum_e6"),
    "maximum_e6",
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
    longest_prefix: int
    covers_of_zones: pl.LazyFrame
    covers_anywhere: pl.LazyFrame
    passes: int
    reference_version: int

    @classmethod
    def of(cls, work: Work, month: str) -> Self:
        """The tariff from the reference tables."""
        tables = tables_of(work.tables)
        days = _days(month)
        plans = tables["rate_plans"].select(
            "plan_code", "payment_type", "currency", is_tax_included=pl.col("prices_include_tax")
        )
        active = tables["subscriptions"].filter(pl.col("status") == "active").join(plans, on="plan_code")
        rates = _priced_rates(tables["rates"])
        by_day = _by_day(rates, days).select("plan_code", "product_code", "zone", "usage_date", "rate_id")
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
            .select("usage_date", "customer_id", *plans.columns, served_msisdn=pl.col("msisdn"))
            .lazy(),
            uses=_uses(tables["products"]).lazy(),
            zone_rates=by_day.filter(is_of_zone).rename({"rate_id": "zone_rate_id"}).lazy(),
            any_rates=by_day.filter(~is_of_zone).drop("zone").rename({"rate_id": "any_rate_id"}).lazy(),
            rates=rates.select("rate_id", *PRICED).lazy(),
            destinations=destinations,
            eras=eras.lazy(),
            longest_prefix=greatest(ordinary["prefix"].str.len_chars()),
            covers_of_zones=covers.filter(is_of_zone).lazy(),
            covers_anywhere=covers.filter(~is_of_zone).drop("zone").lazy(),
            passes=passes,
            reference_version=work.reference_version,
        )


def _days(month: str) -> pl.DataFrame:
    first, last = days_of(month)
    return pl.DataFrame({"usage_date": [first + timedelta(days=day) for day in range((last - first).days + 1)]})


def _by_day(dated: pl.DataFrame, days: pl.DataFrame) -> pl.DataFrame:
    day = pl.col("usage_date")
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
    )


def _uses(products: pl.DataFrame) -> pl.DataFrame:
    """The product of each service and use: a traffic class, or the reported product at home or abroad."""
    uses = []
    for product in products.to_dicts():
        code, service, traffic = product["product_code"], product["service_type"], product["traffic_class"]
        if service == "data":
            places = ("home", "roaming") if traffic == "roaming" else ("home",)
            uses += [(0, service, f"{place}/{code}", code) for place in places]
        elif traffic is None:
            uses += [(1, service, use, code) for use in ("onnet", "offnet", "fixed", "special", "international")]
        else:
            uses.append((0, service, traffic, code))
    chosen: dict[tuple[str, str], str] = {}
    for _, service, use, code in sorted(uses, key=lambda one: (one[0], one[3])):
        chosen.setdefault((service, use), code)
    rows = [(service, use, code) for (service, use), code in chosen.items()]
    return pl.DataFrame(rows, schema=dict.fromkeys(("service_type", "use", "sold_product"), pl.String), orient="row")


def _by_era(destinations: pl.DataFrame, days: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Prefixes valid in each stretch of days without a change, and the stretch of each day."""
    edges = sorted(
        {day for name in ("valid_from", "valid_to") for day in destinations[name].to_list() if isinstance(day, date)}
    )
    era = pl.sum_horizontal((pl.col("usage_date") >= edge).cast(pl.Int32) for edge in edges) if edges else pl.lit(0)
    eras = days.with_columns(era.cast(pl.Int32).alias("era"))
    first_days = eras.group_by("era").agg(pl.col("usage_date").min())
    is_short = pl.col("country_code").eq_missing("SHORT")
    keyed = destinations.with_columns(
        pl.when(is_short).then(pl.lit("#") + pl.col("prefix")).otherwise(pl.col("prefix")).alias("key")
    )
    valid = _by_day(keyed, first_days.select("usage_date")).join(first_days, on="usage_date")
    return valid.select("key", "era", "zone", destination_prefix=pl.col("prefix")), eras


def _by_pass(covered: pl.DataFrame, passes: int) -> pl.DataFrame:
    columns = [
        pl.col(source).filter(pl.col("pass") == number).max().alias(f"{name}_{number}")
        for number in range(1, passes + 1)
        for name, source in {"code": "allowance_code", "quantity": "quantity", "period": "period"}.items()
    ]
    return covered.group_by("plan_code", "product_code", "zone").agg(columns).rename({"product_code": "sold_product"})
