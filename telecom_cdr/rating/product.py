"""What is sold: the product of an event, by service and traffic class, or as the network reported it for data."""

from typing import Final

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from telecom_cdr.expressions import is_true, text
from telecom_cdr.rating.hold import Hold, as_it_is
from telecom_cdr.vocabulary import RecordType, TrafficClass

_HOME: Final = "home"
# A product without a class covers every class at home; a roaming event needs a product made for it.
_ANY_CLASS: Final = tuple(member for member in TrafficClass if member is not TrafficClass.ROAMING)


def with_product(events: DataFrame, products: DataFrame, hold: Hold = as_it_is) -> DataFrame:
    """Add `product_code`, null when nothing sells the event.

    Voice and SMS: the product of the traffic class before the one without a class. Data: the reported product,
    if it is one; a roaming event only if its class is roaming.
    """
    is_data = F.col("service_type") == text(RecordType.DATA)
    place = F.when(is_true(F.col("is_roaming")), text(TrafficClass.ROAMING)).otherwise(text(_HOME))
    sold_for = F.when(is_data, _key(place, F.col("reported_product"))).otherwise(_key(F.col("traffic_class")))
    by_use = hold(_products_by_use(products))
    return events.withColumn("_sold_for", sold_for).join(by_use, "_sold_for", "left").drop("_sold_for")


def _products_by_use(products: DataFrame) -> DataFrame:
    """One row for each use that a product is sold for, with the most specific product."""
    is_data = F.col("service_type") == text(RecordType.DATA)
    own_class = F.array(F.col("traffic_class").cast("string"))
    data_uses = F.when(
        is_true(F.col("traffic_class") == text(TrafficClass.ROAMING)),
        F.array(text(_HOME), text(TrafficClass.ROAMING)),
    ).otherwise(F.array(text(_HOME)))
    class_uses = F.when(F.col("traffic_class").isNull(), F.array(*(text(member) for member in _ANY_CLASS))).otherwise(
        own_class
    )
    uses = products.select(
        "product_code",
        "service_type",
        F.col("traffic_class").isNull().cast("int").alias("_is_general"),
        F.explode(F.when(is_data, data_uses).otherwise(class_uses)).alias("_use"),
    )
    sold_for = F.when(is_data, _key(F.col("_use"), F.col("product_code"))).otherwise(_key(F.col("_use")))
    best_first = Window.partitionBy("_sold_for").orderBy("_is_general", "product_code")
    return (
        uses.withColumn("_sold_for", sold_for)
        .withColumn("_rank", F.row_number().over(best_first))
        .where(F.col("_rank") == F.lit(1))
        .select("_sold_for", F.col("product_code").cast("string").alias("product_code"))
    )


def _key(*parts: Column) -> Column:
    """One text to join on; null, so without a match, when a part is null."""
    separated = [piece for part in parts for piece in (text("/"), part)]
    return F.concat(F.col("service_type"), *separated).cast("string")
