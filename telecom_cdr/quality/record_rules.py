"""Rules for what every record has: its form, type, identity, time, optional fields, technology and cell.

Not here: what only calls, messages or data sessions have (`usage_rules`).
"""

from typing import Final

from pyspark.sql import Column
from pyspark.sql import functions as F

from telecom_cdr.expressions import LARGEST_UNITS, coalesce, micros, units
from telecom_cdr.quality.fields import Fields
from telecom_cdr.quality.rule import fails_when, rule
from telecom_cdr.vocabulary import Severity, Technology

_SINCE: Final = "2026-11"
_DAY_MICROS: Final = 24 * 3600 * 1_000_000
# MCC and the digits of an MNC that are given, as mediation writes them.
READABLE_NETWORK: Final = r"\A[0-9]{3,6}\z"


@rule(severity=Severity.QUARANTINE, since=_SINCE, stands_alone=True)
def malformed_json(cdr: Fields) -> Column:
    """The payload is one JSON object in UTF-8."""
    return fails_when(~coalesce("boolean", cdr.is_well_formed, F.lit(False)))


@rule(severity=Severity.QUARANTINE, since=_SINCE)
def unknown_record_type(cdr: Fields) -> Column:
    """The record type is voice, sms or data, in exactly this spelling."""
    return fails_when(cdr.service_type.isNull() & ~cdr.is_record_type_mistyped)


@rule(severity=Severity.QUARANTINE, since=_SINCE)
def missing_record_id(cdr: Fields) -> Column:
    """Every record has the sender's identity: without it a copy cannot be told from a second event."""
    return fails_when(~cdr.is_record_id_given)


@rule(severity=Severity.QUARANTINE, since=_SINCE)
def missing_timestamp(cdr: Fields) -> Column:
    """Every record has a start time: period and tariff follow it."""
    return fails_when(~cdr.is_timestamp_given)


@rule(severity=Severity.QUARANTINE, since=_SINCE)
def invalid_timestamp(cdr: Fields) -> Column:
    """The start time can be read as ISO 8601."""
    return fails_when(cdr.timestamp_text.isNotNull() & cdr.event_start_utc.isNull())


@rule(severity=Severity.QUARANTINE, since=_SINCE)
def future_timestamp(cdr: Fields) -> Column:
    """An event starts at most 24 hours after its own ingest."""
    return fails_when(micros(cdr.event_start_utc) - micros(cdr.ingested_utc) > units(_DAY_MICROS))


@rule(severity=Severity.QUARANTINE, since=_SINCE)
def too_old(cdr: Fields) -> Column:
    """An event starts in the first billing month or later."""
    return fails_when(cdr.usage_month < cdr.first_month)


@rule(severity=Severity.QUARANTINE, since=_SINCE)
def invalid_field_type(cdr: Fields) -> Column:
    """Every field that applies to the record type can be read as its type.

    Numbers have at most 15 significant digits; durations and sequence numbers are whole; `is_final` is true or
    false; `direction` is mo or mt; no field is an object, an array, or (but for `is_final`) a boolean.
    """
    is_bad_duration = cdr.duration_text.isNotNull() & cdr.duration_seconds.isNull()
    is_bad_volume = cdr.volume_text.isNotNull() & cdr.volume_bytes.isNull()
    is_bad_sequence = cdr.sequence_text.isNotNull() & cdr.sequence_number.isNull()
    # The largest whole number stands for what does not fit; sequence numbers have no reason of their own for that.
    is_endless_sequence = F.abs(cdr.sequence_number).cast("bigint") == units(LARGEST_UNITS)
    is_bad_final = cdr.is_final_text.isNotNull() & cdr.is_final.isNull()
    is_bad_direction = ~cdr.direction.isin("mo", "mt")
    return (
        fails_when(cdr.has_mistyped_field)
        | fails_when(is_bad_duration)
        | fails_when(is_bad_volume)
        | fails_when(is_bad_sequence)
        | fails_when(is_endless_sequence)
        | fails_when(is_bad_final)
        | fails_when(is_bad_direction)
    )


@rule(severity=Severity.QUARANTINE, since=_SINCE)
def terminating_leg(cdr: Fields) -> Column:
    """The terminating leg of an event at home is not billed: its originating leg is."""
    return fails_when(cdr.service_type.isNotNull() & cdr.direction.isin("mt") & ~cdr.is_roaming)


@rule(severity=Severity.WARN, since=_SINCE)
def unknown_technology(cdr: Fields) -> Column:
    """The radio technology is given and known."""
    return fails_when(cdr.technology == Technology.UNKNOWN.value)


@rule(severity=Severity.WARN, since=_SINCE)
def missing_cell(cdr: Fields) -> Column:
    """The cell is given."""
    return fails_when(cdr.cell_text.isNull())


@rule(severity=Severity.WARN, since=_SINCE)
def unreadable_serving_plmn(cdr: Fields) -> Column:
    """The serving network is an MCC with an MNC, 3 to 6 digits.

    Blanks, dots, dashes and slashes between them are fine. An event of a network that cannot be read is roaming and has
    no zone: only a product made for roaming and a rate of any zone price it, never those for calls at home.
    """
    return fails_when(~cdr.serving_plmn.rlike(READABLE_NETWORK))
