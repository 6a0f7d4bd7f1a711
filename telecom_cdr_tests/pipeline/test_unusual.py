"""Records at the edges of the rules through the command line equal the exact model."""

from pathlib import Path

import pytest

from telecom_cdr.tables.raw import CDRS, FILES
from telecom_cdr_tests.builders import a_reference, write_reference
from telecom_cdr_tests.exact_model.unusual_records import unusual_files
from telecom_cdr_tests.pipeline.model import differences_from_model
from telecom_cdr_tests.product import Product


@pytest.mark.slow
def test_unusual_records_equal_the_model(tmp_path: Path) -> None:
    reference = a_reference()
    sent = tmp_path / "cdrs"
    sent.mkdir()
    for name, content in unusual_files().items():
        (sent / name).write_bytes(content)
    product = Product.at(tmp_path)
    product.done("reference", "load", str(write_reference(tmp_path / "reference", reference)))
    product.done("ingest", "--from", str(sent))
    *_, last, ingest_month = months = product.catalog.months(CDRS)
    # The months at the first billing month hold one record each: that they are there says enough.
    assert months == ["2024-01", "2024-02", "2026-02", ingest_month]
    for month in (last, ingest_month):
        product.done("run", "--month", month)

    assert "\n".join(differences_from_model(product, reference, (last, ingest_month))) == ""
    states = {row["name"]: row["state"] for row in product.catalog.read(FILES).to_pylist()}
    # The fourth file is the first again.
    assert states == {"a.jsonl": "complete", "b.jsonl": "complete", "c.jsonl": "truncated"}
