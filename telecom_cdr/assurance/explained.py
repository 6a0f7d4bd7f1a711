"""Whether single rows follow from their own columns: charges, invoice lines, invoices.

Written from the rules and apart from `rating` and `billing`, so that a fault there is found here.
Each function gives one row of figures; every figure is 0 when all rows are explained.
Not here: what compares two layers (`reconcile`).
"""

from decimal import Decimal

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from telecom_cdr import expressions as ex
from telecom_cdr.assurance.breakdowns import has_depth, pieces_add_up
from telecom_cdr.assurance.tax import expected_tax
from telecom_cdr.tables.assurance import QUANTITY
from telecom_cdr.tables.model import AMOUNT, CHARGE, CHARGE_SUM
from telecom_cdr.vocabulary import LineType, RatingStatus

_PRICE_SCALE = 9
_CHARGE_SCALE = 6


def charge_is_explained(rated: DataFrame) -> DataFrame:
    """Count the events whose status, units or charge are not what their other columns say.

    unexplained_charge_count and unexplained_charge_amount (sum of charge - expected): flat rates, where charged units
    cost connect_fee + charged_units * price / unit_size, at least minimum_charge, at most maximum_charge, rounded
    once to 6 decimals; nothing charged costs 0. Other charges by their pieces: see `pieces_add_up`.
    unexplained_units_count: billed_units are not the started increments, or allowance_units + charged_units.
    contradictory_status_count: rated without a charge or breakdown, or unrated with one.
    """
    is_rated = F.col("status") == F.lit(RatingStatus.RATED.value)
    expected = F.col("_expected_charge")
    is_priced = is_rated & F.col("charge_amount").isNotNull() & ~has_depth()
    has_other_charge = is_priced & ~ex.is_true(F.col("charge_amount") == expected)
    gap = F.col("charge_amount").cast(CHARGE_SUM.sql) - ex.coalesce(CHARGE_SUM.sql, expected, ex.money("0", CHARGE))
    is_explained_by_units = ex.all_of(
        [
            F.col("billed_units") == _expected_billed_units(),
            F.col("billed_units") == F.col("allowance_units") + F.col("charged_units"),
        ]
    )
    by_columns = _with_expected_charge(rated).agg(
        ex.count_where(has_other_charge).alias("unexplained_charge_count"),
        _sum_or_zero(F.when(has_other_charge, gap)).alias("unexplained_charge_amount"),
        ex.count_where(is_rated & ~is_explained_by_units).alias("unexplained_units_count"),
        ex.count_where(~_status_is_consistent()).alias("contradictory_status_count"),
    )
    return by_columns.crossJoin(pieces_add_up(rated))


def _status_is_consistent() -> Column:
    has_charge = F.col("charge_amount").isNotNull() & F.col("breakdown").isNotNull()
    has_none = F.col("charge_amount").isNull() & F.col("breakdown").isNull()
    has_reason = F.col("reason").isNotNull()
    is_rated = F.col("status") == F.lit(RatingStatus.RATED.value)
    is_unrated = F.col("status") == F.lit(RatingStatus.UNRATED.value)
    return ex.is_true((is_rated & has_charge & ~has_reason) | (is_unrated & has_none & has_reason))


def _expected_billed_units() -> Column:
    before = ex.coalesce(ex.UNITS, F.col("session_units_before"), ex.units(0))
    so_far = (before + F.col("usage_units")).cast(ex.UNITS)
    return (_started_increments(so_far) - _started_increments(before)).cast(ex.UNITS)


def _started_increments(used: Column) -> Column:
    first = ex.coalesce(ex.UNITS, F.col("first_increment"), ex.units(1))
    step = ex.coalesce(ex.UNITS, F.col("next_increment"), ex.units(1))
    beyond = (first + ex.round_up_to(used - first, step)).cast(ex.UNITS)
    return F.when(used == 0, ex.units(0)).when(used <= first, first).otherwise(beyond).cast(ex.UNITS)


def _with_expected_charge(rated: DataFrame) -> DataFrame:
    """Add `_expected_charge`, exact in whole billionths; the one division is the last step.

    Bounds keep every product within 38 digits: units below 10^19, unit sizes below 10^15.
    """
    # In steps, because an expression that nests deeper than a hundred levels cannot be sent to the engine.
    return (
        rated.withColumn("_unit_size", ex.coalesce("decimal(15,0)", F.col("unit_size"), ex.units(1)))
        .withColumn("_billionths_by_size", _billionths_by_size())
        .withColumn("_flat_charge", _flat_charge())
        .withColumn("_expected_charge", _within_bounds(F.col("_flat_charge")))
    )


def _billionths_by_size() -> Column:
    price = ex.whole(F.col("price"), _PRICE_SCALE).cast("decimal(18,0)")
    connect_fee = ex.whole(ex.coalesce(CHARGE.sql, F.col("connect_fee"), ex.money("0", CHARGE)), _PRICE_SCALE)
    for_units = (F.col("charged_units").cast("decimal(19,0)") * price).cast("decimal(38,0)")
    for_event = (connect_fee.cast("decimal(21,0)") * F.col("_unit_size")).cast("decimal(38,0)")
    return (for_units + for_event).cast("decimal(38,0)")


def _flat_charge() -> Column:
    divisor = F.col("_unit_size") * F.lit(10 ** (_PRICE_SCALE - _CHARGE_SCALE)).cast("decimal(4,0)")
    millionths = ex.divide_half_up(F.col("_billionths_by_size"), divisor)
    return ex.from_whole(millionths, CHARGE, _CHARGE_SCALE)


def _within_bounds(flat: Column) -> Column:
    # The bounds have 6 decimals themselves, so that rounding before them changes nothing.
    at_least = F.when(flat < F.col("minimum_charge"), F.col("minimum_charge")).otherwise(flat).cast(CHARGE.sql)
    at_most = F.when(at_least > F.col("maximum_charge"), F.col("maximum_charge")).otherwise(at_least).cast(CHARGE.sql)
    return F.when(F.col("charged_units") == 0, ex.money("0", CHARGE)).otherwise(at_most).cast(CHARGE.sql)


def lines_are_explained(lines: DataFrame, invoices: DataFrame) -> DataFrame:
    """Count the lines and invoices that do not add up.

    wrong_rounding_count: usage lines whose listed amount is not the unrounded sum to 2 decimals. wrong_net_count:
    lines without tax in the price whose net is not the listed amount. unbalanced_invoice_count and unbalanced_amount:
    invoices whose net or number of lines is not that of their lines, or that miss on one side. wrong_tax_count and
    wrong_total_count: invoices whose tax does not follow from the lines, or whose total is not net + tax.
    """
    by_line = lines.agg(
        ex.count_where(_has_wrong_rounding()).alias("wrong_rounding_count"),
        ex.count_where(
            ~F.col("is_tax_included") & (F.col("net_amount") != F.col("listed_amount")),
        ).alias("wrong_net_count"),
    )
    both = _invoices_beside_lines(lines, invoices)
    gap = (_or_zero("lines_net") - _or_zero("net_amount")).cast(CHARGE_SUM.sql)
    is_unbalanced = (gap != ex.money("0", CHARGE_SUM)) | (
        ex.coalesce(ex.UNITS, F.col("lines_count"), ex.units(0))
        != ex.coalesce(ex.UNITS, F.col("line_count"), ex.units(0))
    )
    tax = F.when(F.col("is_tax_exempt"), ex.money("0", AMOUNT)).otherwise(F.col("lines_tax")).cast(AMOUNT.sql)
    sum_of_both = (_or_zero("net_amount") + _or_zero("tax_amount")).cast(CHARGE_SUM.sql)
    by_invoice = both.agg(
        ex.count_where(is_unbalanced).alias("unbalanced_invoice_count"),
        _sum_or_zero(F.abs(gap).cast(CHARGE_SUM.sql)).alias("unbalanced_amount"),
        ex.count_where(F.col("tax_amount") != tax).alias("wrong_tax_count"),
        ex.count_where(F.col("total_amount") != sum_of_both).alias("wrong_total_count"),
    )
    return by_line.crossJoin(by_invoice)


def _has_wrong_rounding() -> Column:
    rounded = ex.round_half_up(F.col("unrounded_amount"), AMOUNT, scale_in=_CHARGE_SCALE, scale_out=2)
    is_usage = F.col("line_type") == F.lit(LineType.USAGE.value)
    return is_usage & ~ex.is_true(F.col("listed_amount") == rounded)


def _invoices_beside_lines(lines: DataFrame, invoices: DataFrame) -> DataFrame:
    of_lines = lines.groupBy(F.col("customer_id").alias("lines_customer_id")).agg(
        ex.count_rows().alias("lines_count"),
        ex.sum_money(F.col("net_amount"), AMOUNT).alias("lines_net"),
    )
    of_taxes = expected_tax(lines).select(
        F.col("customer_id").alias("tax_customer_id"), F.col("tax_amount").alias("lines_tax")
    )
    billed = of_lines.join(of_taxes, F.col("lines_customer_id") == F.col("tax_customer_id"), "left")
    return invoices.join(billed, F.col("customer_id") == F.col("lines_customer_id"), "full")


def _or_zero(column: str) -> Column:
    return ex.coalesce(CHARGE_SUM.sql, F.col(column), ex.money(Decimal(0), CHARGE_SUM))


def _sum_or_zero(amount: Column) -> Column:
    return ex.coalesce(QUANTITY.sql, ex.sum_money(amount, QUANTITY), ex.money(Decimal(0), QUANTITY))
