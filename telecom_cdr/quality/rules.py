"""All rules of mediation, in the order in which their reasons are listed: for evaluation, for the UI and the docs."""

from typing import Final

from telecom_cdr.quality import record_rules, usage_rules
from telecom_cdr.quality.rule import Rule
from telecom_cdr.vocabulary import NOT_BILLABLE_REASONS, Severity

RULES: Final[tuple[Rule, ...]] = (
    record_rules.malformed_json,
    record_rules.unknown_record_type,
    record_rules.missing_record_id,
    record_rules.missing_timestamp,
    record_rules.invalid_timestamp,
    record_rules.future_timestamp,
    record_rules.too_old,
    usage_rules.missing_served_number,
    usage_rules.invalid_served_number,
    usage_rules.missing_called_number,
    usage_rules.invalid_called_number,
    usage_rules.missing_duration,
    usage_rules.negative_duration,
    usage_rules.excessive_duration,
    usage_rules.missing_volume,
    usage_rules.negative_volume,
    usage_rules.excessive_volume,
    record_rules.invalid_field_type,
    usage_rules.unanswered,
    record_rules.terminating_leg,
    record_rules.unknown_technology,
    record_rules.missing_cell,
    record_rules.unreadable_serving_plmn,
)
QUARANTINE_RULES: Final = tuple(one for one in RULES if one.severity is not Severity.WARN)
WARNING_RULES: Final = tuple(one for one in RULES if one.severity is Severity.WARN)

_NOT_BILLABLE: Final = "|".join(reason.value for reason in NOT_BILLABLE_REASONS)
# Matches reasons that all say that there is nothing to bill.
NOT_BILLABLE_PATTERN: Final = rf"\A({_NOT_BILLABLE})(,({_NOT_BILLABLE}))*\z"
