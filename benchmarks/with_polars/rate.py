"""Events of a month to rated usage: the tariff of each day joined by equality, allowances by running sums."""

from typing import Final

import polars as pl

from benchmarks.with_polars.frames import Writer, half_up, money, text
from benchmarks.with_polars.mediate import events_of
from benchmarks.with_polars.tariff import PRICED, Tariff
from telecom_cdr.tables.rated import USAGE

_ROW: Final = ("file_no", "line_no")


def rate(judged: pl.LazyFrame, copies: pl.DataFrame, tariff: Tariff, writer: Writer, month: str) -> None:
    """Write rated/usage of one month."""
    events = _events(events_of(judged.filter(pl.col("billing_month") == month), copies), tariff)
    priced = _priced(events, _places(events, tariff), tariff)
    if tariff.passes:
        priced = priced.join(_free_units(priced, tariff.passes).lazy(), on=_ROW, how="left")
    writer.add(USAGE, month, _charged(priced, tariff))
    writer.commit(USAGE)


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
        .with_columns(pl.when(pl.col("reason").is_null()).then(pl.col(name)).alias(name) for name in PRICED)
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
