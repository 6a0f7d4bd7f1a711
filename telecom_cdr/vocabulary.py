"""The shared words of the project: enumerations, reasons and units.

Belongs here: a word that more than one layer uses. Not here: columns of tables (`tables/`), rules (`quality/`).
"""

from enum import StrEnum
from typing import Final


class RecordType(StrEnum):
    """What a call detail record reports."""

    VOICE = "voice"
    SMS = "sms"
    DATA = "data"


class Technology(StrEnum):
    """Radio generation, after normalisation."""

    G2 = "2G"
    G3 = "3G"
    G4 = "4G"
    G5 = "5G"
    UNKNOWN = "UNKNOWN"


class TrafficClass(StrEnum):
    """Kind of destination of a voice call or message."""

    ONNET = "onnet"
    OFFNET = "offnet"
    FIXED = "fixed"
    SPECIAL = "special"
    INTERNATIONAL = "international"
    ROAMING = "roaming"


class Reason(StrEnum):
    """Why mediation refuses a record, or does not bill it."""

    MALFORMED_JSON = "MALFORMED_JSON"
    UNKNOWN_RECORD_TYPE = "UNKNOWN_RECORD_TYPE"
    MISSING_RECORD_ID = "MISSING_RECORD_ID"
    MISSING_TIMESTAMP = "MISSING_TIMESTAMP"
    INVALID_TIMESTAMP = "INVALID_TIMESTAMP"
    FUTURE_TIMESTAMP = "FUTURE_TIMESTAMP"
    TOO_OLD = "TOO_OLD"
    MISSING_SERVED_NUMBER = "MISSING_SERVED_NUMBER"
    INVALID_SERVED_NUMBER = "INVALID_SERVED_NUMBER"
    MISSING_CALLED_NUMBER = "MISSING_CALLED_NUMBER"
    INVALID_CALLED_NUMBER = "INVALID_CALLED_NUMBER"
    MISSING_DURATION = "MISSING_DURATION"
    NEGATIVE_DURATION = "NEGATIVE_DURATION"
    EXCESSIVE_DURATION = "EXCESSIVE_DURATION"
    MISSING_VOLUME = "MISSING_VOLUME"
    NEGATIVE_VOLUME = "NEGATIVE_VOLUME"
    EXCESSIVE_VOLUME = "EXCESSIVE_VOLUME"
    INVALID_FIELD_TYPE = "INVALID_FIELD_TYPE"
    UNANSWERED = "UNANSWERED"
    TERMINATING_LEG = "TERMINATING_LEG"


NOT_BILLABLE_REASONS: Final = (Reason.UNANSWERED, Reason.TERMINATING_LEG)


class Disposition(StrEnum):
    """What a quarantined record is."""

    REFUSED = "refused"
    NOT_BILLABLE = "not_billable"


class RatingStatus(StrEnum):
    """Whether a usage event got a charge."""

    RATED = "rated"
    UNRATED = "unrated"


class UnratedReason(StrEnum):
    """Why an event has no charge; the first that applies, in this order."""

    UNKNOWN_SUBSCRIBER = "UNKNOWN_SUBSCRIBER"
    SUBSCRIPTION_NOT_ACTIVE = "SUBSCRIPTION_NOT_ACTIVE"
    UNKNOWN_PRODUCT = "UNKNOWN_PRODUCT"
    NO_DESTINATION = "NO_DESTINATION"
    NO_RATE = "NO_RATE"


class Unit(StrEnum):
    """What a product counts."""

    SECOND = "second"
    MESSAGE = "message"
    BYTE = "byte"


UNIT_OF_SERVICE: Final = {RecordType.VOICE: Unit.SECOND, RecordType.SMS: Unit.MESSAGE, RecordType.DATA: Unit.BYTE}


class LineType(StrEnum):
    """What an invoice line charges for."""

    RECURRING = "recurring"
    USAGE = "usage"
    DISCOUNT = "discount"
    FEE = "fee"
    ADJUSTMENT = "adjustment"


class PaymentType(StrEnum):
    """When a subscriber pays."""

    POSTPAID = "postpaid"
    PREPAID = "prepaid"


class SubscriptionStatus(StrEnum):
    """State of a subscription over its validity."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    TERMINATED = "terminated"


class RateModel(StrEnum):
    """How a rate turns units into money."""

    FLAT = "flat"
    GRADUATED = "graduated"
    VOLUME = "volume"
    PACKAGE = "package"


class TierScope(StrEnum):
    """What a tier counts over."""

    EVENT = "event"
    MONTH = "month"


class TierBasis(StrEnum):
    """Which units take a position in the tiers."""

    CHARGED = "charged"
    ALL = "all"


class AllowanceKind(StrEnum):
    """What an allowance gives."""

    UNITS = "units"
    MONEY = "money"


class AllowancePeriod(StrEnum):
    """When an allowance is full again."""

    EVENT = "event"
    DAY = "day"
    MONTH = "month"


class AllowanceScope(StrEnum):
    """Who consumes an allowance together."""

    SUBSCRIPTION = "subscription"
    CUSTOMER = "customer"


class DiscountTarget(StrEnum):
    """What a discount lowers."""

    USAGE = "usage"
    INVOICE = "invoice"


class FeeBasis(StrEnum):
    """How often a fee falls due in a month."""

    INVOICE = "invoice"
    SUBSCRIPTION = "subscription"


class FeeTiming(StrEnum):
    """Whether a monthly fee is paid before or after its month."""

    ADVANCE = "advance"
    ARREARS = "arrears"


class PeriodState(StrEnum):
    """State of a billing month."""

    OPEN = "open"
    CLOSED = "closed"


class GapReason(StrEnum):
    """Why records of a topic were never taken."""

    DELETED_BEFORE_READ = "deleted_before_read"
    TOPIC_REPLACED = "topic_replaced"


class Severity(StrEnum):
    """What a mediation rule does with a record that fails it."""

    WARN = "warn"
    QUARANTINE = "quarantine"
    FAIL = "fail"


class Measure(StrEnum):
    """What a reconciliation counts."""

    RECORDS = "records"
    SECONDS = "seconds"
    BYTES = "bytes"
    MONEY = "money"
    MONEY_ROUNDING = "money_rounding"


UNKNOWN_CELL: Final = "UNKNOWN"
STANDARD_TAX: Final = "standard"
SHORT_CODE_COUNTRY: Final = "SHORT"
NETWORK_COUNTRY: Final = "PLMN"
HOME_COUNTRY_CODE: Final = "212"
HOME_MCC: Final = "604"
