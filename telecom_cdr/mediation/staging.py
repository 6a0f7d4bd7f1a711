"""The one pass of mediation: parse, normalise, classify, validate, identify. Not here: what each step does."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from telecom_cdr.expressions import coalesce, declared, text
from telecom_cdr.mediation.classify import with_traffic_class
from telecom_cdr.mediation.deduplicate import with_identity
from telecom_cdr.mediation.dialled import with_numbers_of_people
from telecom_cdr.mediation.parse import parse
from telecom_cdr.mediation.validate import with_judgement
from telecom_cdr.tables.staging import NORMALISED
from telecom_cdr.vocabulary import UNKNOWN_CELL


def normalise(raw: DataFrame, *, first_month: str, home_operator: str) -> DataFrame:
    """Judge and normalise the rows of `raw/cdrs` of one billing month: one row each, the columns of `NORMALISED`.

    `first_month` is the first billing month, `YYYY-MM`; `home_operator` is spelt as in the numbering plan.
    Store it before anything else reads or filters it: an engine that pushes a filter down through these steps copies
    every step's expression into each use of it, which takes memory without bound.
    """
    records = with_traffic_class(with_numbers_of_people(parse(raw)), home_operator)
    records = with_judgement(records, first_month)
    records = records.withColumn("cell_id", coalesce("string", F.col("cell_text"), text(UNKNOWN_CELL)))
    return with_identity(records).select(*declared(NORMALISED))
