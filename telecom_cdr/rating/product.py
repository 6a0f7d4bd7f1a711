"""What is sold: the product of an event, by service and traffic class, or as the network reported it for data."""

from typing import Final

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from telecom_cdr.expressions import is_true, text
from telecom_cdr.rating.hold import Hold, as_it_is
from telecom_cdr.vocabulary import RecordType, TrafficClass

# A product without a class covers every class at home; a call or message abroad needs a product made for it.
_ANY_CLASS: Final = tuple(member for member in TrafficClass if member is not TrafficClass.ROAMING)


def with_product(events: DataFrame, products: DataFrame, hold: Hold = as_it_is) -> DataFrame:
    """Add `product_code`, null when nothing sells the event, and `_needs_zone_rate`.

    Voice and SMS: the product of the traffic class before the one without a class; abroad, one of class roaming only.
    Data: the reported product, if it is one. Abroad a data product of another class is no offer for every country:
    `_needs_zone_rate` says that only a rate of the event's zone may price it.
    """
    is_data = F.col("service_type") == text(RecordType.DATA)
    sold_for = F.when(is_data, _key(F.col("reported_product"))).otherwise(_key(F.col("traffic_class")))
    by_use = hold(_products_by_use(products))
    sold = events.withColumn("_sold_for", sold_for).join(by_use, "_sold_for", "left")
    needs_zone_rate = is_data & is_true(F.col("is_roaming")) & ~is_true(F.col("_is_for_roaming"))
    return sold.withColumn("_needs_zone_rate", is_true(needs_zone_rate)).drop("_sold_for", "_is_for_roaming")


def _products_by_use(products: DataFrame) -> DataFrame:
    """One row for each use that a product is sold for, with the most specific product."""
    is_data = F.col("service_type") == text(RecordType.DATA)
    any_class = F.array(*(text(member) for member in _ANY_CLASS))
    own_class = F.array(F.col("traffic_class").cast("string"))
    own_code = F.array(F.col("product_code").cast("string"))
    uses = products.select(
        "product_code",
        "service_type",
        F.col("traffic_class").isNull().cast("int").alias("_is_general"),
        is_true(F.col("traffic_class") == text(TrafficClass.ROAMING)).alias("_is_for_roaming"),
        F.explode(
            F.when(is_data, own_code).when(F.col("traffic_class").isNull(), any_class).otherwise(own_class)
        ).alias("_use"),
    )
    best_first = Window.partitionBy("_sold_for").orderBy("_is_general", "product_code")
    return (
        uses.withColumn("_sold_for", _key(F.col("_use")))
        .withColumn("_rank", F.row_number().over(best_first))
        .where(F.col("_rank") == F.lit(1))
        .select("_sold_for", F.col("product_code").cast("string").alias("product_code"), "_is_for_roaming")
    )


def _key(use: Column) -> Column:
    """One text to join on; null, so without a match, when there is no use."""
    return F.concat(F.col("service_type"), text("/"), use).cast("string")
