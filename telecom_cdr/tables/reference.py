"""The reference layer: one snapshot of each table of the operational database, CSV columns first.

The order of columns is that of the CSV files. Each load of the database is one version, carried by every row.
"""

from typing import Final

from telecom_cdr.tables.model import (
    AMOUNT,
    BOOLEAN,
    CHARGE,
    DATE,
    INTEGER,
    LONG,
    PRICE,
    RATE,
    STRING,
    Column,
    Table,
    decimal,
)
from telecom_cdr.vocabulary import (
    AllowanceKind,
    AllowancePeriod,
    AllowanceScope,
    DiscountTarget,
    FeeBasis,
    FeeTiming,
    PaymentType,
    RateModel,
    RecordType,
    SubscriptionStatus,
    TierBasis,
    TierScope,
    TrafficClass,
    Unit,
)

REFERENCE_VERSION: Final = Column(
    "reference_version", LONG, "Number of the load that the row belongs to.", nullable=False
)
_VALID_FROM: Final = Column("valid_from", DATE, "First local day; null: since ever.")
_VALID_TO: Final = Column("valid_to", DATE, "Day after the last; null: no end.")
_PLAN: Final = Column("plan_code", STRING, "Rate plan.", nullable=False, references="reference/rate_plans")
_ANY_PLAN: Final = Column("plan_code", STRING, "Rate plan; null: any.", references="reference/rate_plans")
_PRODUCT: Final = Column("product_code", STRING, "Product.", nullable=False, references="reference/products")
_ANY_PRODUCT: Final = Column("product_code", STRING, "Product; null: any.", references="reference/products")
_ZONE: Final = Column("zone", STRING, "Zone of the destination; null: any.")
_BAND: Final = Column("time_band", STRING, "Time band; null: any.", references="reference/time_bands")


def _reference(name: str, grain: str, key: tuple[str, ...], *columns: Column) -> Table:
    return Table(
        layer="reference", name=name, grain=grain, key=key, columns=(*columns, REFERENCE_VERSION), is_monthly=False
    )


CUSTOMERS: Final = _reference(
    "customers",
    "One customer.",
    ("customer_id",),
    Column("customer_id", STRING, "Customer.", nullable=False),
    Column("name", STRING, "Name.", nullable=False, personal=True),
    Column("region", STRING, "Region."),
    Column("segment", STRING, "Segment."),
    Column("email", STRING, "Address for invoices.", personal=True),
    Column("address", STRING, "Postal address.", personal=True),
    Column("tax_exempt", BOOLEAN, "Pays no tax.", nullable=False),
)
SUBSCRIPTIONS: Final = _reference(
    "subscriptions",
    "One state of one number, for a range of days.",
    ("msisdn", "valid_from"),
    Column("msisdn", STRING, "Number, E.164 digits.", nullable=False, personal=True),
    Column("customer_id", STRING, "Customer.", nullable=False, references="reference/customers"),
    _PLAN,
    Column("status", STRING, "State in the range.", nullable=False, allowed=SubscriptionStatus),
    _VALID_FROM,
    _VALID_TO,
)
RATE_PLANS: Final = _reference(
    "rate_plans",
    "One rate plan.",
    ("plan_code",),
    Column("plan_code", STRING, "Rate plan.", nullable=False),
    Column("name", STRING, "Name that the customer reads.", nullable=False),
    Column("currency", STRING, "ISO 4217.", nullable=False),
    Column("prices_include_tax", BOOLEAN, "Prices, fees and discounts include tax.", nullable=False),
    Column("monthly_fee", AMOUNT, "Fee a subscription and month.", nullable=False, minimum=0),
    Column("fee_timing", STRING, "Paid before or after its month.", nullable=False, allowed=FeeTiming),
    Column("prorate", BOOLEAN, "Fee by days of service.", nullable=False),
    Column("payment_type", STRING, "postpaid or prepaid.", nullable=False, allowed=PaymentType),
)
PRODUCTS: Final = _reference(
    "products",
    "One product: what is sold.",
    ("product_code",),
    Column("product_code", STRING, "Product.", nullable=False),
    Column("service_type", STRING, "voice, sms or data.", nullable=False, allowed=RecordType),
    Column("traffic_class", STRING, "Kind of destination; null: any.", allowed=TrafficClass),
    Column("unit", STRING, "What it counts.", nullable=False, allowed=Unit),
    Column("description", STRING, "What the customer reads."),
)
RATES: Final = _reference(
    "rates",
    "One rate: the price of a product in a plan, for a zone, band and range of days.",
    ("plan_code", "product_code", "zone", "time_band", "valid_from"),
    _PLAN,
    _PRODUCT,
    _ZONE,
    _BAND,
    _VALID_FROM,
    _VALID_TO,
    Column("model", STRING, "How units become money.", nullable=False, allowed=RateModel),
    Column("unit_size", LONG, "Units that the price is for.", minimum=1),
    Column("price", PRICE, "Price of unit_size units; null for tiered models.", minimum=0),
    Column("connect_fee", CHARGE, "Fee of an event with a charged unit; null: none.", minimum=0),
    Column("first_increment", LONG, "Units billed whole at the start; null: 1.", minimum=1),
    Column("next_increment", LONG, "Units of every further step; null: 1.", minimum=1),
    Column("minimum_charge", CHARGE, "Least charge of an event; null: none.", minimum=0),
    Column("maximum_charge", CHARGE, "Greatest charge of an event; null: none.", minimum=0),
    Column("tier_scope", STRING, "What tiers count over.", allowed=TierScope),
    Column("tier_basis", STRING, "Which units take positions.", allowed=TierBasis),
)
RATE_TIERS: Final = _reference(
    "rate_tiers",
    "One tier of a graduated or volume rate.",
    ("plan_code", "product_code", "zone", "time_band", "valid_from", "up_to"),
    _PLAN,
    _PRODUCT,
    _ZONE,
    _BAND,
    _VALID_FROM,
    Column("up_to", LONG, "Last unit of the tier; null: no end.", minimum=1),
    Column("unit_size", LONG, "Units that the price is for; null: 1.", minimum=1),
    Column("price", PRICE, "Price of unit_size units; null: 0, and there is a flat fee.", minimum=0),
    Column("flat_fee", CHARGE, "Due when the tier is entered; null: none.", minimum=0),
)
ALLOWANCES: Final = _reference(
    "allowances",
    "One product and zone that an allowance covers.",
    ("plan_code", "allowance_code", "product_code", "zone"),
    _PLAN,
    Column("allowance_code", STRING, "Allowance.", nullable=False),
    _ANY_PRODUCT,
    _ZONE,
    Column("kind", STRING, "units or money.", nullable=False, allowed=AllowanceKind),
    Column("quantity", decimal(20, 6), "Units, or money, of the period.", nullable=False, minimum=0),
    Column("period", STRING, "When it is full again.", nullable=False, allowed=AllowancePeriod),
    Column("scope", STRING, "Who shares it.", nullable=False, allowed=AllowanceScope),
    Column("priority", INTEGER, "Lower is used first.", nullable=False),
)
DISCOUNTS: Final = _reference(
    "discounts",
    "One discount, for a range of days.",
    ("discount_code", "valid_from"),
    Column("discount_code", STRING, "Discount.", nullable=False),
    _ANY_PLAN,
    Column("customer_id", STRING, "Customer; null: any.", references="reference/customers"),
    Column("segment", STRING, "Segment; null: any."),
    Column("applies_to", STRING, "usage or invoice.", nullable=False, allowed=DiscountTarget),
    _ANY_PRODUCT,
    Column("percent", decimal(9, 6), "10 is 10 %; null for an amount.", minimum=0),
    Column("amount", AMOUNT, "Fixed amount; null for a percentage.", minimum=0),
    Column("minimum_spend", AMOUNT, "Least base that earns it; null: none.", minimum=0),
    _VALID_FROM,
    _VALID_TO,
)
FEES: Final = _reference(
    "fees",
    "One fee of a plan, or of any.",
    ("fee_code", "plan_code"),
    Column("fee_code", STRING, "Fee.", nullable=False),
    _ANY_PLAN,
    Column("amount", AMOUNT, "Amount, on the plan's tax basis.", nullable=False, minimum=0),
    Column("per", STRING, "invoice or subscription.", nullable=False, allowed=FeeBasis),
    Column("only_with_usage", BOOLEAN, "Only with rated usage in the month.", nullable=False),
    Column("taxable", BOOLEAN, "Bears the standard tax.", nullable=False),
)
TAX_RATES: Final = _reference(
    "tax_rates",
    "One tax rate, for a range of days.",
    ("tax_category", "valid_from"),
    Column("tax_category", STRING, "standard, or another.", nullable=False),
    Column("rate", RATE, "0.2 is 20 %.", nullable=False, minimum=0),
    _VALID_FROM,
    _VALID_TO,
)
DESTINATIONS: Final = _reference(
    "destinations",
    "One destination prefix, for a range of days.",
    ("prefix", "country_code", "valid_from"),
    Column(
        "prefix", STRING, "Leading digits, E.164; a short code whole; of a network MCC or MCC and MNC.", nullable=False
    ),
    Column("zone", STRING, "Zone that prices it.", nullable=False),
    Column("country_code", STRING, "Country calling code; SHORT for short codes, PLMN for networks abroad."),
    Column("description", STRING, "Where it is."),
    _VALID_FROM,
    _VALID_TO,
)
TIME_BANDS: Final = _reference(
    "time_bands",
    "One range of hours of a time band.",
    ("time_band", "weekdays", "start_time"),
    Column("time_band", STRING, "Time band.", nullable=False),
    Column("weekdays", STRING, "Days, 1 is Monday: `12345`; null: every day."),
    Column("start_time", STRING, "`HH:MM`, local.", nullable=False),
    Column("end_time", STRING, "`HH:MM`, local; `24:00` allowed; may be before the start.", nullable=False),
    Column("on_holidays", BOOLEAN, "true: also on holidays; false: never on holidays; null: as on other days."),
    Column("priority", INTEGER, "Lower wins where bands meet.", nullable=False),
)
HOLIDAYS: Final = _reference(
    "holidays",
    "One public holiday.",
    ("date",),
    Column("date", DATE, "Local day.", nullable=False),
    Column("name", STRING, "Name."),
)
NUMBER_PORTABILITY: Final = _reference(
    "number_portability",
    "The operator of one ported number, for a range of days.",
    ("msisdn", "valid_from"),
    Column("msisdn", STRING, "Number, E.164 digits.", nullable=False, personal=True),
    Column("operator", STRING, "Operator that serves it.", nullable=False),
    _VALID_FROM,
    _VALID_TO,
)

# In the order in which the tables refer to each other: load forwards, delete backwards.
TABLES: Final = (
    CUSTOMERS,
    RATE_PLANS,
    PRODUCTS,
    TIME_BANDS,
    HOLIDAYS,
    SUBSCRIPTIONS,
    RATES,
    RATE_TIERS,
    ALLOWANCES,
    DISCOUNTS,
    FEES,
    TAX_RATES,
    DESTINATIONS,
    NUMBER_PORTABILITY,
)


def csv_columns(table: Table) -> tuple[Column, ...]:
    """Columns of a reference table's CSV file and database table: all but the version of the snapshot."""
    return tuple(column for column in table.columns if column is not REFERENCE_VERSION)
