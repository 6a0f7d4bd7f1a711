"""Rules for what was used: who, whom, how long, how much. Not here: what every record has (`record_rules`)."""

from typing import Final

from pyspark.sql import Column

from telecom_cdr.expressions import units
from telecom_cdr.quality.fields import Fields
from telecom_cdr.quality.rule import fails_when, rule
from telecom_cdr.vocabulary import RecordType, Severity

_SINCE: Final = "2026-11"
_LONGEST_SECONDS: Final = 24 * 3600
_LARGEST_BYTES: Final = 10**12
_WITH_CALLED_NUMBER: Final = (RecordType.VOICE.value, RecordType.SMS.value)
_WITH_DURATION: Final = (RecordType.VOICE.value, RecordType.DATA.value)


@rule(severity=Severity.QUARANTINE, since=_SINCE)
def missing_served_number(cdr: Fields) -> Column:
    """Every event has a subscriber to charge."""
    return fails_when(cdr.service_type.isNotNull() & ~cdr.is_served_given)


@rule(severity=Severity.QUARANTINE, since=_SINCE)
def invalid_served_number(cdr: Fields) -> Column:
    """The charged subscriber's number is valid by the Moroccan numbering plan."""
    return fails_when(cdr.served_text.isNotNull() & cdr.served_msisdn.isNull())


@rule(severity=Severity.QUARANTINE, since=_SINCE)
def missing_called_number(cdr: Fields) -> Column:
    """A call or message goes to a number."""
    return fails_when(cdr.service_type.isin(*_WITH_CALLED_NUMBER) & ~cdr.is_called_given)


@rule(severity=Severity.QUARANTINE, since=_SINCE)
def invalid_called_number(cdr: Fields) -> Column:
    """The number reached has 7 to 15 digits and a known country code, or is a short code of 3 to 5 digits."""
    return fails_when(cdr.called_text.isNotNull() & cdr.called_number.isNull())


@rule(severity=Severity.QUARANTINE, since=_SINCE)
def missing_duration(cdr: Fields) -> Column:
    """A call or data session has a duration."""
    return fails_when(cdr.service_type.isin(*_WITH_DURATION) & ~cdr.is_duration_given)


@rule(severity=Severity.QUARANTINE, since=_SINCE)
def negative_duration(cdr: Fields) -> Column:
    """A call or data session cannot end before it starts."""
    return fails_when(cdr.duration_seconds < units(0))


@rule(severity=Severity.QUARANTINE, since=_SINCE)
def excessive_duration(cdr: Fields) -> Column:
    """A call or data session lasts at most 24 hours."""
    return fails_when(cdr.duration_seconds > units(_LONGEST_SECONDS))


@rule(severity=Severity.QUARANTINE, since=_SINCE)
def missing_volume(cdr: Fields) -> Column:
    """A data session has a volume."""
    return fails_when((cdr.service_type == RecordType.DATA.value) & ~cdr.is_volume_given)


@rule(severity=Severity.QUARANTINE, since=_SINCE)
def negative_volume(cdr: Fields) -> Column:
    """A data session cannot move less than nothing, judged before it is rounded to bytes."""
    return fails_when(cdr.is_volume_negative)


@rule(severity=Severity.QUARANTINE, since=_SINCE)
def excessive_volume(cdr: Fields) -> Column:
    """A data session moves at most 1 TB (10^12 bytes)."""
    return fails_when(cdr.volume_bytes > units(_LARGEST_BYTES))


@rule(severity=Severity.QUARANTINE, since=_SINCE)
def unanswered(cdr: Fields) -> Column:
    """A call of zero seconds was not answered, and is not billed."""
    return fails_when((cdr.service_type == RecordType.VOICE.value) & (cdr.duration_seconds == units(0)))
