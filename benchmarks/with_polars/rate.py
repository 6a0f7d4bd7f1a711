"""Events of a month to rated usage: the tariff of each day joined by equality, allowances by running sums."""

from typing import Final

import polars as pl

from benchmarks.with_polars.charge import charged
from benchmarks.with_polars.frames import Writer, text
from benchmarks.with_polars.mediate import events_of
from benchmarks.with_polars.tariff import PRICED, Tariff
from telecom_cdr.tables.rated import USAGE

_ROW: Final = ("file_no", "line_no")
_IN_TIME: Final = ("event_start_utc", "cdr_id")
_IN_SESSION: Final = ("sequence_number", *_IN_TIME)


def rate(judged: pl.LazyFrame, copies: pl.DataFrame, tariff: Tariff, writer: Writer, month: str) -> None:
    """Write rated/usage of one month."""
    events = _events(events_of(judged.filter(pl.col("billing_month") == month), copies), tariff)
    priced = _priced(events, _places(events, tariff), tariff)
    apart = _apart(priced, tariff.passes)
    writer.add(
        USAGE,
        month,
        charged(priced.join(apart.lazy(), on=_ROW, how="left"), tariff.passes, tariff.reference_version),
    )
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
    called, plmn = pl.col("called_number"), pl.col("serving_plmn")
    leading = (
        pl.when(pl.col("is_roaming"))
        .then(pl.when(plmn.str.contains(r"\A[0-9]{3,6}\z")).then(pl.lit("@") + plmn.str.slice(0, 3)))
        .when(pl.col("is_short_code"))
        .then(pl.lit("#") + called)
        .otherwise(called.str.slice(0, tariff.longest_prefix))
    )
    use = pl.when(service == "data").then(pl.col("product_code")).otherwise(pl.col("traffic_class"))
    measured = rows.with_columns(
        service_type=service,
        usage_units=units,
        use=use,
        lead_digits=leading,
        reported_product=pl.col("product_code"),
        session_duration_seconds=pl.when(service == "data").then(pl.col("duration_seconds")),
    )
    is_part = pl.col("session_key").is_not_null()
    return (
        measured.join(_parts(measured).lazy(), on=_ROW, how="left")
        .with_columns(
            pl.when(is_part).then(pl.col("session_id")).alias("session_id"),
            pl.when(is_part).then(pl.col("sequence_number")).alias("sequence_number"),
            tariff_date=pl.coalesce("first_date", "usage_date"),
        )
        .join(tariff.eras, on="tariff_date", how="left")
    )


def _parts(events: pl.LazyFrame) -> pl.DataFrame:
    """Parts of sessions: what came before each, the day that its look-ups go by, and its session, by its first part."""
    what = pl.when(pl.col("service_type") == "data").then(pl.col("reported_product")).otherwise(pl.col("called_number"))
    parts = (
        events.filter(
            (pl.col("service_type") != "sms")
            & pl.col("session_id").is_not_null()
            & pl.col("sequence_number").is_not_null()
        )
        .select(
            *_ROW,
            *("service_type", "served_msisdn", "session_id", "usage_month", "usage_units", "usage_date", *_IN_SESSION),
            what=what,
            network=pl.when(pl.col("is_roaming")).then(pl.col("serving_plmn")),
        )
        .collect(engine="streaming")
        .sort(_IN_SESSION)
    )
    session = ("service_type", "served_msisdn", "session_id", "usage_month", "what", "network")
    units = pl.col("usage_units")
    return parts.select(
        *_ROW,
        session_key=pl.col("cdr_id").first().over(session),
        first_date=pl.col("usage_date").first().over(session),
        session_units_before=(units.cum_sum() - units).over(session),
    )


def _places(events: pl.LazyFrame, tariff: Tariff) -> pl.LazyFrame:
    """The longest prefix of each run of leading digits in each era; abroad, of the country's calling code."""
    leads = (
        events.select("lead_digits", "era")
        .filter(pl.col("lead_digits").is_not_null())
        .unique()
        .collect()
        .join(tariff.calling_codes, on="lead_digits", how="left")
    )
    digits = pl.coalesce("calling_code", "lead_digits")
    is_short = digits.str.starts_with("#")
    candidates = pl.concat(
        [
            leads.filter(is_short).with_columns(key=digits),
            *(
                leads.filter(~is_short & (digits.str.len_chars() >= size)).with_columns(key=digits.str.slice(0, size))
                for size in range(1, tariff.longest_prefix + 1)
            ),
        ]
    )
    found = candidates.join(tariff.destinations, on=["key", "era"])
    return found.sort("destination_prefix").group_by("lead_digits", "era").last().drop("key", "calling_code").lazy()


def _priced(events: pl.LazyFrame, places: pl.LazyFrame, tariff: Tariff) -> pl.LazyFrame:
    """Events with owner, product, destination, rate, billed units and the allowances that cover them."""
    plan = ["plan_code", "sold_product"]
    of_product = {"product_code": "sold_product"}
    needs_zone_rate = (pl.col("service_type") == "data") & pl.col("is_roaming") & ~pl.col("is_for_roaming")
    any_rate = pl.when(~needs_zone_rate.fill_null(False)).then(pl.col("any_rate_id"))
    placed = (
        events.drop("product_code")
        .join(tariff.known_numbers, on="served_msisdn", how="left")
        .join(tariff.owners, on=["served_msisdn", "tariff_date"], how="left")
        .join(tariff.uses, on=["service_type", "use"], how="left")
        .join(places, on=["lead_digits", "era"], how="left")
        .join(tariff.zone_rates.rename(of_product), on=[*plan, "zone", "tariff_date"], how="left")
        .join(tariff.any_rates.rename(of_product), on=[*plan, "tariff_date"], how="left")
        .with_columns(rate_id=pl.coalesce(pl.col("zone_rate_id"), any_rate))
        .join(tariff.rates, on="rate_id", how="left")
    )
    is_at_home = (pl.col("service_type") != "data") & ~pl.col("is_roaming")
    reason = (
        pl.when(pl.col("is_known").is_null())
        .then(text("UNKNOWN_SUBSCRIBER"))
        .when(pl.col("customer_id").is_null())
        .then(text("SUBSCRIPTION_NOT_ACTIVE"))
        .when(pl.col("sold_product").is_null())
        .then(text("UNKNOWN_PRODUCT"))
        .when(is_at_home & pl.col("zone").is_null())
        .then(text("NO_DESTINATION"))
        .when(pl.col("price").is_null())
        .then(text("NO_RATE"))
    )
    names = [f"{name}_{number}" for number in range(1, tariff.passes + 1) for name in ("code", "quantity", "period")]
    return (
        placed.with_columns(reason=reason)
        .with_columns(pl.when(pl.col("reason").is_null()).then(pl.col(name)).alias(name) for name in PRICED)
        .with_columns(billed_units=_billed_units())
        .join(tariff.covers_of_zones, on=[*plan, "zone"], how="left")
        .join(tariff.covers_anywhere, on=plan, how="left", suffix="_anywhere")
        .with_columns(pl.coalesce(name, f"{name}_anywhere").alias(name) for name in names)
    )


def _billed_units() -> pl.Expr:
    """Started increments; of a part those that it adds to its session."""
    units, before = pl.col("usage_units"), pl.col("session_units_before")
    first, following = pl.col("first_increment"), pl.col("next_increment")

    def started(used: pl.Expr) -> pl.Expr:
        beyond = (used - first + following - 1) // following * following
        return pl.when(used == 0).then(pl.lit(0, pl.Int64)).when(used <= first).then(first).otherwise(first + beyond)

    added = pl.when(before > 0).then(started(before + units) - started(before)).otherwise(started(units))
    return pl.when(pl.col("reason").is_null()).then(added)


def _apart(priced: pl.LazyFrame, passes: int) -> pl.DataFrame:
    """Events that others decide about: what each pass gives to those that an allowance covers, of each counter in order
    of use, and what the earlier parts of a session are charged.
    """
    numbers = range(1, passes + 1)
    names = [f"{name}_{number}" for number in numbers for name in ("code", "quantity", "period")]
    is_covered = pl.any_horizontal([pl.lit(False), *(pl.col(f"code_{number}").is_not_null() for number in numbers)])
    is_part = pl.col("session_key").is_not_null()
    owner = ("customer_id", "served_msisdn", "plan_code")
    apart = (
        priced.filter(pl.col("billed_units").is_not_null() & (is_part | (is_covered & (pl.col("billed_units") > 0))))
        .select(*(*_ROW, *owner, "usage_date", *_IN_SESSION, "session_key", *names), open_units=pl.col("billed_units"))
        .collect(engine="streaming")
        .sort(_IN_TIME)
    )
    for number in numbers:
        code, period = pl.col(f"code_{number}"), pl.col(f"period_{number}")
        # Rows are in order of use, which a running sum over a group keeps. All are of one month.
        day = pl.when(period == "day").then(pl.col("usage_date"))
        event = pl.when(period == "event").then(pl.coalesce("session_key", "cdr_id"))
        gone = (pl.col("open_units").cum_sum() - pl.col("open_units")).over(*owner, code, day, event)
        left = (pl.col(f"quantity_{number}") - gone).clip(lower_bound=0)
        used = pl.when(code.is_null()).then(0).otherwise(pl.min_horizontal("open_units", left))
        apart = apart.with_columns(used.alias(f"used_{number}"), left.alias(f"left_{number}")).with_columns(
            pl.col("open_units") - pl.col(f"used_{number}"), pl.col(f"left_{number}") - pl.col(f"used_{number}")
        )
    paid = (pl.col("open_units").cum_sum() - pl.col("open_units")).over("session_key")
    before = apart.filter(is_part).sort(_IN_SESSION).select(*_ROW, paid_before=paid)
    given = [f"{name}_{number}" for number in numbers for name in ("used", "left")]
    return apart.select(*_ROW, *given).join(before, on=_ROW, how="left")
