"""The tariff that rating works with: reference frames, and the few facts about them that shape the plan.

Here: the dataclasses, and the pure function that finds the facts in plain rows. Not here: reading rows.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self

from pyspark.sql import DataFrame

from telecom_cdr.rating.allowance_levels import AllowanceLevel, allowance_levels
from telecom_cdr.rating.destination import DestinationFacts, destination_facts
from telecom_cdr.rating.hold import Hold, as_it_is

Row = Mapping[str, object]


@dataclass(frozen=True)
class TariffFacts:
    """What must be known of the reference rows before a plan is made. Of the same rows as the frames."""

    destinations: DestinationFacts
    allowances: tuple[AllowanceLevel, ...]


def tariff_facts(*, destinations: Iterable[Row], allowances: Iterable[Row]) -> TariffFacts:
    """The facts of all rows of the two reference tables."""
    return TariffFacts(destination_facts(destinations), allowance_levels(allowances))


@dataclass(frozen=True)
class Tariff:
    """The reference tables that rating reads, one version of them.

    `hold` is asked to hold each small table that events are looked up in. An engine that does not know how small such
    a table is moves and hashes the events instead.
    """

    subscriptions: DataFrame
    rate_plans: DataFrame
    products: DataFrame
    rates: DataFrame
    allowances: DataFrame
    destinations: DataFrame
    facts: TariffFacts
    reference_version: int
    hold: Hold = as_it_is

    @classmethod
    def of(
        cls, frames: Mapping[str, DataFrame], facts: TariffFacts, reference_version: int, hold: Hold = as_it_is
    ) -> Self:
        """A tariff from frames by the name of their reference table; other frames are ignored."""
        return cls(
            subscriptions=frames["subscriptions"],
            rate_plans=frames["rate_plans"],
            products=frames["products"],
            rates=frames["rates"],
            allowances=frames["allowances"],
            destinations=frames["destinations"],
            facts=facts,
            reference_version=reference_version,
            hold=hold,
        )
