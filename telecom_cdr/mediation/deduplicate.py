"""Deduplicate: of the valid records with one identity, the one received first is kept.

Identity and order of receipt never depend on the file or the position alone, so other file splits give the same
events. Only records of one billing month are compared here; where records of earlier months count as received
before, they go in as further rows of `records`, ahead of all others by their ingest commit.
"""

from typing import Final

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from telecom_cdr.expressions import coalesce, digest_of, is_true, micros, text

# What a copy must share with the record kept. Instants are compared beside them; the source node is the identity's.
_COMPARED: Final = (
    "service_type",
    "served_msisdn",
    "called_number",
    "duration_seconds",
    "volume_bytes",
    "technology",
    "cell_id",
    "product_code",
    "session_id",
    "sequence_number",
    "is_final",
    "imsi",
    "imei",
    "serving_plmn",
    "cause",
)
_POSITION: Final = ("source_id", "source_partition", "source_offset")
_RECEIPT: Final = ("ingest_commit", "source_sequence", *_POSITION)
_SEPARATOR: Final = "\x1f"


def with_identity(records: DataFrame) -> DataFrame:
    """Add `cdr_id` to valid records: SHA-256 of source node, record ID and usage month; null for all others."""
    node = coalesce("string", F.col("source_node"), text(""))
    parts = F.concat(node, text(_SEPARATOR), F.col("record_id"), text(_SEPARATOR), F.col("usage_month"))
    cdr_id = F.when(F.col("reasons").isNull(), F.sha2(parts.cast("string"), 256)).otherwise(text(None))
    return records.withColumn("cdr_id", cdr_id.cast("string"))


def with_duplicates_marked(records: DataFrame) -> DataFrame:
    """Add `is_duplicate`, and for duplicates the position of the record kept and `is_conflicting`.

    Expects `cdr_id` and `reasons`; a record with reasons is no duplicate and keeps nobody else out.
    """
    # Records without identity are alone in their partition, not all in one.
    alone = F.concat_ws(_SEPARATOR, *(F.col(name).cast("string") for name in _POSITION))
    digest = digest_of(*(F.col(name) for name in _COMPARED), micros(F.col("event_start_utc")))
    is_valid = F.col("cdr_id").isNotNull()
    records = records.withColumns(
        {
            "identity": coalesce("string", F.col("cdr_id"), alone),
            "fields_digest": F.when(is_valid, digest).otherwise(text(None)).cast("string"),
        }
    )
    received = Window.partitionBy("identity").orderBy(*_RECEIPT)
    first = {f"first_{name}": F.first(F.col(name)).over(received) for name in (*_POSITION, "fields_digest")}
    records = records.withColumns({"copy_number": F.row_number().over(received)} | first)
    is_duplicate = is_true(F.col("copy_number") > F.lit(1))
    kept = {f"kept_{name}": F.when(is_duplicate, F.col(f"first_{name}")) for name in _POSITION}
    is_conflicting = F.when(is_duplicate, F.col("fields_digest") != F.col("first_fields_digest"))
    return records.withColumns({"is_duplicate": is_duplicate, "is_conflicting": is_conflicting} | kept)
