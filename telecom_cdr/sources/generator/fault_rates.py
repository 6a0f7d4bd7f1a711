"""Which faults the generator injects, how often, and what mediation must say of each.

Here: the kinds, their rates and expected reasons. Not here: how a record is spoilt (`faults.py`).
"""

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Final

from telecom_cdr.errors import InputError
from telecom_cdr.vocabulary import Reason, RecordType


class Fault(StrEnum):
    """A kind of injected fault."""

    MISSING_RECORD_ID = "missing_record_id"
    MISSING_TIMESTAMP = "missing_timestamp"
    MISSING_SERVED_NUMBER = "missing_served_number"
    MISSING_CALLED_NUMBER = "missing_called_number"
    MISSING_DURATION = "missing_duration"
    MISSING_VOLUME = "missing_volume"
    MISSING_CELL = "missing_cell"
    MISSING_TECHNOLOGY = "missing_technology"
    MISSING_PRODUCT = "missing_product"
    INVALID_TIMESTAMP = "invalid_timestamp"
    INVALID_SERVED_NUMBER = "invalid_served_number"
    INVALID_CALLED_NUMBER = "invalid_called_number"
    NEGATIVE_DURATION = "negative_duration"
    EXCESSIVE_DURATION = "excessive_duration"
    NEGATIVE_VOLUME = "negative_volume"
    EXCESSIVE_VOLUME = "excessive_volume"
    UNKNOWN_TECHNOLOGY = "unknown_technology"
    UNKNOWN_RECORD_TYPE = "unknown_record_type"
    WRONG_FIELD_TYPE = "wrong_field_type"
    MALFORMED_JSON = "malformed_json"
    FUTURE_TIMESTAMP = "future_timestamp"
    LATE = "late"
    TOO_OLD = "too_old"
    SEVERAL_FAULTS = "several_faults"
    EXACT_DUPLICATE = "exact_duplicate"
    CONFLICTING_DUPLICATE = "conflicting_duplicate"


DUPLICATE_FAULTS: Final = (Fault.EXACT_DUPLICATE, Fault.CONFLICTING_DUPLICATE)

# What mediation must answer. A fault that is not listed is no reason to refuse: the record stays billable.
REASON_OF: Final[dict[Fault, Reason]] = {
    Fault.MISSING_RECORD_ID: Reason.MISSING_RECORD_ID,
    Fault.MISSING_TIMESTAMP: Reason.MISSING_TIMESTAMP,
    Fault.MISSING_SERVED_NUMBER: Reason.MISSING_SERVED_NUMBER,
    Fault.MISSING_CALLED_NUMBER: Reason.MISSING_CALLED_NUMBER,
    Fault.MISSING_DURATION: Reason.MISSING_DURATION,
    Fault.MISSING_VOLUME: Reason.MISSING_VOLUME,
    Fault.INVALID_TIMESTAMP: Reason.INVALID_TIMESTAMP,
    Fault.INVALID_SERVED_NUMBER: Reason.INVALID_SERVED_NUMBER,
    Fault.INVALID_CALLED_NUMBER: Reason.INVALID_CALLED_NUMBER,
    Fault.NEGATIVE_DURATION: Reason.NEGATIVE_DURATION,
    Fault.EXCESSIVE_DURATION: Reason.EXCESSIVE_DURATION,
    Fault.NEGATIVE_VOLUME: Reason.NEGATIVE_VOLUME,
    Fault.EXCESSIVE_VOLUME: Reason.EXCESSIVE_VOLUME,
    Fault.UNKNOWN_RECORD_TYPE: Reason.UNKNOWN_RECORD_TYPE,
    Fault.WRONG_FIELD_TYPE: Reason.INVALID_FIELD_TYPE,
    Fault.MALFORMED_JSON: Reason.MALFORMED_JSON,
    Fault.FUTURE_TIMESTAMP: Reason.FUTURE_TIMESTAMP,
    Fault.TOO_OLD: Reason.TOO_OLD,
}

_CALLS: Final = (RecordType.VOICE, RecordType.SMS)
_TIMED: Final = (RecordType.VOICE, RecordType.DATA)
_DATA: Final = (RecordType.DATA,)
_TYPES_OF: Final[dict[Fault, tuple[RecordType, ...]]] = {
    Fault.MISSING_CALLED_NUMBER: _CALLS,
    Fault.INVALID_CALLED_NUMBER: _CALLS,
    Fault.MISSING_DURATION: _TIMED,
    Fault.NEGATIVE_DURATION: _TIMED,
    Fault.EXCESSIVE_DURATION: _TIMED,
    Fault.MISSING_VOLUME: _DATA,
    Fault.NEGATIVE_VOLUME: _DATA,
    Fault.EXCESSIVE_VOLUME: _DATA,
    Fault.MISSING_PRODUCT: _DATA,
}


def types_of(fault: Fault) -> tuple[RecordType, ...]:
    """The record types that a fault can happen to."""
    return _TYPES_OF.get(fault, tuple(RecordType))


@dataclass(frozen=True)
class FaultRates:
    """Share of the records that get each fault, between 0 and 1; one field for every `Fault`. About 3 % together."""

    missing_record_id: float = 0.0008
    missing_timestamp: float = 0.0008
    missing_served_number: float = 0.0010
    missing_called_number: float = 0.0010
    missing_duration: float = 0.0008
    missing_volume: float = 0.0006
    missing_cell: float = 0.0010
    missing_technology: float = 0.0008
    missing_product: float = 0.0004
    invalid_timestamp: float = 0.0008
    invalid_served_number: float = 0.0015
    invalid_called_number: float = 0.0015
    negative_duration: float = 0.0015
    excessive_duration: float = 0.0004
    negative_volume: float = 0.0006
    excessive_volume: float = 0.0004
    unknown_technology: float = 0.0020
    unknown_record_type: float = 0.0010
    wrong_field_type: float = 0.0012
    malformed_json: float = 0.0020
    future_timestamp: float = 0.0008
    late: float = 0.0020
    too_old: float = 0.0006
    several_faults: float = 0.0010
    exact_duplicate: float = 0.0045
    conflicting_duplicate: float = 0.0015

    def __post_init__(self) -> None:
        for name, rate in vars(self).items():
            if not 0 <= rate <= 1:
                raise InputError(f"fault rate {name} is {rate}; it must lie between 0 and 1")
        if self.total > 1:
            raise InputError(f"fault rates add to {self.total:.4f}; together they must not exceed 1")

    @classmethod
    def none(cls) -> "FaultRates":
        """No faults at all."""
        return cls.of({})

    @classmethod
    def of(cls, rates: dict[Fault, float]) -> "FaultRates":
        """The given rates, and 0 for every other fault."""
        return cls(**{field.name: rates.get(Fault(field.name), 0.0) for field in fields(cls)})

    @property
    def total(self) -> float:
        """Share of the records with a fault."""
        return float(sum(vars(self).values()))

    def by_fault(self) -> dict[Fault, float]:
        """The rates by kind, in the order of `Fault`."""
        return {fault: getattr(self, fault.value) for fault in Fault}
