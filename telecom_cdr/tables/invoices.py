"""The invoice layer: lines, invoices and billing periods."""

from typing import Final

from telecom_cdr.tables.model import (
    AMOUNT,
    BOOLEAN,
    CHARGE_SUM,
    INTEGER,
    LONG,
    RATE,
    STRING,
    TIMESTAMP,
    Column,
    Table,
)
from telecom_cdr.tables.shared import BILLING_MONTH, USAGE_MONTH
from telecom_cdr.vocabulary import LineType, PeriodState

_CUSTOMER: Final = Column(
    "customer_id", STRING, "Customer who is billed.", nullable=False, references="reference/customers"
)
_CURRENCY: Final = Column("currency", STRING, "Currency of every amount.", nullable=False)
_SEVEN_YEARS: Final = 7 * 366

LINES: Final = Table(
    layer="invoices",
    name="lines",
    grain="One line of an invoice.",
    key=("line_id",),
    retention_days=_SEVEN_YEARS,
    columns=(
        Column("line_id", STRING, "Identity of the line: SHA-256 of what it charges for.", nullable=False),
        _CUSTOMER,
        Column("line_number", INTEGER, "Order on the invoice, from 1.", nullable=False, minimum=1),
        Column("line_type", STRING, "What the line charges for.", nullable=False, allowed=LineType),
        Column("plan_code", STRING, "Rate plan.", references="reference/rate_plans"),
        Column("product_code", STRING, "Product of a usage line."),
        Column("msisdn", STRING, "Subscription of a recurring or subscription fee line.", personal=True),
        Column("code", STRING, "Discount or fee code."),
        Column("description", STRING, "What the customer reads.", nullable=False),
        Column("event_count", LONG, "Events of a usage line.", nullable=False, minimum=0),
        Column("billed_units", LONG, "Billed units of a usage line."),
        Column("unrounded_amount", CHARGE_SUM, "Sum of charges before rounding; tax as the plan states it."),
        Column("listed_amount", AMOUNT, "The rounded amount; tax as the plan states it.", nullable=False),
        Column("net_amount", AMOUNT, "Amount without tax.", nullable=False),
        Column("is_tax_included", BOOLEAN, "Whether listed_amount includes tax.", nullable=False),
        Column("tax_category", STRING, "standard; null when untaxed."),
        Column("tax_rate", RATE, "Tax rate, 0.2 for 20 %; 0 when untaxed; exempt customers keep it.", nullable=False),
        _CURRENCY,
        USAGE_MONTH,
        BILLING_MONTH,
    ),
)

INVOICES: Final = Table(
    layer="invoices",
    name="invoices",
    grain="One customer, one billing month.",
    key=("customer_id", "billing_month"),
    retention_days=_SEVEN_YEARS,
    columns=(
        _CUSTOMER,
        Column("invoice_number", STRING, "Number without gaps; null until the month is closed."),
        Column("line_count", LONG, "Lines of the invoice.", nullable=False, minimum=1),
        Column("net_amount", AMOUNT, "Sum of the lines without tax.", nullable=False),
        Column("tax_amount", AMOUNT, "Tax, rounded once a rate.", nullable=False),
        Column("total_amount", AMOUNT, "net_amount + tax_amount.", nullable=False),
        Column("is_tax_exempt", BOOLEAN, "The customer pays no tax.", nullable=False),
        _CURRENCY,
        BILLING_MONTH,
    ),
)

BILLING_PERIODS: Final = Table(
    layer="invoices",
    name="billing_periods",
    grain="One billing month: open or closed.",
    key=("billing_month",),
    columns=(
        Column("state", STRING, "open or closed.", nullable=False, allowed=PeriodState),
        Column("changed_utc", TIMESTAMP, "When the state was recorded.", nullable=False),
        Column("run_id", STRING, "Run that recorded it.", nullable=False),
        Column("software_version", STRING, "Version of telecom_cdr.", nullable=False),
        Column("tzdata_version", STRING, "Version of the zone rules.", nullable=False),
        Column("reference_version", LONG, "Version of the reference data.", nullable=False),
        Column("table_versions", STRING, "Delta version of every table billed, `table=version`, comma-separated."),
        Column("invoice_count", LONG, "Invoices of the month.", nullable=False),
        Column("net_amount", CHARGE_SUM, "Sum of the invoices without tax.", nullable=False),
        Column("tax_amount", CHARGE_SUM, "Sum of the taxes.", nullable=False),
        Column("total_amount", CHARGE_SUM, "Sum of the totals.", nullable=False),
        BILLING_MONTH,
    ),
)

TABLES: Final = (LINES, INVOICES, BILLING_PERIODS)
