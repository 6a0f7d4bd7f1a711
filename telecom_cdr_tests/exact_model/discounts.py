"""Discounts: on usage, each for itself, then on what is left of the invoice, one after the other."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from telecom_cdr_tests.exact_model.clock import last_day
from telecom_cdr_tests.exact_model.lines import NOTHING, Line
from telecom_cdr_tests.exact_model.numbers import round_half_up
from telecom_cdr_tests.exact_model.tariff import Cells, Tariff, amount, is_valid_on, is_yes


def discount_lines(lines: Sequence[Line], tariff: Tariff, customer: str, month: str) -> list[Line]:
    """The discount lines of one customer on its recurring and usage lines: one line a discount and plan."""
    segment = tariff.customers[customer]["segment"]
    ours = [
        row
        for row in sorted(tariff.reference["discounts"], key=lambda row: row["discount_code"])
        if is_valid_on(row, last_day(month))
        and row["customer_id"] in ("", customer)
        and row["segment"] in ("", segment)
    ]
    usage = [line for line in lines if line.line_type == "usage"]
    found: list[Line] = []
    for row in (row for row in ours if row["applies_to"] == "usage"):
        matching = [line for line in usage if row["product_code"] in ("", line.product_code)]
        found += _apply(row, _bases(row, matching), tariff, customer, month)
    for row in (row for row in ours if row["applies_to"] == "invoice"):
        found += _apply(row, _bases(row, [*lines, *found]), tariff, customer, month)
    return found


def _bases(discount: Cells, lines: Iterable[Line]) -> Mapping[str, Decimal]:
    """What the discount is taken of, by plan."""
    bases: dict[str, Decimal] = defaultdict(lambda: NOTHING)
    for line in lines:
        if discount["plan_code"] in ("", line.plan_code):
            bases[line.plan_code] += line.listed_amount
    return bases


def _apply(discount: Cells, bases: Mapping[str, Decimal], tariff: Tariff, customer: str, month: str) -> list[Line]:
    base = sum(bases.values(), NOTHING)
    if base <= 0 or base < amount(discount["minimum_spend"]):
        return []
    granted = Decimal(discount["amount"] or 0)
    if discount["percent"]:
        granted = round_half_up(Fraction(base) * Fraction(discount["percent"]) / 100, 2)
    shares = split(min(granted, base), bases)
    return [
        Line(
            customer,
            plan,
            "discount",
            -share,
            is_yes(tariff.plans[plan]["prices_include_tax"]),
            tariff.plans[plan]["currency"],
            month,
            code=discount["discount_code"],
        )
        for plan, share in sorted(shares.items())
        if share
    ]


def split(granted: Decimal, bases: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Shares in proportion to each plan's base, to the cent; what rounding leaves goes to the largest base."""
    base = sum(bases.values(), NOTHING)
    shares = {plan: round_half_up(Fraction(granted) * Fraction(own) / Fraction(base), 2) for plan, own in bases.items()}
    largest = min(bases, key=lambda plan: (-bases[plan], plan))
    shares[largest] += granted - sum(shares.values(), NOTHING)
    return shares
