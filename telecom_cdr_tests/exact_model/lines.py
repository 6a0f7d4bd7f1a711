"""One line of an invoice."""

from dataclasses import dataclass
from decimal import Decimal

Row = dict[str, object]

NOTHING = Decimal("0.00")


@dataclass(frozen=True)
class Line:
    """A line; `listed_amount` is rounded and on the plan's tax basis, `net_amount` is without tax."""

    customer_id: str
    plan_code: str
    line_type: str
    listed_amount: Decimal
    is_tax_included: bool
    currency: str
    billing_month: str
    line_number: int = 0
    product_code: str | None = None
    msisdn: str | None = None
    code: str | None = None
    event_count: int = 0
    billed_units: int | None = None
    unrounded_amount: Decimal | None = None
    net_amount: Decimal = NOTHING
    tax_category: str | None = "standard"
    tax_rate: Decimal = NOTHING

    @property
    def usage_month(self) -> str:
        """Month of the usage: the billing month, as nothing is late here."""
        return self.billing_month
