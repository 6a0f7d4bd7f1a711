"""Every invoice and line of the two months, worked out by hand.

A pair of customer and billing month that is not here has no invoice: C4 is prepaid, C6 suspended. D3_LARGE needs
1,000.00 and nobody spends it; D4_OVER ends before the last day of February.
"""

from decimal import Decimal
from typing import Final, NamedTuple


class Line(NamedTuple):
    """One line, in invoice order. `what` is the product of usage, the code of a discount or fee, else empty."""

    line_type: str
    plan_code: str
    what: str
    msisdn: str | None
    listed_amount: Decimal
    net_amount: Decimal
    tax_rate: Decimal
    unrounded_amount: Decimal | None = None
    event_count: int = 0


class Invoice(NamedTuple):
    """The totals, and the lines they are made of."""

    net_amount: Decimal
    tax_amount: Decimal
    total_amount: Decimal
    lines: tuple[Line, ...]


def _line(kind: str, plan: str, what: str, msisdn: str | None, listed: str, net: str, rate: str = "0.2") -> Line:
    return Line(kind, plan, what, msisdn, Decimal(listed), Decimal(net), Decimal(rate))


def _usage(plan: str, product: str, events: int, unrounded: str, listed: str, net: str, rate: str = "0.2") -> Line:
    amounts = (Decimal(listed), Decimal(net), Decimal(rate), Decimal(unrounded))
    return Line("usage", plan, product, None, *amounts, events)


def _invoice(net: str, tax: str, total: str, *lines: Line) -> Invoice:
    return Invoice(Decimal(net), Decimal(tax), Decimal(total), lines)


INVOICES: Final[dict[tuple[str, str], Invoice]] = {
    # Prices without tax.
    # Taxable: 50.00 + 8.00 + 0.26 + 15.00 + 0.32 + 0.02 - 0.80 - 5.00 + 1.00 = 68.80; tax 68.80 x 0.2 = 13.76.
    # Net: 68.80 + 2.00 untaxed = 70.80; total 70.80 + 13.76 = 84.56.
    ("C1", "2026-02"): _invoice(
        "70.80",
        "13.76",
        "84.56",
        _line("recurring", "PRO", "", "212661000001", "50.00", "50.00"),
        # H01 1.70 + H02 1.30 + H03 1.60 + H04 2.10 + H07 1.30
        _usage("PRO", "CALL", 5, "8.000000", "8.00", "8.00"),
        # H05 0.165 + H06 0.005 + H20 0.05 + H21 0.035 = 0.255, a half: up
        _usage("PRO", "CALL_ONNET", 4, "0.255000", "0.26", "0.26"),
        # H09 5.00 + H10 10.00
        _usage("PRO", "CALL_WORLD", 2, "15.000000", "15.00", "15.00"),
        # 3 x 0.105 = 0.315, a half: up
        _usage("PRO", "TEXT", 3, "0.315000", "0.32", "0.32"),
        # H14 0.005 + H15 0.00501 + H16 0 + H17 0.005
        _usage("PRO", "WEB", 4, "0.015010", "0.02", "0.02"),
        # 10 % of the calls: 8.00 x 0.1
        _line("discount", "PRO", "D1_CALLS", None, "-0.80", "-0.80"),
        # of 50.00 + 23.60 - 0.80 = 72.80
        _line("discount", "PRO", "D2_LOYAL", None, "-5.00", "-5.00"),
        _line("fee", "PRO", "F1_PAPER", None, "2.00", "2.00", "0"),
        _line("fee", "PRO", "F2_SIM", "212661000001", "1.00", "1.00"),
    ),
    # Prices with tax. Gross 99.99 + 0.75 + 0.00 = 100.74; tax 100.74 / 6 = 16.79; net 83.95.
    ("C2", "2026-02"): _invoice(
        "83.95",
        "16.79",
        "100.74",
        # 99.99 / 1.2 = 83.325 -> 83.33; then the lines come to 83.33 + 0.63 = 83.96, 0.01 too much: off the largest.
        _line("recurring", "MAX", "", "212661000002", "99.99", "83.32"),
        # H26 0.45 + H27 0.30; 0.75 / 1.2 = 0.625 -> 0.63
        _usage("MAX", "CALL", 2, "0.750000", "0.75", "0.63"),
        # H23, H24 and H25 were free: the line is there at 0.00
        _usage("MAX", "CALL_ONNET", 3, "0.000000", "0.00", "0.00"),
    ),
    # Exempt: 50.00 + 0.11 + 2.00 + 1.00 = 53.11, and that is all.
    ("C3", "2026-02"): _invoice(
        "53.11",
        "0.00",
        "53.11",
        _line("recurring", "PRO", "", "212661000003", "50.00", "50.00"),
        # H28: 0.105 -> 0.11
        _usage("PRO", "TEXT", 1, "0.105000", "0.11", "0.11"),
        _line("fee", "PRO", "F1_PAPER", None, "2.00", "2.00", "0"),
        _line("fee", "PRO", "F2_SIM", "212661000003", "1.00", "1.00"),
    ),
    # Both kinds of prices on one invoice.
    # Without tax: 50.00 + 1.30 - 0.13 - 1.66 + 1.00 = 50.51; tax 50.51 x 0.2 = 10.102 -> 10.10.
    # With tax: 99.99 + 3.00 - 3.34 = 99.65; tax 99.65 / 6 = 16.608 -> 16.61; net 83.04.
    # Net: 50.51 + 2.00 + 83.04 = 135.55; tax 10.10 + 16.61 = 26.71; total 162.26.
    ("C5", "2026-02"): _invoice(
        "135.55",
        "26.71",
        "162.26",
        # The whole fee, though the subscription ended on the 20th. 83.33 + 2.50 - 2.78 = 83.05, 0.01 too much.
        _line("recurring", "MAX", "", "212661000006", "99.99", "83.32"),
        _line("recurring", "PRO", "", "212661000005", "50.00", "50.00"),
        # H31; 3.00 / 1.2
        _usage("MAX", "CALL", 1, "3.000000", "3.00", "2.50"),
        # H30
        _usage("PRO", "CALL", 1, "1.300000", "1.30", "1.30"),
        # 1.30 x 0.1
        _line("discount", "PRO", "D1_CALLS", None, "-0.13", "-0.13"),
        # 5.00 over MAX 99.99 + 3.00 = 102.99 and PRO 50.00 + 1.30 - 0.13 = 51.17, together 154.16:
        # MAX 5.00 x 102.99 / 154.16 = 3.340 -> 3.34, and 3.34 / 1.2 = 2.783 -> 2.78
        _line("discount", "MAX", "D2_LOYAL", None, "-3.34", "-2.78"),
        # PRO 5.00 x 51.17 / 154.16 = 1.6596 -> 1.66; 3.34 + 1.66 = 5.00, nothing is left over
        _line("discount", "PRO", "D2_LOYAL", None, "-1.66", "-1.66"),
        _line("fee", "PRO", "F1_PAPER", None, "2.00", "2.00", "0"),
        _line("fee", "PRO", "F2_SIM", "212661000005", "1.00", "1.00"),
    ),
    # 99.99 with tax stays 99.99: tax 99.99 / 6 = 16.665 -> 16.67; net 99.99 - 16.67 = 83.32, and so is the line, which
    # alone would be 83.33.
    # Active on the 28th only, without usage: the whole fee.
    ("C7", "2026-02"): _invoice(
        "83.32", "16.67", "99.99", _line("recurring", "MAX", "", "212661000010", "99.99", "83.32")
    ),
    # The same, exempt: the net and no tax.
    ("C8", "2026-02"): _invoice(
        "83.32", "0.00", "83.32", _line("recurring", "MAX", "", "212661000008", "99.99", "83.32")
    ),
    # October, tax of the 31st: 10 %. Taxable 50.00 + 0.50 - 5.00 + 1.00 = 46.50; tax 4.65; net 48.50; total 53.15.
    ("C1", "2026-10"): _invoice(
        "48.50",
        "4.65",
        "53.15",
        _line("recurring", "PRO", "", "212661000001", "50.00", "50.00", "0.1"),
        # O01
        _usage("PRO", "CALL_ONNET", 1, "0.500000", "0.50", "0.50", "0.1"),
        _line("discount", "PRO", "D2_LOYAL", None, "-5.00", "-5.00", "0.1"),
        _line("fee", "PRO", "F1_PAPER", None, "2.00", "2.00", "0"),
        _line("fee", "PRO", "F2_SIM", "212661000001", "1.00", "1.00", "0.1"),
    ),
    # Gross 99.99 + 0.03 = 100.02; tax 100.02 / 11 = 9.0927 -> 9.09; net 90.93 = 90.90 + 0.03.
    ("C2", "2026-10"): _invoice(
        "90.93",
        "9.09",
        "100.02",
        # 99.99 / 1.1 = 90.90
        _line("recurring", "MAX", "", "212661000002", "99.99", "90.90", "0.1"),
        # O04 0.00 + O02 0.03; 0.03 / 1.1 = 0.027 -> 0.03
        _usage("MAX", "CALL", 2, "0.030000", "0.03", "0.03", "0.1"),
    ),
}

# What each layer counts in February.
TOTALS: Final[dict[str, Decimal]] = {
    # 35 lines of file a without H22, 28 of file b without the five of the month of ingest: 34 + 23
    "records_raw": Decimal(57),
    "records_voice": Decimal(23),
    "records_sms": Decimal(5),
    "records_data": Decimal(6),
    # Q02, Q03, Q08 to Q24, and the faulty copy: 2 + 17 + 1. 23 + 5 + 6 + 20 + 3 = 57.
    "records_quarantine": Decimal(20),
    "records_duplicates": Decimal(3),
    # Unrated: H08, H11, H18, H19, H32, H33, H34; 34 - 7 = 27.
    "records_rated": Decimal(27),
    "records_unrated": Decimal(7),
    # H08 10 + H11 60 + H19 30 + H32 10
    "seconds_unrated": Decimal(110),
    # C1: 61 + 60 + 60 + 121 + 33 + 1 + 10 + 30 + 121 + 10 + 7 = 514; C2: 20 + 25 + 40 + 90 + 10 = 185;
    # C4 10; C5 60 + 200 = 260. 514 + 185 + 10 + 260 = 969.
    "seconds_rated": Decimal(969),
    "messages_rated": Decimal(4),
    "messages_unrated": Decimal(1),
    # 100,000 + 1,000,500 + 0 + 1
    "bytes_rated": Decimal(1_100_501),
    # H18 5,000,000 + H34 2,000,000
    "bytes_unrated": Decimal(7_000_000),
    # C1 8.00 + 0.255 + 15.00 + 0.315 + 0.01501 = 23.58501; C2 0.75; C3 0.105; C5 1.30 + 3.00 = 4.30
    "charges_postpaid": Decimal("28.740010"),
    "charges_prepaid": Decimal("0.300000"),
    "unrounded_usage": Decimal("28.740010"),
    # C1 8.00 + 0.26 + 15.00 + 0.32 + 0.02 = 23.60; C2 0.75; C3 0.11; C5 4.30. Rounding gave 28.76 - 28.74001 = 0.01999.
    "listed_usage": Decimal("28.76"),
    # PRO: C1, C3, C5 3 x 50.00; MAX: C2, C5, C7, C8 4 x 99.99 = 399.96
    "listed_recurring": Decimal("549.96"),
    # C1 0.80 + 5.00; C5 0.13 + 5.00
    "listed_discount": Decimal("-10.93"),
    # Three customers with PRO: 3 x (2.00 + 1.00)
    "listed_fee": Decimal("9.00"),
    # 70.80 + 83.95 + 53.11 + 135.55 + 83.32 + 83.32
    "net_lines": Decimal("510.05"),
    "net_invoices": Decimal("510.05"),
    # 13.76 + 16.79 + 0.00 + 26.71 + 16.67 + 0.00
    "tax_invoices": Decimal("73.93"),
    # 84.56 + 100.74 + 53.11 + 162.26 + 99.99 + 83.32
    "total_invoices": Decimal("583.98"),
}
