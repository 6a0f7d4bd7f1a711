"""The tariff that rating works with: reference rows made ready to be looked up, for the events of some months.

Here: putting the books together. Not here: what each of them says, reading rows, and making frames of them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from pyspark.sql import DataFrame

from telecom_cdr.rating.allowance_book import AllowanceBook, allowance_book
from telecom_cdr.rating.allowances import AllowanceFrames
from telecom_cdr.rating.bands import BandCalendar, ZoneOffset, band_calendar
from telecom_cdr.rating.charging import Depth
from telecom_cdr.rating.destination import DestinationFacts, destination_facts
from telecom_cdr.rating.hold import Hold, as_it_is
from telecom_cdr.rating.rate_book import RateBook, rate_book
from telecom_cdr.rating.rates import RateFrames
from telecom_cdr.rating.sessions import EventFacts
from telecom_cdr.rating.unsupported import refuse_unsupported
from telecom_cdr.tables.books import ALLOWANCE, CALENDAR, CHOICE, SERVICE, STEPS, TERMS, Book, coverage

Row = Mapping[str, object]
# The rows of a reference table by name, all of them; read when asked for.
ReferenceRows = Callable[[str], Sequence[Row]]
# Makes a frame of the rows of a small table.
Frame = Callable[[Book, Sequence[Row]], DataFrame]
# The offsets of the operator's zone from one day of UTC to another.
Offsets = Callable[[date, date], Sequence[ZoneOffset]]


@dataclass(frozen=True)
class TariffBooks:
    """Reference rows made ready, for the events whose facts they were made with. Independent of any engine."""

    destinations: DestinationFacts
    has_ported_numbers: bool
    rates: RateBook
    calendar: BandCalendar | None
    allowances: AllowanceBook
    has_parts: bool


def tariff_books(
    reference: ReferenceRows, events: EventFacts, offsets: Offsets, *, has_ported_numbers: bool
) -> TariffBooks:
    """The books of typed reference rows. UnsupportedTariffError for what cannot be rated exactly."""
    rows = {
        name: reference(name)
        for name in ("rates", "rate_tiers", "products", "time_bands", "holidays", "allowances", "rate_plans")
    }
    refuse_unsupported(rows)
    used = {row["time_band"] for row in rows["rates"]} - {None}
    calendar = None
    if used and events.first_day and events.last_day:
        bands = [row for row in rows["time_bands"] if row["time_band"] in used]
        zone = offsets(events.first_day, events.last_day)
        calendar = band_calendar(bands, rows["holidays"], zone, events.first_day, events.last_day)
    signatures = calendar.signatures if calendar else ()
    return TariffBooks(
        destinations=destination_facts(reference("destinations")),
        has_ported_numbers=has_ported_numbers,
        rates=rate_book(rows["rates"], rows["rate_tiers"], rows["products"], signatures),
        calendar=calendar,
        allowances=allowance_book(
            rows["allowances"],
            rows["products"],
            rows["rate_plans"],
            lambda: reference("subscriptions"),
            events.usage_months,
        ),
        has_parts=events.has_parts,
    )


@dataclass(frozen=True)
class Tariff:
    """What events are rated with: reference frames, one version of them, and the books as frames.

    `hold` is asked to hold each small table that events are looked up in. An engine that does not know how small such
    a table is moves and hashes the events instead.
    """

    subscriptions: DataFrame
    rate_plans: DataFrame
    products: DataFrame
    destinations: DataFrame
    number_portability: DataFrame
    has_ported_numbers: bool
    destination_facts: DestinationFacts
    rates: RateFrames
    allowances: AllowanceFrames
    depth: Depth
    home_operator: str
    reference_version: int
    hold: Hold = as_it_is

    @classmethod
    def of(
        cls,
        books: TariffBooks,
        frames: Mapping[str, DataFrame],
        frame: Frame,
        *,
        home_operator: str,
        reference_version: int,
        hold: Hold = as_it_is,
    ) -> "Tariff":
        """A tariff of books and of the reference frames by name that they were made from; `frame` makes frames."""
        rates, allowances = books.rates, books.allowances
        return cls(
            subscriptions=frames["subscriptions"],
            rate_plans=frames["rate_plans"],
            products=frames["products"],
            destinations=frames["destinations"],
            number_portability=frames["number_portability"],
            has_ported_numbers=books.has_ported_numbers,
            destination_facts=books.destinations,
            rates=RateFrames(
                frame(CHOICE, rates.choice),
                frame(TERMS, rates.terms),
                frame(STEPS, rates.steps),
                frame(CALENDAR, books.calendar.rows) if books.calendar else None,
            ),
            allowances=AllowanceFrames(
                frame(coverage(allowances.passes), allowances.anywhere),
                frame(coverage(allowances.passes), allowances.of_zones),
                frame(ALLOWANCE, allowances.allowances),
                frame(SERVICE, allowances.service) if allowances.service else None,
                allowances.unit_passes,
                allowances.money_passes,
            ),
            depth=Depth(
                has_parts=books.has_parts,
                is_banded=books.calendar is not None,
                has_steps=rates.has_steps,
                has_monthly=rates.has_monthly,
                has_money=bool(allowances.money_passes),
                has_limits=rates.has_limits,
            ),
            home_operator=home_operator,
            reference_version=reference_version,
            hold=hold,
        )
