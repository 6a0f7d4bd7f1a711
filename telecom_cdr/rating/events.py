"""Usage events: the three mediated tables as one frame, with one quantity whatever the service.

Here: the union and nothing else. Not here: any rule of the tariff.
"""

from typing import Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from telecom_cdr.expressions import UNITS, text
from telecom_cdr.vocabulary import RecordType

_SHARED: Final = {
    "cdr_id": "string",
    "record_id": "string",
    "source_node": "string",
    "served_msisdn": "string",
    "cell_id": "string",
    "event_start_utc": "timestamp",
    "utc_offset_seconds": "int",
    "usage_date": "date",
    "is_roaming": "boolean",
    "serving_plmn": "string",
    "session_id": "string",
    "sequence_number": "bigint",
    "usage_month": "string",
    "billing_month": "string",
}
_CALLED: Final = {"called_number": "string", "is_short_code": "boolean", "traffic_class": "string"}


def usage_events(voice: DataFrame, sms: DataFrame, data: DataFrame) -> DataFrame:
    """One row an event: whose it is, when, whom it reached, and its usage in seconds, messages or bytes.

    `called_number`, `is_short_code` and `traffic_class` are null for data; `reported_product` is null for the others.
    """
    nobody_called = [F.lit(None).cast(kind).alias(name) for name, kind in _CALLED.items()]
    none_reported = text(None)
    return (
        voice.select(*_common(RecordType.VOICE, F.col("duration_seconds"), none_reported), *_columns(_CALLED))
        .unionByName(sms.select(*_common(RecordType.SMS, F.col("message_count"), none_reported), *_columns(_CALLED)))
        .unionByName(
            data.select(*_common(RecordType.DATA, F.col("volume_bytes"), F.col("product_code")), *nobody_called)
        )
    )


def _common(service: RecordType, usage: Column, reported_product: Column) -> list[Column]:
    return [
        *_columns(_SHARED),
        text(service).alias("service_type"),
        usage.cast(UNITS).alias("usage_units"),
        reported_product.cast("string").alias("reported_product"),
    ]


def _columns(types: dict[str, str]) -> list[Column]:
    return [F.col(name).cast(kind).alias(name) for name, kind in types.items()]
