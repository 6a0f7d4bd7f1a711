"""Invoice lines: what each entry of a month becomes, in which order, and what it comes to without tax."""

from collections.abc import Sequence
from typing import Final

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from telecom_cdr.billing.discounts import Slot, with_discounts
from telecom_cdr.billing.entries import billed_entries
from telecom_cdr.billing.fees import Fee, is_due, with_lines_of_plan
from telecom_cdr.billing.tax import with_tax
from telecom_cdr.billing.terms import BillingTerms
from telecom_cdr.expressions import UNITS, declared, is_true, money, text, units
from telecom_cdr.tables.invoices import LINES
from telecom_cdr.tables.model import AMOUNT, CHARGE_SUM
from telecom_cdr.vocabulary import DiscountTarget, FeeBasis, LineType

# Order of the kinds of lines on an invoice.
_RECURRING, _USAGE, _USAGE_DISCOUNT, _INVOICE_DISCOUNT, _FEE = range(5)
_SECTION_OF_DISCOUNT: Final = {DiscountTarget.USAGE: _USAGE_DISCOUNT, DiscountTarget.INVOICE: _INVOICE_DISCOUNT}
_SEPARATOR: Final = "\x1f"
_IDENTITY: Final = (
    "customer_id",
    "billing_month",
    "line_type",
    "plan_code",
    "product_code",
    "msisdn",
    "code",
    "usage_month",
)


def invoice_lines(rated: DataFrame, terms: BillingTerms) -> DataFrame:
    """All lines of a month: one row of `invoices/lines` for each, from the rated usage that the month bills.

    Prepaid usage has none. One pass over the rated events.
    """
    entries = billed_entries(rated, terms.subscriptions, terms.rate_plans, terms.products, terms.period)
    discounted = with_discounts(entries, terms.customers, terms.discounts, terms.period, terms.slots)
    informed = with_lines_of_plan(discounted, terms.fees)
    lines = _lines(informed, terms).withColumn("billing_month", text(terms.period.month))
    return with_tax(_identified(_numbered(lines)), terms.standard_tax_rate).select(*declared(LINES))


def _lines(entries: DataFrame, terms: BillingTerms) -> DataFrame:
    """One row a line: an entry gives its own, and those that it bears for its plan or invoice."""
    month = terms.period.month
    made = [
        _own_line(),
        *(_discount_line(slot, month) for slot in terms.slots),
        *(_fee_line(fee, month) for fee in terms.fees),
    ]
    kinds = F.explode(F.array(*(F.lit(kind) for kind in range(len(made))))).alias("_kind")
    # A choice for each column, not an array of structs: the embedded engine fails on structs that differ in what may
    # be null.
    chosen = {name: _of_kind([line[name] for line in made]).alias(name) for name in made[0]}
    lines = entries.select("*", kinds).select(
        "customer_id", "plan_code", "currency", "is_tax_included", *chosen.values()
    )
    return lines.where(F.col("listed_amount").isNotNull())


def _of_kind(values: Sequence[Column]) -> Column:
    """The value of a row's kind, by its number."""
    first, *others = enumerate(values)
    chosen = F.when(F.col("_kind") == F.lit(first[0]), first[1])
    for kind, value in others:
        chosen = chosen.when(F.col("_kind") == F.lit(kind), value)
    return chosen


def _own_line() -> dict[str, Column]:
    """The usage or the monthly fee; a monthly fee of 0 is no line."""
    is_usage = F.col("is_usage")
    is_line = is_usage | (F.col("listed_amount") != money("0", AMOUNT))
    return _line(
        section=F.when(is_usage, F.lit(_USAGE)).otherwise(F.lit(_RECURRING)),
        line_type=F.when(is_usage, text(LineType.USAGE)).otherwise(text(LineType.RECURRING)),
        listed_amount=F.when(is_true(is_line), F.col("listed_amount")),
        description=F.col("description"),
        usage_month=F.col("usage_month"),
        product_code=F.col("product_code"),
        msisdn=F.col("msisdn"),
        event_count=F.col("event_count"),
        billed_units=F.col("billed_units"),
        unrounded_amount=F.col("unrounded_amount"),
    )


def _discount_line(slot: Slot, month: str) -> dict[str, Column]:
    return _line(
        section=F.lit(_SECTION_OF_DISCOUNT[slot.target]),
        line_type=text(LineType.DISCOUNT),
        listed_amount=-slot.share,
        description=F.concat(text("Discount "), slot.col("discount_code")),
        usage_month=text(month),
        code=slot.col("discount_code"),
    )


def _fee_line(fee: Fee, month: str) -> dict[str, Column]:
    is_of_subscription = fee.per is FeeBasis.SUBSCRIPTION
    return _line(
        section=F.lit(_FEE),
        line_type=text(LineType.FEE),
        listed_amount=F.when(is_due(fee), money(fee.amount, AMOUNT)),
        description=text(f"Fee {fee.code}"),
        usage_month=text(month),
        code=text(fee.code),
        msisdn=F.col("msisdn") if is_of_subscription else text(None),
        is_taxed=fee.is_taxable,
    )


def _line(
    *,
    section: Column,
    line_type: Column,
    listed_amount: Column,
    description: Column,
    usage_month: Column,
    product_code: Column | None = None,
    msisdn: Column | None = None,
    code: Column | None = None,
    event_count: Column | None = None,
    billed_units: Column | None = None,
    unrounded_amount: Column | None = None,
    is_taxed: bool = True,
) -> dict[str, Column]:
    """The columns of a line, every one cast; no line where `listed_amount` is null."""
    nothing = text(None)
    return {
        "section": section.cast("int"),
        "line_type": line_type.cast("string"),
        "listed_amount": listed_amount.cast(AMOUNT.sql),
        "description": description.cast("string"),
        "usage_month": usage_month.cast("string"),
        "product_code": (nothing if product_code is None else product_code).cast("string"),
        "msisdn": (nothing if msisdn is None else msisdn).cast("string"),
        "code": (nothing if code is None else code).cast("string"),
        "event_count": (units(0) if event_count is None else event_count).cast(UNITS),
        "billed_units": (units(None) if billed_units is None else billed_units).cast(UNITS),
        "unrounded_amount": (nothing if unrounded_amount is None else unrounded_amount).cast(CHARGE_SUM.sql),
        "is_taxed": F.lit(is_taxed).cast("boolean"),
    }


def _numbered(lines: DataFrame) -> DataFrame:
    """Add `line_number`: by kind, then by code, plan, number and product."""
    keys = [
        F.coalesce(F.col(name), text("")) for name in ("code", "plan_code", "msisdn", "product_code", "usage_month")
    ]
    on_invoice = Window.partitionBy("customer_id").orderBy([F.col("section"), *keys])
    return lines.withColumn("line_number", F.row_number().over(on_invoice).cast("int"))


def _identified(lines: DataFrame) -> DataFrame:
    """Add `line_id`, from what the line charges for and never from its amount or place."""
    parts = [F.coalesce(F.col(name).cast("string"), text("")) for name in _IDENTITY]
    return lines.withColumn("line_id", F.sha2(F.concat_ws(_SEPARATOR, *parts), 256).cast("string"))
