"""Subscriptions to generate for, and what was generated, read back."""

import json
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from faker import Generator

from telecom_cdr.facts.people import MoroccoProvider
from telecom_cdr.sources.generator import GenerationResult, generate
from telecom_cdr.tables.reference import PRODUCTS, RATES, SUBSCRIPTIONS

Row = dict[str, Any]


def a_table(declared_columns: pa.Schema, rows: list[Row]) -> pa.Table:
    """Rows as a reference table; columns that a row does not name are null."""
    names = declared_columns.names
    return pa.Table.from_pylist(
        [{name: row.get(name) for name in names} for row in rows],
        pa.schema([pa.field(field.name, field.type) for field in declared_columns]),
    )


def subscriptions(rows: list[Row]) -> pa.Table:
    """Subscriptions, active since 2020 unless a row says otherwise."""
    defaults = {"customer_id": "C1", "plan_code": "P1", "status": "active", "valid_from": date(2020, 1, 1)}
    return a_table(SUBSCRIPTIONS.arrow_schema, [defaults | row for row in rows])


def subscribers(count: int) -> pa.Table:
    """As many subscriptions with different numbers."""
    source = Generator()
    source.seed_instance(212)
    people = MoroccoProvider(source)
    numbers: dict[str, None] = {}
    while len(numbers) < count:
        numbers[people.moroccan_msisdn("Maroc Telecom")] = None
    return subscriptions([{"msisdn": number} for number in numbers])


def products(*data_codes: str) -> pa.Table:
    """Data products of these codes, and one for voice."""
    rows = [{"product_code": code, "service_type": "data", "unit": "byte"} for code in data_codes]
    return a_table(PRODUCTS.arrow_schema, [*rows, {"product_code": "VOICE", "service_type": "voice", "unit": "second"}])


def rates(*plans_and_products: tuple[str, str]) -> pa.Table:
    """Rates of products in plans."""
    return a_table(
        RATES.arrow_schema, [{"plan_code": plan, "product_code": product} for plan, product in plans_and_products]
    )


@dataclass(frozen=True)
class Made:
    """A generated month."""

    result: GenerationResult

    @cached_property
    def lines(self) -> dict[tuple[str, int], bytes]:
        """Every line by file and position, as `ingest` counts them."""
        found: dict[tuple[str, int], bytes] = {}
        for name in self.result.files:
            content = (self.result.directory / name).read_bytes()
            assert content == b"" or content.endswith(b"\n")
            found |= {(name, index): line for index, line in enumerate(content.split(b"\n")[:-1])}
        return found

    @cached_property
    def truth(self) -> list[Row]:
        """The rows of the sidecar table."""
        return list(pq.read_table(self.result.directory / f"truth-{self.result.month}.parquet").to_pylist())

    @cached_property
    def summary(self) -> Row:
        """The month's entry in `truth.json`."""
        return dict(json.loads((self.result.directory / "truth.json").read_text())["months"][self.result.month])

    def record(self, row: Row) -> Row:
        """The record that a row of the truth is about."""
        return dict(json.loads(self.lines[row["file"], row["line"]]))

    @cached_property
    def sound(self) -> list[Row]:
        """Records without an injected fault."""
        return [self.record(row) for row in self.truth if row["fault"] is None]


def make(directory: Path, count: int, **options: Any) -> Made:
    """Generate a month; 300 subscribers and 2026-03 unless said otherwise."""
    defaults: Row = {"subscriptions": subscribers(300), "products": products("DATA"), "month": "2026-03", "seed": 7}
    return Made(generate(out_dir=directory, count=count, **(defaults | options)))
