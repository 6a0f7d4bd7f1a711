"""Two hundred random months through the command line equal the exact model: every record, charge, line and total.

A world's own month only; `test_unusual` has a month of ingest, with the records that have no credible start.
"""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from telecom_cdr_tests.builders import write_reference
from telecom_cdr_tests.exact_model import raw_records
from telecom_cdr_tests.exact_model.random_months import TENANTS, WORLDS, random_world
from telecom_cdr_tests.pipeline.model import differences_from_model, raw_rows
from telecom_cdr_tests.product import Product

_SHOWN = 20


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "month"), WORLDS)
def test_random_months_equal_the_model(tmp_path: Path, seed: int, month: str) -> None:
    world = random_world(seed, month)
    sent = tmp_path / "cdrs"
    sent.mkdir()
    for name, content in world.files.items():
        (sent / name).write_bytes(content)
    product = Product.at(tmp_path)
    product.done("reference", "load", str(write_reference(tmp_path / "reference", world.reference)))
    product.done("ingest", "--from", str(sent))
    product.done("run", "--month", month)

    came = sorted((record.source_id, record.offset, record.payload) for record in raw_rows(product))
    wanted = raw_records(world.files, datetime.now(UTC))
    assert came == sorted((record.source_id, record.offset, record.payload) for record in wanted), f"seed {seed}"
    found = differences_from_model(product, world.reference, [month])
    told = "\n".join(found[:_SHOWN])
    assert not found, f"random_world({seed}, {month!r}, {TENANTS}): {len(found)} differences\n{told}"
