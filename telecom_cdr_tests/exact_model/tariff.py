"""The reference data as CSV cells, and how a rule looks things up in it. An empty cell is "any" or "no end"."""

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction

Cells = Mapping[str, str]
Reference = Mapping[str, Sequence[Cells]]


def is_valid_on(row: Cells, day: date) -> bool:
    """Whether the day lies in the half-open range of the row."""
    return row["valid_from"] <= day.isoformat() and (not row["valid_to"] or day.isoformat() < row["valid_to"])


def amount(cell: str, default: int = 0) -> Fraction:
    """An exact number; empty is the default."""
    return Fraction(cell) if cell else Fraction(default)


def is_yes(cell: str) -> bool:
    """Whether a flag is set."""
    return cell == "true"


class Tariff:
    """Look-ups of rating and billing."""

    def __init__(self, reference: Reference) -> None:
        self.reference = reference
        self.plans = {row["plan_code"]: row for row in reference["rate_plans"]}
        self.customers = {row["customer_id"]: row for row in reference["customers"]}
        self.products = {row["product_code"]: row for row in reference["products"]}

    def is_known(self, msisdn: str) -> bool:
        """Whether the number ever had a subscription."""
        return any(row["msisdn"] == msisdn for row in self.reference["subscriptions"])

    def subscription(self, msisdn: str, day: date) -> Cells | None:
        """The active subscription of the number on the day."""
        rows = (row for row in self.reference["subscriptions"] if row["msisdn"] == msisdn)
        return next((row for row in rows if row["status"] == "active" and is_valid_on(row, day)), None)

    def product_of_class(self, service_type: str, traffic_class: str) -> Cells | None:
        """The product of voice or SMS: of the class before one of any class; roaming only of its class."""
        wanted = (traffic_class,) if traffic_class == "roaming" else (traffic_class, "")
        products = [row for row in self.products.values() if row["service_type"] == service_type]
        found = (row for name in wanted for row in products if row["traffic_class"] == name)
        return next(found, None)

    def data_product(self, code: str | None, is_roaming: bool) -> Cells | None:
        """The data product that the network reported; abroad only one made for roaming."""
        row = self.products.get(code or "")
        if row is None or row["service_type"] != "data":
            return None
        return None if is_roaming and row["traffic_class"] != "roaming" else row

    def destination(self, number: str, is_short_code: bool, day: date) -> Cells | None:
        """The longest prefix valid that day; a short code only by equality, with rows of country SHORT."""
        rows = [
            row
            for row in self.reference["destinations"]
            if is_valid_on(row, day) and (row["country_code"] == "SHORT") == is_short_code
        ]
        if is_short_code:
            return next((row for row in rows if row["prefix"] == number), None)
        matching = [row for row in rows if number.startswith(row["prefix"])]
        return max(matching, key=lambda row: len(row["prefix"]), default=None)

    def rate(self, plan: str, product: str, zone: str | None, day: date) -> Cells | None:
        """The rate of the product, for the zone before for any zone."""
        rates = [
            row
            for row in self.reference["rates"]
            if row["plan_code"] == plan and row["product_code"] == product and is_valid_on(row, day)
        ]
        return next((row for name in (zone or "", "") for row in rates if row["zone"] == name), None)

    def allowances(self, plan: str, product: str, zone: str | None) -> list[Cells]:
        """The allowances that cover the product and zone, in order of use, each once."""
        covering = {
            row["allowance_code"]: row
            for row in self.reference["allowances"]
            if row["plan_code"] == plan and row["product_code"] in ("", product) and row["zone"] in ("", zone or "")
        }
        return sorted(covering.values(), key=lambda row: (int(row["priority"]), row["allowance_code"]))

    def standard_tax(self, day: date) -> Fraction | None:
        """The standard rate as a fraction: 0.2 is 20 %."""
        rows = (row for row in self.reference["tax_rates"] if row["tax_category"] == "standard")
        return next((amount(row["rate"]) for row in rows if is_valid_on(row, day)), None)
