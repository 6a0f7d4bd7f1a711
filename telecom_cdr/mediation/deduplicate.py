"""Deduplicate: of the valid records with one identity, the one received first is kept; the others are copies.

Neither identity nor order of receipt depends on how records are split into files, so other splits give the same
events. Copies are looked for once the judged records are stored, in their few columns that tell: a window over
whole records costs more than all rules together.
"""

from typing import Final

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from telecom_cdr.expressions import coalesce, count_rows, declared, digest_of, micros, text
from telecom_cdr.tables.staging import COPIES

# What a copy must share with the record kept, beside its start. The source node is part of the identity.
_COMPARED: Final = (
    "record_type",
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
    """Add `cdr_id`, SHA-256 of source node, record ID and usage month; null for records with reasons."""
    node = coalesce("string", F.col("source_node"), text(""))
    parts = F.concat(node, text(_SEPARATOR), F.col("record_id"), text(_SEPARATOR), F.col("usage_month"))
    cdr_id = F.when(F.col("reasons").isNull(), F.sha2(parts.cast("string"), 256)).otherwise(text(None))
    return records.withColumn("cdr_id", cdr_id.cast("string"))


def copies(staged: DataFrame) -> DataFrame:
    """The staged records that repeat another: one row each, the columns of `COPIES`."""
    received = _received(staged)
    # Nearly every identity is single. A hash finds the few that may not be, cheaply; the window then tells exactly.
    repeated = (
        received.groupBy("identity_hash")
        .agg(count_rows().alias("record_count"))
        .where(F.col("record_count") > F.lit(1))
    )
    suspects = received.join(repeated, on="identity_hash", how="left_semi").withColumn("fields_digest", _digest())
    by_receipt = Window.partitionBy("cdr_id").orderBy(*_RECEIPT)
    ranked = suspects.withColumns(
        {"copy_number": F.row_number().over(by_receipt)}
        | {f"kept_{name}": F.first(name).over(by_receipt) for name in (*_POSITION, "fields_digest")}
    )
    is_conflicting = (F.col("fields_digest") != F.col("kept_fields_digest")).cast("boolean")
    repeating = ranked.where(F.col("copy_number") > F.lit(1)).withColumn("is_conflicting", is_conflicting)
    return repeating.select(*declared(COPIES))


def _received(staged: DataFrame) -> DataFrame:
    """What is compared: the valid records of this billing month.

    Records of earlier months that hold an identity would be further rows here, received before all of these.
    """
    valid = staged.where(F.col("cdr_id").isNotNull())
    told = ("cdr_id", *_RECEIPT, *_COMPARED, "event_start_utc", "billing_month")
    return valid.select(*told, F.xxhash64("cdr_id").alias("identity_hash"))


def _digest() -> Column:
    """Tells copies that say the same from copies that do not."""
    return digest_of(*(F.col(name) for name in _COMPARED), micros(F.col("event_start_utc")))
