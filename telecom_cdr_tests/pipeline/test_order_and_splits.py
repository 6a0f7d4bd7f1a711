"""Order, files and number of ingests of the same records do not matter, and doing anything twice changes nothing.

Row by row in every layer, less where and when a record came. Conflicting duplicates come in one file at the end: the
first received wins, so that the records kept must be there before them.
"""

import gzip
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random
from typing import Final

import pyarrow.parquet as pq
import pytest

from telecom_cdr import tables
from telecom_cdr.tables.model import Table
from telecom_cdr.tables.raw import CDRS
from telecom_cdr_tests.pipeline.catalogue import CATALOGUE
from telecom_cdr_tests.product import Product

pytestmark = pytest.mark.slow

Rows = list[tuple[object, ...]]

_MONTH: Final = "2026-02"
_INGESTS: Final = 10
_FILES_AN_INGEST: Final = 3
# Where and when a record came, and when what was made.
_OF_ARRIVAL: Final = {
    *("source_id", "source_partition", "source_offset", "ingest_commit", "source_sequence", "ingested_utc"),
    *("kept_source_id", "kept_source_partition", "kept_source_offset"),
}
# What a lake writes about itself: files as they came, verdicts on files of its own.
_OWN_HISTORY: Final = {"raw/files", "assurance/verdicts"}
_COMPARED: Final = tuple(table for table in tables.ALL if table.path not in _OWN_HISTORY)


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[bytes], list[bytes]]:
    """Lines of a month, and the conflicting duplicates among them aside."""
    product = _product(tmp_path_factory.mktemp("generated"))
    out = product.root / "cdrs"
    product.done("generate", "--month", _MONTH, "--seed", "11", "--cdrs", "3000", "--out", str(out))
    (path,) = out.glob("*.jsonl")
    lines = path.read_bytes().splitlines(keepends=True)
    truth = pq.read_table(out / f"truth-{_MONTH}.parquet", columns=["line", "is_conflicting"]).to_pylist()
    conflicting = {row["line"] for row in truth if row["is_conflicting"]}
    assert len(lines) == 3_000
    assert conflicting
    plain = [line for number, line in enumerate(lines) if number not in conflicting]
    return plain, [lines[number] for number in sorted(conflicting)]


@pytest.fixture(scope="module")
def in_one_go(generated: tuple[list[bytes], list[bytes]], tmp_path_factory: pytest.TempPathFactory) -> Product:
    """A lake that took one file of the records as they were generated, and one of the conflicting duplicates."""
    product = _product(tmp_path_factory.mktemp("in_one_go"))
    plain, conflicting = generated
    _write(product.root / "cdrs" / "a.jsonl", plain)
    _write(product.root / "cdrs" / "b.jsonl", conflicting)
    product.done("ingest", "--from", str(product.root / "cdrs"))
    return _run(product)


def test_order_files_and_number_of_ingests_do_not_matter(
    generated: tuple[list[bytes], list[bytes]], in_one_go: Product, tmp_path: Path
) -> None:
    product = _product(tmp_path)
    plain, conflicting = generated
    shuffled = Random(5).sample(plain, len(plain))
    for number, path in enumerate(_paths(tmp_path / "cdrs")):
        _write(path, shuffled[number :: _INGESTS * _FILES_AN_INGEST])
        if number % _FILES_AN_INGEST == _FILES_AN_INGEST - 1:
            if number == _INGESTS * _FILES_AN_INGEST - 1:
                _write(tmp_path / "cdrs" / "z.jsonl", conflicting)
            # All that came before is there still, and is known.
            product.done("ingest", "--from", str(tmp_path / "cdrs"))
    _run(product)

    counts = _counts(in_one_go)
    assert all(counts[table.path] for table in (*tables.mediated.TABLES, tables.rated.USAGE, *tables.reports.TABLES))
    assert _counts(product) == counts
    for table in _COMPARED:
        assert _content(product, table) == _content(in_one_go, table), table.path


def test_doing_anything_twice_changes_nothing(in_one_go: Product) -> None:
    months = in_one_go.catalog.months(CDRS)
    before = {table.path: _content(in_one_go, table, less=()) for table in _COMPARED}
    raw = [in_one_go.catalog.month_version(CDRS, month).fingerprint for month in months]

    in_one_go.done("reference", "load", str(CATALOGUE))
    in_one_go.done("ingest", "--from", str(in_one_go.root / "cdrs"))
    _run(in_one_go)

    assert [in_one_go.catalog.month_version(CDRS, month).fingerprint for month in months] == raw
    for table in _COMPARED:
        assert _content(in_one_go, table, less=()) == before[table.path], table.path


def _product(root: Path) -> Product:
    # Nothing is late before the first month, so that no other months have to be made.
    product = Product.at(root, TELECOM_CDR_FIRST_MONTH=_MONTH)
    product.done("reference", "load", str(CATALOGUE))
    return product


def _run(product: Product) -> Product:
    for month in product.catalog.months(CDRS):
        product.done("run", "--month", month)
    return product


def _paths(directory: Path) -> Iterator[Path]:
    """Names in no order of time; every third is packed, every other one in a subfolder."""
    for number in range(_INGESTS * _FILES_AN_INGEST):
        name = f"{number * 7 % 31:02d}.jsonl" + (".gz" if number % 3 == 0 else "")
        yield directory / (f"node-{number % 4}/{name}" if number % 2 else name)


def _write(path: Path, lines: Iterable[bytes]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    content = b"".join(lines)
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)


def _counts(product: Product) -> dict[str, int]:
    return {table.path: product.catalog.read(table).num_rows for table in _COMPARED}


def _content(product: Product, table: Table, less: Iterable[str] = _OF_ARRIVAL) -> Rows:
    """Every row of a table, in an order that follows from the rows alone."""
    rows = product.catalog.read(table)
    columns = [rows[name].to_pylist() for name in table.column_names if name not in set(less)]
    return sorted(zip(*columns, strict=True), key=repr)
