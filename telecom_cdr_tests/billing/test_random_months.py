"""Billing of random months equals the exact model, to the last decimal.

From mediated events to invoices, without lake or files: the whole chain is compared elsewhere.
"""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from telecom_cdr.tables.invoices import INVOICES, LINES
from telecom_cdr.tables.rated import USAGE
from telecom_cdr_tests.beside_the_model import ReferenceFrames, assert_same, rated_usage
from telecom_cdr_tests.exact_model import compute, raw_records
from telecom_cdr_tests.exact_model.random_months import random_world
from telecom_cdr_tests.table_rows import frame_of, rows

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@pytest.mark.parametrize(
    ("which", "seed", "month"),
    [("engine", 101, "2026-02"), ("engine", 102, "2026-03"), ("engine", 103, "2025-12"), ("spark", 104, "2024-02")],
)
def test_charges_lines_and_invoices_equal_the_model(
    request: pytest.FixtureRequest, which: str, seed: int, month: str
) -> None:
    from telecom_cdr.billing.invoices import invoices
    from telecom_cdr.billing.lines import invoice_lines
    from telecom_cdr.billing.terms import BillingTerms

    engine: SparkSession = request.getfixturevalue(which)
    world = random_world(seed, month)
    records = raw_records(world.files, datetime(2026, 11, 23, tzinfo=UTC))
    expected = compute(records, world.reference, months=[month])[month]
    reference = ReferenceFrames.of(engine, world.reference)

    usage = rows(rated_usage(engine, reference, expected))
    lines = rows(
        invoice_lines(frame_of(engine, USAGE, *usage), BillingTerms.of(reference.frames, reference.rows, month))
    )
    billed = rows(invoices(frame_of(engine, LINES, *lines), reference.frames["customers"], month))

    assert_same(USAGE, usage, expected.rated)
    assert_same(LINES, lines, [{**asdict(line), "usage_month": line.usage_month} for line in expected.bill.lines])
    assert_same(INVOICES, billed, [asdict(invoice) for invoice in expected.bill.invoices])
