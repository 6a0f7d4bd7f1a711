"""Rating and billing of random months equal the exact model, to the last decimal.

From mediated events to invoices, without lake or files: the whole chain is compared elsewhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from telecom_cdr.tables import reference
from telecom_cdr.tables.invoices import INVOICES, LINES
from telecom_cdr.tables.mediated import EVENT_TABLES
from telecom_cdr.tables.model import Table
from telecom_cdr.tables.rated import USAGE
from telecom_cdr.vocabulary import RecordType
from telecom_cdr_tests.exact_model import compute, raw_records
from telecom_cdr_tests.exact_model.random_months import World, random_world
from telecom_cdr_tests.table_rows import frame_of, row_of, rows

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from telecom_cdr_tests.exact_model.months import Month

Row = dict[str, Any]

# The model neither identifies lines nor describes them, nor knows of loads and invoice numbers.
_NOT_OF_THE_MODEL = {"line_id", "description", "reference_version", "invoice_number"}


@pytest.mark.parametrize(
    ("which", "seed", "month"),
    [("engine", 101, "2026-02"), ("engine", 102, "2026-03"), ("engine", 103, "2025-12"), ("spark", 104, "2024-02")],
)
def test_charges_lines_and_invoices_equal_the_model(
    request: pytest.FixtureRequest, which: str, seed: int, month: str
) -> None:
    engine: SparkSession = request.getfixturevalue(which)
    world = random_world(seed, month)
    expected = compute(raw_records(world.files, datetime(2026, 11, 23, tzinfo=UTC)), world.reference, months=[month])
    usage, lines, invoices = _computed(engine, world, expected[month])
    _compare(USAGE, usage, expected[month].rated)
    _compare(LINES, lines, [{**asdict(line), "usage_month": line.usage_month} for line in expected[month].bill.lines])
    _compare(INVOICES, invoices, [asdict(invoice) for invoice in expected[month].bill.invoices])


def _computed(
    engine: "SparkSession", world: World, expected: "Month"
) -> tuple[Sequence[Row], Sequence[Row], Sequence[Row]]:
    from telecom_cdr.billing.invoices import invoices
    from telecom_cdr.billing.lines import invoice_lines
    from telecom_cdr.billing.terms import BillingTerms
    from telecom_cdr.rating.tariff import Tariff, tariff_facts
    from telecom_cdr.rating.usage import rate

    frames, found = _reference(engine, world)
    facts = tariff_facts(destinations=found["destinations"], allowances=found["allowances"])
    voice, sms, data = (_events(engine, expected, kind) for kind in (RecordType.VOICE, RecordType.SMS, RecordType.DATA))
    usage = rows(rate(voice, sms, data, Tariff.of(frames, facts, reference_version=1)))
    lines = rows(invoice_lines(frame_of(engine, USAGE, *usage), BillingTerms.of(frames, found, world.month)))
    return usage, lines, rows(invoices(frame_of(engine, LINES, *lines), frames["customers"], world.month))


def _reference(engine: "SparkSession", world: World) -> tuple[dict[str, "DataFrame"], dict[str, list[Row]]]:
    typed = {
        table.name: [
            row_of(table, **{name: _typed(table.column(name).type.arrow, cell) for name, cell in cells.items()})
            for cells in world.reference[table.name]
        ]
        for table in reference.TABLES
    }
    return {table.name: frame_of(engine, table, *typed[table.name]) for table in reference.TABLES}, typed


def _typed(kind: pa.DataType, cell: str) -> object:
    if not cell:
        return None
    if pa.types.is_boolean(kind):
        return cell == "true"
    if pa.types.is_date(kind):
        return date.fromisoformat(cell)
    if pa.types.is_decimal(kind):
        return Decimal(cell)
    return int(cell) if pa.types.is_integer(kind) else cell


def _events(engine: "SparkSession", month: "Month", kind: RecordType) -> "DataFrame":
    table = EVENT_TABLES[kind]
    events = [outcome.event for outcome in month.outcomes if outcome.table == kind and outcome.event]
    return frame_of(
        engine, table, *({name: event[name] for name in table.column_names if name in event} for event in events)
    )


def _compare(table: Table, found: Sequence[Row], expected: Sequence[Mapping[str, Any]]) -> None:
    """Every declared column that the model knows, row by row."""
    names = [name for name in table.column_names if name not in _NOT_OF_THE_MODEL]
    key = [name for name in ("customer_id", "line_number", "cdr_id", "billing_month") if name in names]

    def sorted_rows(given: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        plain = [{name: row[name] for name in names} for row in given]
        return sorted(plain, key=lambda row: [str(row[name]) for name in key])

    assert len(expected) > 20
    assert sorted_rows(found) == sorted_rows(expected)
