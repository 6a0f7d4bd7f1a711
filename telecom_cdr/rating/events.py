"""Usage events: the three mediated tables as one frame, with one quantity whatever the service.

Here: the union and nothing else. Not here: any rule of the tariff.
"""

from typing import Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from telecom_cdr.expressions import UNITS, text, units
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
    "is_final": "boolean",
    "usage_month": "string",
    "billing_month": "string",
}
_CALLED: Final = {"called_number": "string", "is_short_code": "boolean", "traffic_class": "string"}


def usage_events(voice: DataFrame, sms: DataFrame, data: DataFrame) -> DataFrame:
    """One row an event: whose it is, when, whom it reached, and its usage in seconds, messages or bytes.

    `called_number`, `is_short_code` and `traffic_class` are null for data; `reported_product` and
    `session_duration_seconds` are null for the others.
    """
    nobody_called = [F.lit(None).cast(kind).alias(name) for name, kind in _CALLED.items()]
    no_session = [text(None).alias("reported_product"), units(None).alias("session_duration_seconds")]
    session = [
        F.col("product_code").cast("string").alias("reported_product"),
        F.col("session_duration_seconds").cast(UNITS).alias("session_duration_seconds"),
    ]
    return (
        voice.select(*_common(RecordType.VOICE, F.col("duration_seconds")), *no_session, *_columns(_CALLED))
        .unionByName(sms.select(*_common(RecordType.SMS, F.col("message_count")), *no_session, *_columns(_CALLED)))
        .unionByName(data.select(*_common(RecordType.DATA, F.col("volume_bytes")), *session, *nobody_called))
    )


def _common(service: RecordType, usage: Column) -> list[Column]:
    return [*_columns(_SHARED), text(service).alias("service_type"), usage.cast(UNITS).alias("usage_units")]


def _columns(types: dict[str, str]) -> list[Column]:
    return [F.col(name).cast(kind).alias(name) for name, kind in types.items()]
