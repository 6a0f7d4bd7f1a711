"""The five outputs of mediation, each a choice of staged rows: every raw record is in exactly one of them.

`copies` are the staged records that repeat another (`deduplicate`).
"""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from telecom_cdr.expressions import declared, units
from telecom_cdr.tables.mediated import DATA, DUPLICATES, QUARANTINE, SMS, VOICE
from telecom_cdr.tables.raw import CDRS
from telecom_cdr.vocabulary import RecordType


def voice(staged: DataFrame, copies: DataFrame) -> DataFrame:
    """Billable calls, one row each."""
    return _events(staged, copies, RecordType.VOICE).select(*declared(VOICE))


def sms(staged: DataFrame, copies: DataFrame) -> DataFrame:
    """Billable messages, one row each."""
    messages = _events(staged, copies, RecordType.SMS).withColumn("message_count", units(1))
    return messages.select(*declared(SMS))


def data(staged: DataFrame, copies: DataFrame) -> DataFrame:
    """Billable data sessions or parts of them, one row each."""
    sessions = _events(staged, copies, RecordType.DATA)
    return sessions.withColumnRenamed("duration_seconds", "session_duration_seconds").select(*declared(DATA))


def duplicates(staged: DataFrame, copies: DataFrame) -> DataFrame:
    """Valid records received again, one row each, with the record kept."""
    found = copies.drop("billing_month")
    return staged.join(found, on=list(CDRS.key), how="inner").select(*declared(DUPLICATES))


def quarantine(staged: DataFrame, raw: DataFrame) -> DataFrame:
    """Records refused or not billable, one row each; `raw` gives the payloads and may hold more than this month."""
    set_aside = staged.where(F.col("reasons").isNotNull())
    payloads = raw.select(*CDRS.key, "payload")
    return set_aside.join(payloads, on=list(CDRS.key), how="inner").select(*declared(QUARANTINE))


def _events(staged: DataFrame, copies: DataFrame, kind: RecordType) -> DataFrame:
    valid = staged.where(F.col("reasons").isNull() & (F.col("record_type") == kind.value))
    return valid.join(copies.select(*CDRS.key), on=list(CDRS.key), how="left_anti")
