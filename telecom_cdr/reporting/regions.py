"""Regional distribution: where rated usage happened, by the region of the cell."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from telecom_cdr import expressions as ex
from telecom_cdr.facts.regions import REGION_BY_CITY, UNKNOWN_REGION
from telecom_cdr.reporting.shared import charge_sum, event_count, rated_of_month, subscriber_count, unit_sum
from telecom_cdr.tables.reports import REGIONAL_DISTRIBUTION


def regional_distribution(rated: DataFrame, month: str) -> DataFrame:
    """One row for each region, service and currency of the rated events of a billing month; prepaid ones too."""
    return (
        rated_of_month(rated, month)
        .groupBy(region(F.col("cell_id")).alias("region"), "service_type", "currency", "billing_month")
        .agg(
            subscriber_count().alias("subscriber_count"),
            event_count().alias("event_count"),
            unit_sum("usage_units").alias("usage_units"),
            charge_sum().alias("charge_amount"),
        )
        .select(*ex.declared(REGIONAL_DISTRIBUTION))
    )


def region(cell_id: Column) -> Column:
    """Region of a cell `CITY_NN` as a Column, by `facts.regions`; UNKNOWN when its city has none."""
    city = F.when(cell_id.contains("_"), F.regexp_replace(cell_id, r"_.*\z", ""))
    found = ex.text(UNKNOWN_REGION)
    for name in sorted(set(REGION_BY_CITY.values())):
        cities = [key for key, value in REGION_BY_CITY.items() if value == name]
        found = F.when(city.isin(*cities), ex.text(name)).otherwise(found)
    return found.cast("string")
