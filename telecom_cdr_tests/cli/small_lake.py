"""A lake of a dozen records, each with a fate of its own, for the tests of what commands print."""

from pathlib import Path
from typing import Final

from telecom_cdr_tests.builders import (
    a_data_cdr,
    a_reference,
    a_voice_cdr,
    an_sms_cdr,
    write_cdrs,
    write_reference,
)
from telecom_cdr_tests.product import Product

MONTH: Final = "2026-02"
# Ingested, and never run.
WAITING_MONTH: Final = "2026-03"
PREPAID: Final = "212661000002"
STRANGER: Final = "212661000007"

RECORDS: Final = (
    a_voice_cdr(record_ID="CALL"),
    an_sms_cdr(record_ID="MESSAGE"),
    a_data_cdr(record_ID="SESSION", user_id=PREPAID, data_volume_mb=2),
    a_voice_cdr(record_ID="STRANGER", caller_id=STRANGER),
    a_voice_cdr(record_ID="BACKWARDS", duration_sec=-5, callee_id="x"),
    a_voice_cdr(record_ID="UNANSWERED", duration_sec=0),
    a_voice_cdr(record_ID="CALL"),
    a_voice_cdr(record_ID="CALL", duration_sec=61),
    '{"record_ID": "CUT", "record_type": "voi',
    a_voice_cdr(record_ID="MARCH", timestamp="2026-03-10T10:00:00Z"),
)


def a_reference_directory(root: Path) -> Path:
    """Postpaid P1 of customer C1, prepaid P2 of customer C2; 0.01 a second, 0.10 a message, 0.000000001 a byte."""
    rates = [
        {"plan_code": plan, "product_code": product, "price": price, "unit_size": "1"}
        for plan in ("P1", "P2")
        for product, price in (("VOICE", "0.01"), ("SMS", "0.10"), ("DATA", "0.000000001"))
    ]
    reference = a_reference(
        customers=[{}, {"customer_id": "C2", "name": "Basma"}],
        subscriptions=[{}, {"msisdn": PREPAID, "customer_id": "C2", "plan_code": "P2"}],
        rate_plans=[{}, {"plan_code": "P2", "name": "Plan two", "payment_type": "prepaid"}],
        rates=rates,
    )
    return write_reference(root / "reference", reference)


def a_small_lake(root: Path) -> Product:
    """The records taken, and February billed."""
    product = Product.at(root)
    write_cdrs(root / "in", "day.jsonl", RECORDS)
    product.done("reference", "load", str(a_reference_directory(root)))
    product.done("ingest", "--from", str(root / "in"))
    product.done("run", "--month", MONTH)
    return product
