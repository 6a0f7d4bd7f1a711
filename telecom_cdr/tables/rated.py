"""The rated layer: each event with its charge, or with the reason why it has none."""

from typing import Final

from telecom_cdr.tables.mediated import CDR_ID, SERVED_MSISDN, SOURCE_NODE
from telecom_cdr.tables.model import BOOLEAN, CHARGE, DATE, LONG, PRICE, STRING, Column, Table
from telecom_cdr.tables.shared import BILLING_MONTH, RECORD_ID, START, USAGE_MONTH
from telecom_cdr.vocabulary import PaymentType, RateModel, RatingStatus, RecordType, TrafficClass, UnratedReason

USAGE: Final = Table(
    layer="rated",
    name="usage",
    grain="One usage event with its charge, or with the reason why it has none.",
    key=("cdr_id",),
    retention_days=365,
    columns=(
        CDR_ID,
        RECORD_ID,
        SOURCE_NODE,
        Column("service_type", STRING, "voice, sms or data.", nullable=False, allowed=RecordType),
        SERVED_MSISDN,
        Column("called_number", STRING, "E.164 digits, or a short code; null for data.", personal=True),
        Column("traffic_class", STRING, "Kind of destination; null for data.", allowed=TrafficClass),
        Column("cell_id", STRING, "Cell, `CITY_NN`, or UNKNOWN.", nullable=False),
        *START,
        Column("status", STRING, "rated or unrated.", nullable=False, allowed=RatingStatus),
        Column("reason", STRING, "Why there is no charge; null when rated.", allowed=UnratedReason),
        Column("customer_id", STRING, "Customer of the subscription on the day.", references="reference/customers"),
        Column("plan_code", STRING, "Rate plan of the subscription on the day.", references="reference/rate_plans"),
        Column("payment_type", STRING, "postpaid or prepaid.", allowed=PaymentType),
        Column("currency", STRING, "Currency of the plan."),
        Column("product_code", STRING, "Product that prices the event; for data as reported."),
        Column("zone", STRING, "Zone of the destination."),
        Column("destination_prefix", STRING, "Longest matching prefix of the destinations."),
        Column("time_band", STRING, "Time band of the rate; null: any."),
        Column("rate_zone", STRING, "Zone that the rate asks for; null: any."),
        Column("rate_valid_from", DATE, "First day of the rate."),
        Column("rate_model", STRING, "How the rate turns units into money.", allowed=RateModel),
        Column("first_increment", LONG, "Units billed whole at the start.", minimum=1),
        Column("next_increment", LONG, "Units of every further step.", minimum=1),
        Column("unit_size", LONG, "Units that the price is for.", minimum=1),
        Column("price", PRICE, "Price of unit_size units."),
        Column("connect_fee", CHARGE, "Fee of the event, due when a unit is charged."),
        Column("minimum_charge", CHARGE, "Least charge of an event that is not wholly free."),
        Column("maximum_charge", CHARGE, "Greatest charge of an event."),
        Column("usage_units", LONG, "Seconds, messages or bytes used.", nullable=False, minimum=0),
        Column("billed_units", LONG, "Units after increments.", minimum=0),
        Column("allowance_units", LONG, "Billed units that allowances gave.", minimum=0),
        Column("allowances_used", STRING, "Units by allowance, in order of use: `CODE=units`, comma-separated."),
        Column("charged_units", LONG, "Billed units that are paid for.", minimum=0),
        Column("charge_amount", CHARGE, "The charge, on the plan's tax basis; null when unrated."),
        Column("is_tax_included", BOOLEAN, "Whether the plan's prices include tax."),
        Column("reference_version", LONG, "Version of the reference data.", nullable=False),
        USAGE_MONTH,
        BILLING_MONTH,
    ),
)

TABLES: Final = (USAGE,)
