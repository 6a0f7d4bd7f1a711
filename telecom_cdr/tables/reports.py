"""The report layer: what the business reads, one row a report and billing month. No phone number is whole here."""

from typing import Final

from telecom_cdr.tables.model import AMOUNT, BOOLEAN, CHARGE_SUM, DATE, INTEGER, LONG, STRING, TIMESTAMP, Column, Table
from telecom_cdr.tables.shared import BILLING_MONTH, USAGE_MONTH
from telecom_cdr.vocabulary import PaymentType, RecordType

_EVENTS: Final = Column("event_count", LONG, "Rated events.", nullable=False, minimum=0)
_CHARGES: Final = Column("charge_amount", CHARGE_SUM, "Sum of charges, on the plans' tax basis.", nullable=False)
_CURRENCY: Final = Column("currency", STRING, "Currency of the amounts.", nullable=False)


def _report(name: str, grain: str, key: tuple[str, ...], *columns: Column) -> Table:
    return Table(layer="reports", name=name, grain=grain, key=key, columns=(*columns, BILLING_MONTH))


REVENUE_BY_PLAN: Final = _report(
    "revenue_by_plan",
    "One rate plan: what it charged and invoiced.",
    ("plan_code", "billing_month"),
    Column("plan_code", STRING, "Rate plan.", nullable=False),
    Column("plan_name", STRING, "Name of the plan.", nullable=False),
    Column("payment_type", STRING, "postpaid or prepaid.", nullable=False, allowed=PaymentType),
    Column("subscriber_count", LONG, "Subscribers with rated events.", nullable=False, minimum=0),
    _EVENTS,
    _CHARGES,
    Column("recurring_net_amount", AMOUNT, "Monthly fees invoiced, without tax.", nullable=False),
    Column("usage_net_amount", AMOUNT, "Usage invoiced, without tax.", nullable=False),
    Column("discount_net_amount", AMOUNT, "Discounts, without tax; negative.", nullable=False),
    Column("fee_net_amount", AMOUNT, "Fees invoiced, without tax.", nullable=False),
    Column("net_amount", AMOUNT, "All lines of the plan, without tax.", nullable=False),
    _CURRENCY,
)
TOP_CUSTOMERS: Final = _report(
    "top_customers",
    "One of the hundred customers who spend most.",
    ("rank", "billing_month"),
    Column("rank", INTEGER, "1 is the highest total.", nullable=False, minimum=1),
    Column("customer_id", STRING, "Customer.", nullable=False),
    Column("segment", STRING, "Segment of the customer."),
    Column("region", STRING, "Region of the customer."),
    Column("masked_msisdn", STRING, "First subscription, masked.", personal=False),
    Column("subscription_count", LONG, "Subscriptions with usage or a fee.", nullable=False, minimum=0),
    Column("net_amount", AMOUNT, "Invoice without tax.", nullable=False),
    Column("tax_amount", AMOUNT, "Tax.", nullable=False),
    Column("total_amount", AMOUNT, "Invoice total.", nullable=False),
    _CURRENCY,
)
REGIONAL_DISTRIBUTION: Final = _report(
    "regional_distribution",
    "One region (by cell) and service.",
    ("region", "service_type", "currency", "billing_month"),
    Column("region", STRING, "Region of the cell, or UNKNOWN.", nullable=False),
    Column("service_type", STRING, "voice, sms or data.", nullable=False, allowed=RecordType),
    Column("subscriber_count", LONG, "Subscribers with rated events.", nullable=False, minimum=0),
    _EVENTS,
    Column("usage_units", LONG, "Seconds, messages or bytes used.", nullable=False, minimum=0),
    _CHARGES,
    _CURRENCY,
)
PRODUCT_COSTS: Final = _report(
    "product_costs",
    "One product of one plan: units, free units and charges.",
    ("plan_code", "product_code", "billing_month"),
    Column("plan_code", STRING, "Rate plan.", nullable=False),
    Column("product_code", STRING, "Product.", nullable=False),
    Column("service_type", STRING, "voice, sms or data.", nullable=False, allowed=RecordType),
    _EVENTS,
    Column("usage_units", LONG, "Units used.", nullable=False, minimum=0),
    Column("billed_units", LONG, "Units after increments.", nullable=False, minimum=0),
    Column("allowance_units", LONG, "Units that allowances gave.", nullable=False, minimum=0),
    Column("charged_units", LONG, "Units that were paid for.", nullable=False, minimum=0),
    _CHARGES,
    Column("average_charge", CHARGE_SUM, "Charge an event, 6 decimals.", nullable=False),
    _CURRENCY,
)
DAILY_REVENUE: Final = _report(
    "daily_revenue",
    "One local day and service.",
    ("usage_date", "service_type", "currency", "billing_month"),
    Column("usage_date", DATE, "Operator's local date.", nullable=False),
    Column("service_type", STRING, "voice, sms or data.", nullable=False, allowed=RecordType),
    _EVENTS,
    Column("unrated_count", LONG, "Events without a charge.", nullable=False, minimum=0),
    _CHARGES,
    _CURRENCY,
)
INCOMPLETE_SESSIONS: Final = _report(
    "incomplete_sessions",
    "One session whose parts have a gap, repeat, overlap, or lack their first or last one.",
    ("first_cdr_id", "billing_month"),
    Column("first_cdr_id", STRING, "First part of the session: its `cdr_id` in rated/usage.", nullable=False),
    Column("first_record_id", STRING, "The sender's identity of the first part, for `explain`.", nullable=False),
    Column("session_id", STRING, "Session.", nullable=False),
    Column("service_type", STRING, "voice or data.", nullable=False, allowed=RecordType),
    Column("masked_msisdn", STRING, "Charged number, masked.", nullable=False),
    Column("customer_id", STRING, "Customer of the first part; null when there is none."),
    Column("product_code", STRING, "Product of the first part."),
    Column("serving_plmn", STRING, "Network abroad that served the session; null: at home."),
    Column("first_start_utc", TIMESTAMP, "Start of the first part.", nullable=False),
    Column("part_count", LONG, "Parts that came.", nullable=False, minimum=1),
    Column("first_sequence_number", LONG, "Lowest sequence number; sessions begin at 0 or 1.", nullable=False),
    Column("last_sequence_number", LONG, "Highest sequence number.", nullable=False),
    Column("missing_count", LONG, "Sequence numbers up to the highest that no part has.", nullable=False, minimum=0),
    Column("repeated_count", LONG, "Parts that share the number of another one.", nullable=False, minimum=0),
    Column("has_first", BOOLEAN, "A part has the sequence number 0 or 1, or one below.", nullable=False),
    Column("has_final", BOOLEAN, "A part says to be the last.", nullable=False),
    Column(
        "overlap_seconds",
        LONG,
        "Whole seconds by which parts start before the end of the one before them.",
        nullable=False,
        unit="s",
        minimum=0,
    ),
    Column("usage_units", LONG, "Seconds or bytes used.", nullable=False, minimum=0),
    Column("unrated_count", LONG, "Parts without a charge.", nullable=False, minimum=0),
    _CHARGES,
    Column("currency", STRING, "Currency of the charges; XXX when nobody is charged.", nullable=False),
    USAGE_MONTH,
)

TABLES: Final = (
    REVENUE_BY_PLAN,
    TOP_CUSTOMERS,
    REGIONAL_DISTRIBUTION,
    PRODUCT_COSTS,
    DAILY_REVENUE,
    INCOMPLETE_SESSIONS,
)
