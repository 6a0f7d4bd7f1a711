"""The reference data as CSV cells, and how a rule looks things up in it. An empty cell is "any" or "no end".

Rows are indexed by the key that they are asked for. Not here: what rating makes of the rows.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction

from telecom_cdr_tests.exact_model.clock import first_day, last_day

Cells = Mapping[str, str]
Reference = Mapping[str, Sequence[Cells]]
CountryTest = Callable[[str], bool]
ValidRates = Mapping[tuple[str, str], Cells]
"""The rates of one plan and product on one day, by zone and time band."""

_LONGEST_PREFIX = 15


def is_valid_on(row: Cells, day: date) -> bool:
    """Whether the day lies in the half-open range of the row."""
    return row["valid_from"] <= day.isoformat() and (not row["valid_to"] or day.isoformat() < row["valid_to"])


def amount(cell: str, default: int = 0) -> Fraction:
    """An exact number; empty is the default."""
    return Fraction(cell) if cell else Fraction(default)


def is_yes(cell: str) -> bool:
    """Whether a flag is set."""
    return cell == "true"


def rate_key(row: Cells) -> tuple[str, ...]:
    """What names a rate, and the tiers that belong to it."""
    return tuple(row[name] for name in ("plan_code", "product_code", "zone", "time_band", "valid_from"))


def _by(rows: Iterable[Cells], *names: str) -> dict[tuple[str, ...], list[Cells]]:
    found: dict[tuple[str, ...], list[Cells]] = defaultdict(list)
    for row in rows:
        found[tuple(row[name] for name in names)].append(row)
    return dict(found)


class Tariff:
    """Look-ups of rating and billing."""

    def __init__(self, reference: Reference) -> None:
        self.reference = reference
        self.plans = {row["plan_code"]: row for row in reference["rate_plans"]}
        self.customers = {row["customer_id"]: row for row in reference["customers"]}
        self.products = {row["product_code"]: row for row in reference["products"]}
        self._subscriptions = _by(reference["subscriptions"], "msisdn")
        self._destinations = _by(reference["destinations"], "prefix")
        self._ported = _by(reference["number_portability"], "msisdn")
        self._rates = _by(reference["rates"], "plan_code", "product_code")
        self._tiers = {
            key: sorted(tiers, key=lambda tier: (not tier["up_to"], int(tier["up_to"] or 0)))
            for key, tiers in _by(
                reference["rate_tiers"], "plan_code", "product_code", "zone", "time_band", "valid_from"
            ).items()
        }
        self._allowances = _by(reference["allowances"], "plan_code")
        self._valid_rates: dict[tuple[str, str, date], ValidRates] = {}
        self._active_days: dict[tuple[str, str | None, str, str], int] = {}

    def is_known(self, msisdn: str) -> bool:
        """Whether the number ever had a subscription."""
        return (msisdn,) in self._subscriptions

    def subscription(self, msisdn: str, day: date) -> Cells | None:
        """The active subscription of the number on the day."""
        rows = self._subscriptions.get((msisdn,), [])
        return next((row for row in rows if row["status"] == "active" and is_valid_on(row, day)), None)

    def active_days(self, customer: str, msisdn: str | None, plan: str, month: str) -> int:
        """Days of the month with an active subscription to the plan: of the number, or of any number when None."""
        key = (customer, msisdn, plan, month)
        if key not in self._active_days:
            rows = [
                row
                for row in self.reference["subscriptions"]
                if row["status"] == "active"
                and (row["customer_id"], row["plan_code"]) == (customer, plan)
                and msisdn in (None, row["msisdn"])
            ]
            start = first_day(month)
            days = (start + timedelta(days=number) for number in range(last_day(month).day))
            self._active_days[key] = sum(any(is_valid_on(row, day) for row in rows) for day in days)
        return self._active_days[key]

    def product_of_class(self, service_type: str, traffic_class: str) -> Cells | None:
        """The product of voice or SMS: of the class before one of any class; roaming only of its class."""
        wanted = (traffic_class,) if traffic_class == "roaming" else (traffic_class, "")
        products = [row for row in self.products.values() if row["service_type"] == service_type]
        found = (row for name in wanted for row in products if row["traffic_class"] == name)
        return next(found, None)

    def data_product(self, code: str | None) -> Cells | None:
        """The data product that the network reported."""
        row = self.products.get(code or "")
        return row if row and row["service_type"] == "data" else None

    def ported_to(self, number: str, day: date) -> str | None:
        """The operator that a number was ported to, on the day."""
        rows = self._ported.get((number,), [])
        return next((row["operator"] for row in rows if is_valid_on(row, day)), None)

    def short_code(self, number: str, day: date) -> Cells | None:
        """The destination of a short code: only by equality, only rows of country SHORT."""
        return self._destination(number, day, lambda country: country == "SHORT")

    def destination(self, number: str, day: date) -> Cells | None:
        """The longest prefix of a number, or of a country's calling code."""
        return self._longest(number, day, lambda country: country not in ("SHORT", "PLMN"))

    def network(self, plmn: str, day: date) -> Cells | None:
        """The longest prefix of a serving network, among the rows of networks."""
        return self._longest(plmn, day, lambda country: country == "PLMN")

    def valid_rates(self, plan: str, product: str, day: date) -> ValidRates:
        """The rates of the product on the day."""
        key = (plan, product, day)
        if key not in self._valid_rates:
            rows = self._rates.get((plan, product), [])
            self._valid_rates[key] = {(row["zone"], row["time_band"]): row for row in rows if is_valid_on(row, day)}
        return self._valid_rates[key]

    def tiers(self, rate: Cells) -> Sequence[Cells]:
        """The tiers of a rate, lowest first."""
        return self._tiers.get(rate_key(rate), ())

    def allowances(self, kind: str, plan: str, product: str, zone: str | None) -> list[Cells]:
        """The allowances of a kind that cover the product and zone, in order of use, each once."""
        covering = {
            row["allowance_code"]: row
            for row in self._allowances.get((plan,), [])
            if row["kind"] == kind and row["product_code"] in ("", product) and row["zone"] in ("", zone or "")
        }
        return sorted(covering.values(), key=lambda row: (int(row["priority"]), row["allowance_code"]))

    def standard_tax(self, day: date) -> Fraction | None:
        """The standard rate as a fraction: 0.2 is 20 %."""
        rows = (row for row in self.reference["tax_rates"] if row["tax_category"] == "standard")
        return next((amount(row["rate"]) for row in rows if is_valid_on(row, day)), None)

    def _longest(self, digits: str, day: date, is_wanted: CountryTest) -> Cells | None:
        prefixes = (digits[:length] for length in range(min(len(digits), _LONGEST_PREFIX), 0, -1))
        return next(filter(None, (self._destination(prefix, day, is_wanted) for prefix in prefixes)), None)

    def _destination(self, prefix: str, day: date, is_wanted: CountryTest) -> Cells | None:
        rows = self._destinations.get((prefix,), [])
        return next((row for row in rows if is_wanted(row["country_code"]) and is_valid_on(row, day)), None)
