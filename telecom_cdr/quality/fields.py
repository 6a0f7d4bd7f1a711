"""The fields of one read record that a rule may ask for. Not here: how they are read (`mediation/`)."""

from dataclasses import dataclass, fields
from typing import Self

from pyspark.sql import Column
from pyspark.sql import functions as F

from telecom_cdr.expressions import text


@dataclass(frozen=True)
class Fields:
    """The columns of a read record, by name.

    `…_text` is what was received, null when it is missing, blank or of the wrong type; beside it stands the value,
    null when the text cannot be read. `is_…_given` is true when something stood there, even of the wrong type.
    `service_type` is the record type when it is a known one.
    """

    is_well_formed: Column
    service_type: Column
    is_record_type_mistyped: Column
    has_mistyped_field: Column
    is_record_id_given: Column
    is_timestamp_given: Column
    timestamp_text: Column
    event_start_utc: Column
    ingested_utc: Column
    usage_month: Column
    first_month: Column
    is_served_given: Column
    served_text: Column
    served_msisdn: Column
    is_called_given: Column
    called_text: Column
    called_number: Column
    is_duration_given: Column
    duration_text: Column
    duration_seconds: Column
    is_volume_given: Column
    volume_text: Column
    volume_bytes: Column
    is_volume_negative: Column
    sequence_text: Column
    sequence_number: Column
    is_final_text: Column
    is_final: Column
    direction: Column
    is_roaming: Column
    technology: Column
    cell_text: Column
    serving_plmn: Column

    @classmethod
    def of_record(cls, first_month: str) -> Self:
        """The fields of a read record; `first_month` is the first billing month, `YYYY-MM`."""
        columns = {field.name: F.col(field.name) for field in fields(cls) if field.name != "first_month"}
        return cls(first_month=text(first_month), **columns)
