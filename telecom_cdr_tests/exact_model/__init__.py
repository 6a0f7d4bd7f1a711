"""An independent exact model of mediation, rating and billing in plain Python.

Written from the rules, not from the product: it shares no domain code, no engine and no zone file with it, uses
`decimal` and `fractions` only, and reads like the rules. Random and hand-calculated months are compared with it.
Here: what a month must come to. Not here: how the product computes it, or speed.

    records = raw_records({"a.jsonl": content}, ingested_utc=...)
    months = compute(records, reference)            # {"2026-02": Month(outcomes, rated, lines, invoices, totals)}
"""

from telecom_cdr_tests.exact_model.billing import Bill, Invoice, bill
from telecom_cdr_tests.exact_model.lines import Line
from telecom_cdr_tests.exact_model.mediation import ModelSettings, Outcome, mediate
from telecom_cdr_tests.exact_model.months import Month, compute
from telecom_cdr_tests.exact_model.rated_rows import rate
from telecom_cdr_tests.exact_model.raw import RawRecord, raw_records

__all__ = [
    "Bill",
    "Invoice",
    "Line",
    "ModelSettings",
    "Month",
    "Outcome",
    "RawRecord",
    "bill",
    "compute",
    "mediate",
    "rate",
    "raw_records",
]
