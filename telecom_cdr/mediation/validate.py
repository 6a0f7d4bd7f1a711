"""Validate: ask every rule about every record once. Not here: the rules (`quality/`)."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from telecom_cdr.expressions import text
from telecom_cdr.quality.fields import Fields
from telecom_cdr.quality.rule import reasons
from telecom_cdr.quality.rules import NOT_BILLABLE_PATTERN, QUARANTINE_RULES, WARNING_RULES
from telecom_cdr.vocabulary import Disposition


def with_judgement(rows: DataFrame, first_month: str) -> DataFrame:
    """Add `reasons` (null for a valid record), `warnings` and `disposition`.

    `not_billable` when nothing is wrong but that there is nothing to bill; `refused` when anything else is.
    """
    cdr = Fields.of_record(first_month)
    rows = rows.withColumns({"reasons": reasons(QUARANTINE_RULES, cdr), "warnings": reasons(WARNING_RULES, cdr)})
    disposition = (
        F.when(F.col("reasons").isNull(), text(None))
        .when(F.col("reasons").rlike(NOT_BILLABLE_PATTERN), text(Disposition.NOT_BILLABLE.value))
        .otherwise(text(Disposition.REFUSED.value))
    )
    return rows.withColumn("disposition", disposition.cast("string"))
