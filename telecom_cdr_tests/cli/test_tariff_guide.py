"""The tariff guide: every example in it comes out as it says, and nothing that it lists is missing."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from telecom_cdr.cli.pieces import KINDS
from telecom_cdr.reference.review import SUBJECTS
from telecom_cdr.tables.reference import TABLES, csv_columns
from telecom_cdr_tests.builders import (
    REFERENCE_COLUMNS,
    Cells,
    ReferenceRows,
    a_data_cdr,
    a_voice_cdr,
    an_sms_cdr,
    cdr_lines,
)
from telecom_cdr_tests.cli.test_simulate import simulated

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

GUIDE: Final = (Path(__file__).parents[2] / "docs" / "tariff-guide.md").read_text(encoding="utf-8")
_PART: Final = re.compile(
    r"^## (?P<heading>[^\n]+)$|^```csv (?P<name>\w+)\n(?P<rows>.*?)^```$", re.MULTILINE | re.DOTALL
)
_BASE: Final = "How to read the examples"
_USUAL: Final = {
    "service": "voice",
    "number": "212661000001",
    "called": "212661999999",
    "at": "2026-01-05T09:00:00",
    "used": "1",
    "product": "DATA",
}


@dataclass(frozen=True)
class Example:
    """The files that one example shows, and its usage."""

    name: str
    tables: ReferenceRows
    usage: list[Cells]


def _examples() -> Iterator[Example]:
    heading = ""
    base: dict[str, list[Cells]] = {}
    tables: dict[str, list[Cells]] = {}
    for part in _PART.finditer(GUIDE):
        if part["heading"]:
            heading = part["heading"]
            continue
        rows = list(csv.DictReader(part["rows"].splitlines(), restval=None))
        assert all(None not in (*row.keys(), *row.values()) for row in rows), part["rows"]
        if part["name"] == "usage":
            yield Example(heading, base | tables, rows)
            tables = {}
        elif heading == _BASE:
            base[part["name"]] = _whole(part["name"], rows)
        else:
            tables[part["name"]] = _whole(part["name"], rows)
    assert not tables, "the last example has no usage"


def _whole(table: str, rows: list[Cells]) -> list[Cells]:
    assert set(rows[0]) <= set(REFERENCE_COLUMNS[table]), table
    return [dict.fromkeys(REFERENCE_COLUMNS[table], "") | row for row in rows]


def _record(number: int, shown: Cells) -> dict[str, object]:
    use = _USUAL | shown
    shared = {
        "record_ID": str(number),
        "timestamp": use["at"],
        "serving_plmn": use.get("plmn") or None,
        "direction": use.get("direction") or None,
        "session_id": use.get("session") or None,
        "sequence_number": use.get("part") or None,
    }
    if use["service"] == "data":
        return a_data_cdr(user_id=use["number"], data_volume_mb=use["used"], product_code=use["product"], **shared)
    served, called = use["number"], use["called"]
    if use.get("direction") == "mt":
        served, called = called, served
    if use["service"] == "sms":
        return an_sms_cdr(sender_id=served, receiver_id=called, **shared)
    return a_voice_cdr(caller_id=served, callee_id=called, duration_sec=int(use["used"]), **shared)


EXAMPLES: Final = list(_examples())


@pytest.mark.parametrize("example", EXAMPLES, ids=[f"{one.name}-{n}" for n, one in enumerate(EXAMPLES)])
def test_an_example_of_the_guide_comes_out_as_it_says(engine: "SparkSession", tmp_path: Path, example: Example) -> None:
    records = [_record(number, use) for number, use in enumerate(example.usage)]
    rows = simulated(engine, tmp_path, example.tables, cdr_lines(records))
    found = [(row["charge_amount"], row["reason"] or "") for row in rows]
    assert found == [
        (Decimal(use["charge"]) if use["charge"] else None, use.get("reason", "")) for use in example.usage
    ]
    owners = [row["customer_id"] or "" for row in rows]
    assert owners == [use.get("customer", owner) for use, owner in zip(example.usage, owners, strict=True)]


def test_every_column_of_every_file_is_in_the_guide() -> None:
    for table in TABLES:
        assert f"`{table.name}.csv`" in GUIDE
        for column in csv_columns(table):
            assert f"`{column.name}`" in GUIDE, f"{table.name}.{column.name}"


def test_every_kind_of_piece_and_finding_is_in_the_guide() -> None:
    for kind in KINDS:
        assert f"`{kind}`" in GUIDE
    findings = GUIDE.partition("## What `reference check` tells")[2]
    for subject in SUBJECTS:
        assert subject in findings
