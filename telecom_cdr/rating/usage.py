"""Rating: usage events in, rated usage out. The order of the steps, and what becomes of events that have no charge."""

from typing import Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from telecom_cdr.expressions import declared, is_true, text
from telecom_cdr.rating.charging import charge_usage
from telecom_cdr.rating.destination import with_destination
from telecom_cdr.rating.increments import apply_increments
from telecom_cdr.rating.portability import with_portability
from telecom_cdr.rating.product import with_product
from telecom_cdr.rating.rates import RATE_COLUMNS, with_rate
from telecom_cdr.rating.sessions import with_session
from telecom_cdr.rating.subscription import with_subscription
from telecom_cdr.rating.tariff import Tariff
from telecom_cdr.tables.rated import USAGE
from telecom_cdr.vocabulary import RatingStatus, RecordType, UnratedReason

_OF_RATE: Final = (*RATE_COLUMNS, "_flat_opening", "_flat_closing", "_pieces")


def rate(events: DataFrame, tariff: Tariff) -> DataFrame:
    """Rate the `usage_events` of a month: one row of `rated/usage` for each event.

    An event that cannot be rated keeps what is known of it, the first reason why, and no charge.
    """
    timed = with_session(events, has_parts=tariff.depth.has_parts)
    # First, for it asks the events for the leading digits that occur: what stands before is worked out twice.
    placed = with_destination(timed, tariff.destinations, tariff.destination_facts, tariff.hold)
    owned = with_subscription(placed, tariff.subscriptions, tariff.rate_plans)
    ported = with_portability(
        owned,
        tariff.number_portability,
        tariff.home_operator,
        has_ported_numbers=tariff.has_ported_numbers,
        hold=tariff.hold,
    )
    sold = with_product(ported, tariff.products, tariff.hold)
    billed = apply_increments(_judge(with_rate(sold, tariff.rates)))
    charged = charge_usage(billed, tariff.rates, tariff.allowances, tariff.depth)
    return _as_declared(charged, tariff.reference_version)


def _judge(events: DataFrame) -> DataFrame:
    """Add `reason`, null when the event is rated; without a charge there is no rate either."""
    needs_destination = (F.col("service_type") != text(RecordType.DATA)) & ~is_true(F.col("is_roaming"))
    reason = (
        F.when(F.col("is_known_number").isNull(), text(UnratedReason.UNKNOWN_SUBSCRIBER))
        .when(F.col("customer_id").isNull(), text(UnratedReason.SUBSCRIPTION_NOT_ACTIVE))
        .when(F.col("product_code").isNull(), text(UnratedReason.UNKNOWN_PRODUCT))
        .when(needs_destination & F.col("zone").isNull(), text(UnratedReason.NO_DESTINATION))
        .when(F.col("rate_model").isNull(), text(UnratedReason.NO_RATE))
        .otherwise(text(None))
    )
    judged = events.withColumn("reason", reason.cast("string"))
    is_rated = F.col("reason").isNull()
    return judged.withColumns({name: F.when(is_rated, F.col(name)) for name in _OF_RATE})


def _as_declared(charged: DataFrame, reference_version: int) -> DataFrame:
    is_rated = F.col("reason").isNull()
    status = F.when(is_rated, text(RatingStatus.RATED)).otherwise(text(RatingStatus.UNRATED))
    product: Column = F.coalesce(F.col("product_code"), F.col("reported_product"))
    return charged.withColumns(
        {"status": status, "product_code": product, "reference_version": F.lit(reference_version)}
    ).select(*declared(USAGE))
