"""Events of a month to rated usage: the tariff of each day joined by equality, allowances by running sums."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Self

import polars as pl

from benchmarks.common.levels import allowance_passes
from benchmarks.common.work import Work, days_of
from benchmarks.with_polars.frames import Writer, half_up, money, text, whole
from benchmarks.with_polars.mediate import events_of
from telecom_cdr.tables.rated import USAGE

_ROW: Final = ("file_no", "line_no")
_PRICED: Final = (
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
        tables = {name: pl.from_arrow(rows) for name, rows in work.tables.items()}
        days = _days(month)
        plans = tables["rate_plans"].select(
            "plan_code", "payment_type", "currency", is_tax_included=pl.col("prices_include_tax")
        )
        active = tables["subscriptions"].filter(pl.col("status") == "active").join(plans, on="plan_code")
        rates = _priced_rates(tables["rates"])
        by_day = _by_day(rates, days).select("plan_code", "product_code", "zone", "usage_date", "rate_id")
        covered = allowance_passes(work.tables["allowances"], work.tables["products"]["product_code"].to_pylist())
        passes = max(covered["pass"].to_pylist(), default=0)
        covers = _by_pass(pl.from_arrow(covered), passes)
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
            rates=rates.select("rate_id", *_PRICED).lazy(),
            destinations=destinations,
            eras=eras.lazy(),
            longest_prefix=ordinary["prefix"].str.len_chars().max() or 0,
            covers_of_zones=covers.filter(is_of_zone).lazy(),
            covers_anywhere=covers.filter(~is_of_zone).drop("zone").lazy(),
            passes=passes,
            reference_version=work.reference_version,
        )


def rate(judged: pl.DataFrame, copies: pl.DataFrame, tariff: Tariff, writer: Writer, month: str) -> None:
    """Write rated/usage of one month."""
    events = _events(events_of(judged.lazy().filter(pl.col("billing_month") == month), copies), tariff)
    priced = _priced(events, _places(events, tariff), tariff)
    if tariff.passes:
        priced = priced.join(_free_units(priced, tariff.passes).lazy(), on=_ROW, how="left")
    writer.add(USAGE, month, _charged(priced, tariff))
    writer.commit(USAGE)


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


def _events(rows: pl.LazyFrame, tariff: Tariff) -> pl.LazyFrame:
    service = pl.col("record_type")
    units = (
        pl.when(service == "voice")
        .then(pl.col("duration_seconds"))
        .when(service == "sms")
        .then(pl.lit(1, pl.Int64))
        .otherwise(pl.col("volume_bytes"))
    )
    place = pl.when(pl.col("is_roaming")).then(text("roaming/")).otherwise(text("home/"))
    use = pl.when(service == "data").then(place + pl.col("product_code")).otherwise(pl.col("traffic_class"))
    called = pl.col("called_number")
    leading = (
        pl.when(pl.col("is_short_code"))
        .then(pl.lit("#") + called)
        .otherwise(called.str.slice(0, tariff.longest_prefix))
    )
    return rows.with_columns(
        service_type=service, usage_units=units, use=use, lead_digits=leading, reported_product=pl.col("product_code")
    ).join(tariff.eras, on="usage_date", how="left")


def _places(events: pl.LazyFrame, tariff: Tariff) -> pl.LazyFrame:
    """The longest prefix of each run of leading digits in each era."""
    leads = events.select("lead_digits", "era").filter(pl.col("lead_digits").is_not_null()).unique().collect()
    lead = pl.col("lead_digits")
    is_short = lead.str.starts_with("#")
    candidates = pl.concat(
        [
            leads.filter(is_short).with_columns(key=lead),
            *(
                leads.filter(~is_short & (lead.str.len_chars() >= size)).with_columns(key=lead.str.slice(0, size))
                for size in range(1, tariff.longest_prefix + 1)
            ),
        ]
    )
    found = candidates.join(tariff.destinations, on=["key", "era"])
    return found.sort("destination_prefix").group_by("lead_digits", "era").last().drop("key").lazy()


def _priced(events: pl.LazyFrame, places: pl.LazyFrame, tariff: Tariff) -> pl.LazyFrame:
    """Events with owner, product, destination, rate, billed units and the allowances that cover them."""
    plan = ["plan_code", "sold_product"]
    of_product = {"product_code": "sold_product"}
    placed = (
        events.drop("product_code")
        .join(tariff.known_numbers, on="served_msisdn", how="left")
        .join(tariff.owners, on=["served_msisdn", "usage_date"], how="left")
        .join(tariff.uses, on=["service_type", "use"], how="left")
        .join(places, on=["lead_digits", "era"], how="left")
        .join(tariff.zone_rates.rename(of_product), on=[*plan, "zone", "usage_date"], how="left")
        .join(tariff.any_rates.rename(of_product), on=[*plan, "usage_date"], how="left")
        .with_columns(rate_id=pl.coalesce("zone_rate_id", "any_rate_id"))
        .join(tariff.rates, on="rate_id", how="left")
    )
    reason = (
        pl.when(pl.col("is_known").is_null())
        .then(text("UNKNOWN_SUBSCRIBER"))
        .when(pl.col("customer_id").is_null())
        .then(text("SUBSCRIPTION_NOT_ACTIVE"))
        .when(pl.col("sold_product").is_null())
        .then(text("UNKNOWN_PRODUCT"))
        .when((pl.col("service_type") != "data") & pl.col("zone").is_null())
        .then(text("NO_DESTINATION"))
        .when(pl.col("price").is_null())
        .then(text("NO_RATE"))
    )
    units, first, following = pl.col("usage_units"), pl.col("first_increment"), pl.col("next_increment")
    billed = (
        pl.when(pl.col("reason").is_not_null())
        .then(pl.lit(None, pl.Int64))
        .when(units == 0)
        .then(pl.lit(0, pl.Int64))
        .when(units <= first)
        .then(first)
        .otherwise(first + (units - first + following - 1) // following * following)
    )
    names = [f"{name}_{number}" for number in range(1, tariff.passes + 1) for name in ("code", "quantity", "period")]
    return (
        placed.with_columns(reason=reason)
        .with_columns(pl.when(pl.col("reason").is_null()).then(pl.col(name)).alias(name) for name in _PRICED)
        .with_columns(billed_units=billed)
        .join(tariff.covers_of_zones, on=[*plan, "zone"], how="left")
        .join(tariff.covers_anywhere, on=plan, how="left", suffix="_anywhere")
        .with_columns(pl.coalesce(name, f"{name}_anywhere").alias(name) for name in names)
    )


def _free_units(priced: pl.LazyFrame, passes: int) -> pl.DataFrame:
    """Units that each pass gives to the events that any allowance covers: of each counter, in order of use."""
    numbers = range(1, passes + 1)
    names = [f"{name}_{number}" for number in numbers for name in ("code", "quantity", "period")]
    is_covered = pl.any_horizontal(pl.col(f"code_{number}").is_not_null() for number in numbers)
    owner = ("customer_id", "served_msisdn", "plan_code")
    covered = (
        priced.filter((pl.col("billed_units") > 0) & is_covered)
        .select(*_ROW, *owner, "usage_date", "event_start_utc", "cdr_id", *names, open_units=pl.col("billed_units"))
        .collect(engine="streaming")
        .sort("event_start_utc", "cdr_id")
    )
    for number in numbers:
        code, period = pl.col(f"code_{number}"), pl.col(f"period_{number}")
        # Rows are in order of use, which a running sum over a group keeps. All are of one month.
        day = pl.when(period == "day").then(pl.col("usage_date"))
        before = (pl.col("open_units").cum_sum() - pl.col("open_units")).over(*owner, code, day)
        gone = pl.when(period == "event").then(0).otherwise(before)
        left = (pl.col(f"quantity_{number}") - gone).clip(lower_bound=0)
        used = pl.when(code.is_null()).then(0).otherwise(pl.min_horizontal("open_units", left))
        covered = covered.with_columns(used.alias(f"used_{number}")).with_columns(
            open_units=pl.col("open_units") - pl.col(f"used_{number}")
        )
    return covered.select(*_ROW, *(f"used_{number}" for number in numbers))


def _charged(priced: pl.LazyFrame, tariff: Tariff) -> pl.LazyFrame:
    numbers = range(1, tariff.passes + 1)
    billed = pl.col("billed_units")
    given = pl.sum_horizontal([pl.lit(0, pl.Int64), *(pl.col(f"used_{number}").fill_null(0) for number in numbers)])
    words = [
        pl.when(pl.col(f"used_{number}") > 0).then(
            pl.concat_str(pl.col(f"code_{number}"), pl.lit("="), pl.col(f"used_{number}").cast(pl.String))
        )
        for number in numbers
    ]
    in_words = pl.concat_str(words, separator=",", ignore_nulls=True) if words else text(None)
    charged = pl.col("charged_units")
    for_units = half_up(charged.cast(pl.Int128) * pl.col("price_e9"), pl.col("unit_size") * 1000)
    micros = pl.min_horizontal(
        pl.max_horizontal(for_units + pl.col("connect_e6"), pl.col("minimum_e6").cast(pl.Int128)),
        pl.col("maximum_e6").cast(pl.Int128),
    )
    micros = pl.when(charged == 0).then(pl.lit(0, pl.Int128)).otherwise(micros)
    return (
        priced.with_columns(
            allowance_units=pl.when(billed.is_not_null()).then(given),
            allowances_used=pl.when(given > 0).then(in_words),
        )
        .with_columns(charged_units=billed - pl.col("allowance_units"))
        .with_columns(
            charge_amount=money(pl.when(charged.is_not_null()).then(micros), 18, 6),
            product_code=pl.coalesce("sold_product", "reported_product"),
            status=pl.when(pl.col("reason").is_null()).then(text("rated")).otherwise(text("unrated")),
            reference_version=pl.lit(tariff.reference_version),
        )
    )
