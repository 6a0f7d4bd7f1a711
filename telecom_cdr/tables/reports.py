"""The report layer: what the business reads, one row a report and billing month. No phone number is whole here."""

from typing import Final

from telecom_cdr.tables.model import AMOUNT, CHARGE_SUM, DATE, INTEGER, LONG, STRING, Column, Table
from telecom_cdr.tables.shared import BILLING_MONTH
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

TABLES: Final = (REVENUE_BY_PLAN, TOP_CUSTOMERS, REGIONAL_DISTRIBUTION, PRODUCT_COSTS, DAILY_REVENUE)
