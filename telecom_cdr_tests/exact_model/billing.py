"""Billing: the lines and invoices of a month, from its rated rows and the reference data."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from telecom_cdr_tests.exact_model.clock import first_day, last_day
from telecom_cdr_tests.exact_model.discounts import discount_lines
from telecom_cdr_tests.exact_model.lines import NOTHING, Line, Row
from telecom_cdr_tests.exact_model.numbers import round_half_up
from telecom_cdr_tests.exact_model.tariff import Cells, Reference, Tariff, is_yes

Subscription = tuple[str, str, str]


@dataclass(frozen=True)
class Invoice:
    """One customer, one billing month."""

    customer_id: str
    line_count: int
    net_amount: Decimal
    tax_amount: Decimal
    total_amount: Decimal
    is_tax_exempt: bool
    currency: str
    billing_month: str


@dataclass(frozen=True)
class Bill:
    """The lines of a month in invoice order, and its invoices by customer."""

    lines: tuple[Line, ...]
    invoices: tuple[Invoice, ...]


class NoTaxRateError(Exception):
    """A taxable line exists, and no standard tax rate is valid on the last day of its month."""


def bill(rated: Iterable[Row], reference: Reference, month: str) -> Bill:
    """The invoices of every postpaid customer with at least one line in the month."""
    tariff = Tariff(reference)
    mine = [row for row in rated if row["status"] == "rated" and row["billing_month"] == month]
    usage = usage_lines(mine, tariff, month)
    subscriptions = active_subscriptions(tariff, month)
    recurring = recurring_lines(subscriptions, tariff, month)
    lines: list[Line] = []
    invoices: list[Invoice] = []
    for customer in sorted(tariff.customers):
        own = [line for line in (*recurring, *usage) if line.customer_id == customer]
        own += discount_lines(own, tariff, customer, month)
        own += fee_lines(own, [entry for entry in subscriptions if entry[0] == customer], mine, tariff, month)
        if own:
            taxed, invoice = _tax(own, tariff, customer, month)
            lines += taxed
            invoices.append(invoice)
    return Bill(tuple(lines), tuple(invoices))


def usage_lines(rated: Iterable[Row], tariff: Tariff, month: str) -> list[Line]:
    """One line a customer, plan and product, also at 0.00; prepaid usage has none."""
    groups: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in rated:
        if row["payment_type"] == "postpaid":
            groups[str(row["customer_id"]), str(row["plan_code"]), str(row["product_code"])].append(row)
    lines = []
    for (customer, plan, product), rows in sorted(groups.items()):
        unrounded = sum((Decimal(str(row["charge_amount"])) for row in rows), Decimal("0.000000"))
        line = _line(tariff, customer, plan, "usage", round_half_up(unrounded, 2), month)
        units = sum(int(str(row["billed_units"])) for row in rows)
        lines.append(
            replace(line, product_code=product, event_count=len(rows), billed_units=units, unrounded_amount=unrounded)
        )
    return lines


def active_subscriptions(tariff: Tariff, month: str) -> list[Subscription]:
    """Each (customer, plan, msisdn) on a postpaid plan that is active on any day of the month."""
    start, end = first_day(month).isoformat(), (last_day(month) + timedelta(days=1)).isoformat()
    return sorted(
        {
            (row["customer_id"], row["plan_code"], row["msisdn"])
            for row in tariff.reference["subscriptions"]
            if row["status"] == "active"
            and tariff.plans[row["plan_code"]]["payment_type"] == "postpaid"
            and row["valid_from"] < end
            and (not row["valid_to"] or row["valid_to"] > start)
        }
    )


def recurring_lines(subscriptions: Iterable[Subscription], tariff: Tariff, month: str) -> list[Line]:
    """The full monthly fee of each subscription; a fee of 0 makes no line."""
    lines = []
    for customer, plan, msisdn in subscriptions:
        fee = Decimal(tariff.plans[plan]["monthly_fee"])
        if fee:
            lines.append(replace(_line(tariff, customer, plan, "recurring", fee, month), msisdn=msisdn))
    return lines


def fee_lines(
    lines: Sequence[Line], subscriptions: Sequence[Subscription], rated: Sequence[Row], tariff: Tariff, month: str
) -> list[Line]:
    """Fees per subscription, then fees per invoice with another line; in the order fee code, plan, msisdn."""
    used = {(row["customer_id"], row["plan_code"], row["served_msisdn"]) for row in rated}
    fees = [row for row in tariff.reference["fees"] if Decimal(row["amount"])]
    found: list[Line] = []
    for fee in (row for row in fees if row["per"] == "subscription"):
        for customer, plan, msisdn in subscriptions:
            is_due = not is_yes(fee["only_with_usage"]) or (customer, plan, msisdn) in used
            if fee["plan_code"] in ("", plan) and is_due:
                found.append(replace(_fee(fee, tariff, customer, plan, month), msisdn=msisdn))
    others = [*lines, *found]
    for fee in (row for row in fees if row["per"] == "invoice"):
        ours = [line for line in others if fee["plan_code"] in ("", line.plan_code)]
        is_due = not is_yes(fee["only_with_usage"]) or any(line.line_type == "usage" for line in ours)
        if ours and is_due:
            plan = fee["plan_code"] or min(line.plan_code for line in ours)
            found.append(_fee(fee, tariff, ours[0].customer_id, plan, month))
    return sorted(found, key=lambda line: (line.code or "", line.plan_code, line.msisdn or ""))


def _fee(fee: Cells, tariff: Tariff, customer: str, plan: str, month: str) -> Line:
    line = _line(tariff, customer, plan, "fee", Decimal(fee["amount"]), month)
    return replace(line, code=fee["fee_code"], tax_category="standard" if is_yes(fee["taxable"]) else None)


def _line(tariff: Tariff, customer: str, plan: str, line_type: str, listed: Decimal, month: str) -> Line:
    row = tariff.plans[plan]
    is_included = is_yes(row["prices_include_tax"])
    return Line(customer, plan, line_type, listed, is_included, row["currency"], month)


def _tax(lines: Sequence[Line], tariff: Tariff, customer: str, month: str) -> tuple[list[Line], Invoice]:
    """Number the lines, take tax out of inclusive prices or add it to the others, and total."""
    rate = _standard_rate(lines, tariff, last_day(month))
    numbered = [
        replace(line, line_number=number, tax_rate=round_half_up(rate, 6) if line.tax_category else NOTHING)
        for number, line in enumerate(lines, start=1)
    ]
    exclusive = [line for line in numbered if line.tax_category and not line.is_tax_included]
    inclusive = [line for line in numbered if line.tax_category and line.is_tax_included]
    untaxed = [line for line in numbered if not line.tax_category]
    tax_on_top = round_half_up(sum((Fraction(line.listed_amount) for line in exclusive), Fraction(0)) * rate, 2)
    gross = sum((line.listed_amount for line in inclusive), NOTHING)
    tax_within = round_half_up(Fraction(gross) * rate / (1 + rate), 2)
    priced = [replace(line, net_amount=line.listed_amount) for line in (*exclusive, *untaxed)]
    priced += _net_of(inclusive, gross - tax_within, rate)
    priced.sort(key=lambda line: line.line_number)
    net = sum((line.net_amount for line in priced), NOTHING)
    is_exempt = is_yes(tariff.customers[customer]["tax_exempt"])
    tax = NOTHING if is_exempt else tax_on_top + tax_within
    return priced, Invoice(customer, len(priced), net, tax, net + tax, is_exempt, lines[0].currency, month)


def _standard_rate(lines: Sequence[Line], tariff: Tariff, day: date) -> Fraction:
    rate = tariff.standard_tax(day)
    if rate is None:
        if any(line.tax_category for line in lines):
            raise NoTaxRateError(f"no standard tax rate on {day}")
        return Fraction(0)
    return rate


def _net_of(lines: Sequence[Line], net: Decimal, rate: Fraction) -> list[Line]:
    """Nets of lines that include tax; what rounding leaves goes to the largest line."""
    if not lines:
        return []
    nets = {line.line_number: round_half_up(Fraction(line.listed_amount) / (1 + rate), 2) for line in lines}
    largest = min(lines, key=lambda line: (-abs(line.listed_amount), line.line_number))
    nets[largest.line_number] += net - sum(nets.values(), NOTHING)
    return [replace(line, net_amount=nets[line.line_number]) for line in lines]
