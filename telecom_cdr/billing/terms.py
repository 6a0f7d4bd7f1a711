"""The terms of a billing month: reference frames, and the few facts about them that shape the plan."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Self

from pyspark.sql import DataFrame

from telecom_cdr.billing.discounts import Slot, discount_slots
from telecom_cdr.billing.fees import Fee, fees_of
from telecom_cdr.billing.period import Period
from telecom_cdr.billing.tax import standard_tax_rate

Row = Mapping[str, object]


@dataclass(frozen=True)
class BillingTerms:
    """What billing of one month reads besides the rated usage, one version of it."""

    customers: DataFrame
    subscriptions: DataFrame
    rate_plans: DataFrame
    products: DataFrame
    discounts: DataFrame
    slots: tuple[Slot, ...]
    fees: tuple[Fee, ...]
    standard_tax_rate: Decimal
    period: Period

    @classmethod
    def of(cls, frames: Mapping[str, DataFrame], rows: Mapping[str, Iterable[Row]], month: str) -> Self:
        """The terms of a month `YYYY-MM`.

        `frames` and `rows` by the name of their reference table; of the rows, all of `discounts`, `fees` and
        `tax_rates` are needed. InputError when the month has no standard tax rate.
        """
        period = Period.of(month)
        return cls(
            customers=frames["customers"],
            subscriptions=frames["subscriptions"],
            rate_plans=frames["rate_plans"],
            products=frames["products"],
            discounts=frames["discounts"],
            slots=discount_slots(rows["discounts"], period),
            fees=fees_of(rows["fees"]),
            standard_tax_rate=standard_tax_rate(rows["tax_rates"], period),
            period=period,
        )
