"""The generator's truth and the tables agree, record by record: table, reasons, month of usage, and the record kept."""

from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from telecom_cdr.tables import mediated
from telecom_cdr.tables.raw import CDRS, FILES
from telecom_cdr_tests.pipeline.catalogue import CATALOGUE
from telecom_cdr_tests.product import Product

pytestmark = pytest.mark.slow

Place = tuple[str, int]
Outcome = tuple[Any, ...]

# Month, seed, records. Nothing is late before the first month, so that no other months have to be made.
_GENERATED: Final = (("2026-01", 1, 3_000), ("2026-02", 2, 3_000), ("2026-03", 3, 100_000))


def test_truth_and_tables_agree_for_three_seeds(tmp_path: Path) -> None:
    product = _product(tmp_path)
    for month, seed, count in _GENERATED:
        _generate(product, month, seed, count)
    product.done("ingest", "--from", str(product.root / "cdrs"))
    for month in product.catalog.months(CDRS):
        product.done("run", "--month", month)

    expected: dict[Place, Outcome] = {}
    for month, _, count in _GENERATED:
        truth = _truth(product, month)
        assert len(truth) == count
        expected |= truth
    found = _found(product)
    unequal = {place: (expected.get(place), found.get(place)) for place in {*expected, *found}}
    unequal = {place: both for place, both in unequal.items() if both[0] != both[1]}
    assert len(unequal) == 0, f"{len(unequal)} records, such as {sorted(unequal.items())[:5]}"


def test_truth_and_tables_agree_for_no_record_and_for_one(tmp_path: Path) -> None:
    product = _product(tmp_path)
    for count in (0, 1):
        _generate(product, "2026-02", 1, count)
        product.done("ingest", "--from", str(product.root / "cdrs"))
        product.done("run", "--month", "2026-02")
        found = _found(product)
        assert len(found) == count
        assert found == _truth(product, "2026-02")


def _product(root: Path) -> Product:
    product = Product.at(root, TELECOM_CDR_FIRST_MONTH="2026-01")
    product.done("reference", "load", str(CATALOGUE))
    return product


def _generate(product: Product, month: str, seed: int, count: int) -> None:
    directory = str(product.root / "cdrs")
    product.done("generate", "--month", month, "--seed", str(seed), "--cdrs", str(count), "--out", directory)


def _truth(product: Product, month: str) -> dict[Place, Outcome]:
    names = ("file", "line", "table", "reasons", "usage_month", "kept_file", "kept_line", "is_conflicting")
    rows = pq.read_table(product.root / "cdrs" / f"truth-{month}.parquet", columns=list(names))
    return {
        (file, line): tuple(outcome)
        for file, line, *outcome in zip(*(rows[name].to_pylist() for name in names), strict=True)
    }


def _found(product: Product) -> dict[Place, Outcome]:
    """Where each record is, by the file and line that it came from; each is in one place."""
    files = product.catalog.read(FILES).to_pylist()
    names: dict[str | None, str | None] = {None: None, **{row["source_id"]: row["name"] for row in files}}
    found: dict[Place, Outcome] = {}
    for table in mediated.TABLES:
        rows = product.catalog.read(table)
        nothing = pa.nulls(rows.num_rows)
        columns = [rows["source_id"], rows["source_offset"]]
        columns.append(rows["reasons"] if table is mediated.QUARANTINE else nothing)
        columns.append(rows["usage_month"])
        kept = ("kept_source_id", "kept_source_offset", "is_conflicting")
        columns += [rows[name] if table is mediated.DUPLICATES else nothing for name in kept]
        for source, line, reasons, month, kept_source, kept_line, is_conflicting in zip(
            *(column.to_pylist() for column in columns), strict=True
        ):
            place = (str(names[source]), line)
            assert place not in found
            found[place] = (table.path, reasons or "", month, names[kept_source], kept_line, is_conflicting)
    return found
