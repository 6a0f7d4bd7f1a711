"""The same months of one lake made on Spark too, and compared without the product's own comparison."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from telecom_cdr.lakehouse.verify import VERIFIED
from telecom_cdr.tables.model import Table
from telecom_cdr_tests.product import Product


def on_spark(product: Product, month: str) -> Product:
    """A copy of the lake in which a month is made anew, on Spark."""
    root = product.root.with_name(f"{product.root.name}-on-spark")
    shutil.copytree(product.root, root)
    other = Product.at(root, TELECOM_CDR_ENGINE="spark")
    other.done("run", "--month", month)
    made = [other.catalog.month_version(table, month) for table in VERIFIED]
    assert {version.engine.split(" ")[0] for version in made if version.record_count} == {"spark"}
    return other


def differences(one: Product, other: Product, month: str) -> list[str]:
    """One line for each table of a month whose rows or types differ."""
    return [f"{table.path}: {told}" for table in VERIFIED for told in _differences(one, other, table, month)]


def _differences(one: Product, other: Product, table: Table, month: str) -> Iterator[str]:
    left, right = one.rows(table.path, month), other.rows(table.path, month)
    if not left.equals(right):
        pairs = zip(left.to_pylist(), right.to_pylist(), strict=False)
        first = next(((a, b) for a, b in pairs if a != b), None)
        yield f"{left.num_rows} and {right.num_rows} rows; the first that differ: {first}"
    kinds = {kind for product in (one, other) for kind in _stored_types(product, table, month)}
    if len(kinds) > 1:
        yield f"stored as {kinds}"


def _stored_types(product: Product, table: Table, month: str) -> Iterator[tuple[tuple[str, str], ...]]:
    """Names and types of the columns in each of the month's data files: the table's schema would hide them."""
    files = pa.table(product.catalog.delta(table).get_add_actions(flatten=True))
    if files.num_rows:
        for path in files.filter(pc.equal(files["partition.billing_month"], month))["path"].to_pylist():
            schema = pq.read_schema(Path(product.catalog.path(table)) / path)
            # One engine keeps the partition's value in its files too.
            kept = [field for field in schema if field.name not in table.partition_by]
            yield tuple(sorted((field.name, str(field.type)) for field in kept))
