"""Rating a month of the exact model by the product, in memory, and comparing the rows of both.

Here: what the product takes, made from what the model has. Not here: lakes and files (`pipeline/model`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from telecom_cdr.tables import reference
from telecom_cdr.tables.mediated import EVENT_TABLES
from telecom_cdr.tables.model import Table
from telecom_cdr.vocabulary import RecordType
from telecom_cdr_tests.exact_model import Month
from telecom_cdr_tests.exact_model.tariff import Reference
from telecom_cdr_tests.table_rows import frame_of, row_of

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

Row = dict[str, Any]

# The model neither identifies lines nor describes them, nor knows of loads and invoice numbers.
_NOT_OF_THE_MODEL = {"line_id", "description", "reference_version", "invoice_number"}
_SHOWN = 10


@dataclass(frozen=True)
class ReferenceFrames:
    """Reference data by table: typed rows, the same in memory, the same as frames."""

    rows: dict[str, list[Row]]
    tables: dict[str, pa.Table]
    frames: dict[str, "DataFrame"]

    @classmethod
    def of(cls, engine: "SparkSession", cells: Reference) -> "ReferenceFrames":
        """The rows of CSV cells."""
        rows = {table.name: [_typed_row(table, row) for row in cells[table.name]] for table in reference.TABLES}
        return cls(
            rows,
            {table.name: pa.Table.from_pylist(rows[table.name], table.arrow_schema) for table in reference.TABLES},
            {table.name: frame_of(engine, table, *rows[table.name]) for table in reference.TABLES},
        )


def rated_usage(engine: "SparkSession", tariff: ReferenceFrames, month: Month) -> "DataFrame":
    """`rated/usage` of the mediated events of a month, in the settings that the model has by default."""
    from telecom_cdr.lakehouse.tariffs import Market, tariff_of
    from telecom_cdr.rating.events import usage_events
    from telecom_cdr.rating.usage import rate

    voice, sms, data = (_events(engine, month, kind) for kind in (RecordType.VOICE, RecordType.SMS, RecordType.DATA))
    events = usage_events(voice, sms, data)
    market = Market("Africa/Casablanca", "Maroc Telecom")
    return rate(events, tariff_of(engine, events, tariff.frames, tariff.tables, market, reference_version=1))


def assert_same(table: Table, found: Sequence[Row], expected: Sequence[Mapping[str, Any]]) -> None:
    """Every declared column that the model knows, row by row; of unequal rows, the columns that differ."""
    names = [name for name in table.column_names if name not in _NOT_OF_THE_MODEL]
    key = [name for name in ("customer_id", "line_number", "cdr_id", "billing_month") if name in names]

    def sorted_rows(given: Sequence[Mapping[str, Any]]) -> list[Row]:
        plain = [{name: row[name] for name in names} for row in given]
        return sorted(plain, key=lambda row: [str(row[name]) for name in key])

    assert len(expected) > 20
    assert len(found) == len(expected)
    unequal = [
        {name: (one[name], other[name]) for name in names if one[name] != other[name]}
        | {name: one[name] for name in key if one[name] == other[name]}
        for one, other in zip(sorted_rows(found), sorted_rows(expected), strict=True)
        if one != other
    ]
    assert not unequal, f"{len(unequal)} rows of {table.path} differ, as (product, model): {unequal[:_SHOWN]}"


def _typed_row(table: Table, cells: Mapping[str, str]) -> Row:
    return row_of(table, **{name: _typed(table.column(name).type.arrow, cell) for name, cell in cells.items()})


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


def _events(engine: "SparkSession", month: Month, kind: RecordType) -> "DataFrame":
    table = EVENT_TABLES[kind]
    events = [outcome.event for outcome in month.outcomes if outcome.table == kind and outcome.event]
    return frame_of(
        engine, table, *({name: event[name] for name in table.column_names if name in event} for event in events)
    )
