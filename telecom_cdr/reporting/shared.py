"""What several reports need: the rows of a month, sums of rated usage, masked numbers."""

from datetime import date, timedelta
from typing import Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from telecom_cdr import expressions as ex
from telecom_cdr.tables.model import CHARGE_SUM
from telecom_cdr.vocabulary import RatingStatus

# Stands for a plan or currency that a row does not have; XXX is ISO 4217 for no currency.
NO_PLAN: Final = "NONE"
NO_CURRENCY: Final = "XXX"
_MASK: Final = "*****"
_SHOWN_FIRST: Final = 4
_SHOWN_LAST: Final = 2


def days_of(month: str) -> tuple[date, date]:
    """First day of a month `YYYY-MM`, and the day after its last."""
    first = date.fromisoformat(f"{month}-01")
    return first, (first + timedelta(days=31)).replace(day=1)


def of_month(frame: DataFrame, month: str) -> DataFrame:
    """The rows that a billing month `YYYY-MM` bills."""
    return frame.where(F.col("billing_month") == F.lit(month))


def rated_of_month(rated: DataFrame, month: str) -> DataFrame:
    """The events of a month that have a charge; prepaid ones too."""
    return of_month(rated, month).where(F.col("status") == F.lit(RatingStatus.RATED.value))


def event_count() -> Column:
    """Rows of a group."""
    return ex.count_rows()


def subscriber_count() -> Column:
    """Distinct charged numbers of a group."""
    return F.count_distinct(F.col("served_msisdn")).cast(ex.UNITS)


def charge_sum(column: str = "charge_amount") -> Column:
    """Sum of charges of a group, 6 decimals; 0 when it has none."""
    return ex.coalesce(CHARGE_SUM.sql, ex.sum_money(F.col(column), CHARGE_SUM), ex.money("0", CHARGE_SUM))


def unit_sum(column: str) -> Column:
    """Sum of whole units of a group; 0 when it has none."""
    return ex.coalesce(ex.UNITS, ex.sum_units(F.col(column)), ex.units(0))


def masked(number: Column) -> Column:
    """A phone number that nobody can dial: 212612345678 is `2126*****78`. One too short to mask is all stars."""
    is_long = F.length(number) > _SHOWN_FIRST + _SHOWN_LAST
    first = F.substring(number, 1, _SHOWN_FIRST)
    last = F.substring(number, F.length(number) - F.lit(_SHOWN_LAST - 1), F.lit(_SHOWN_LAST))
    stars = F.when(is_long, F.concat(first, ex.text(_MASK), last)).otherwise(ex.text(_MASK))
    return F.when(number.isNotNull(), stars).cast("string")
