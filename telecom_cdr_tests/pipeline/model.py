"""A lake beside the exact model: what raw holds read back into it, and every table of a month compared."""

from collections.abc import Iterable

from telecom_cdr import tables
from telecom_cdr.tables.raw import CDRS
from telecom_cdr_tests.exact_model import RawRecord, compute
from telecom_cdr_tests.exact_model.comparison import differences, expected_rows
from telecom_cdr_tests.exact_model.tariff import Reference
from telecom_cdr_tests.product import Product

_READ = ("source_sequence", "source_id", "source_offset", "payload", "ingested_utc", "ingest_commit")


def raw_rows(product: Product) -> list[RawRecord]:
    """Every record of raw/cdrs, as the model receives it."""
    return [
        RawRecord(
            source_sequence=row["source_sequence"],
            source_id=row["source_id"],
            offset=row["source_offset"],
            payload=row["payload"],
            ingested_utc=row["ingested_utc"],
            ingest_commit=row["ingest_commit"],
        )
        for row in product.catalog.read(CDRS, columns=_READ).to_pylist()
    ]


def differences_from_model(product: Product, reference: Reference, months: Iterable[str]) -> list[str]:
    """Where mediated, rated and invoice tables of the months differ from the model of what raw holds."""
    chosen = list(months)
    expected = compute(raw_rows(product), reference, months=chosen)
    return [
        f"{month}: {difference}"
        for month in chosen
        for path, rows in expected_rows(expected[month]).items()
        for difference in differences(path, rows, product.catalog.read(tables.BY_PATH[path], month).to_pylist())
    ]
