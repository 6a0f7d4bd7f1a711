"""The demo through a real broker and a real PostgreSQL bills what the demo from files and SQLite bills."""

from pathlib import Path
from typing import Final

import pytest

from telecom_cdr.tables.invoices import INVOICES, LINES
from telecom_cdr.tables.raw import CDRS, FILES
from telecom_cdr.tables.reports import REVENUE_BY_PLAN
from telecom_cdr_tests.product import Product

pytestmark = pytest.mark.slow

ONE_MONTH: Final = ("demo", "--cdrs", "2000", "--months", "1")


def test_the_demo_through_kafka_and_postgresql_bills_the_same(tmp_path: Path, kafka: str, postgres_url: str) -> None:
    from_files = Product.at(tmp_path / "files")
    from_files.done(*ONE_MONTH)
    streamed = Product.at(
        tmp_path / "streamed",
        TELECOM_CDR_KAFKA_BOOTSTRAP_SERVERS=kafka,
        TELECOM_CDR_KAFKA_TOPIC="of-the-demo",
    )
    told = streamed.done(*ONE_MONTH, "--source", "kafka", "--database", postgres_url)
    assert "the topic of-the-demo is made: 3 partitions" in told.errors
    assert not (streamed.lake / "_operational").exists()
    assert all(row["name"].startswith("of-the-demo[") for row in streamed.rows(FILES.path).to_pylist())
    assert streamed.rows(CDRS.path).num_rows == 2000
    for table in (LINES, INVOICES, REVENUE_BY_PLAN):
        assert streamed.rows(table.path).num_rows
        assert streamed.rows(table.path).equals(from_files.rows(table.path)), table.path


def test_the_demo_without_a_broker_says_how_to_get_one(tmp_path: Path) -> None:
    product = Product.at(tmp_path, TELECOM_CDR_KAFKA_BOOTSTRAP_SERVERS="")
    refused = product.run("demo", "--source", "kafka")
    assert refused.exit_code == 1
    assert "no broker is set: start one with `make broker`" in refused.errors
    assert not product.lake.exists()
