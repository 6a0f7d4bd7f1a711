"""From the producer to the invoice through a topic, with everything killed on the way: the same money, to the cent."""

import random
import time
from pathlib import Path
from typing import Final

import pyarrow as pa
import pytest

from telecom_cdr import tables
from telecom_cdr.sources.kafka.stream import Stream
from telecom_cdr.tables.invoices import INVOICES, LINES
from telecom_cdr.tables.mediated import DUPLICATES, QUARANTINE
from telecom_cdr.tables.model import Table
from telecom_cdr.tables.rated import USAGE
from telecom_cdr.tables.raw import CDRS
from telecom_cdr_tests.faults.lakes import MONTH, copy_of, finished, kill_after, with_settings
from telecom_cdr_tests.product import Product
from telecom_cdr_tests.topics import SECONDS, Topic

pytestmark = pytest.mark.slow

PARTITIONS: Final = 3
# What says where and when a record came, and so differs between two topics.
_POSITION: Final = ("source_id", "source_partition", "source_offset", "kept_source_offset", "ingest_commit")
_BILLED: Final = (*tables.mediated.TABLES[:3], USAGE, LINES, INVOICES, *tables.reports.TABLES)


@pytest.fixture(scope="module")
def sent(inbox: Path, referenced: Product) -> Path:
    """The files that are sent: 400 records of MONTH."""
    return inbox / "first" / MONTH


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, kafka: str, referenced: Product, sent: Path) -> Product:
    """Sent once, taken once, billed once."""
    product = a_product(tmp_path_factory.mktemp("undisturbed") / "product", referenced, Topic.made(kafka, PARTITIONS))
    product.done("produce", "--from", str(sent))
    product.done("ingest", "--from", "kafka")
    product.done("run", "--month", MONTH)
    return product


def a_product(root: Path, referenced: Product, topic: Topic) -> Product:
    """A lake with reference data and no record, whose source is the topic."""
    return with_settings(copy_of(referenced, root), **topic.environment)


def test_kill_9_of_producer_and_ingest_and_a_second_sending_change_duplicates_and_no_invoice(
    tmp_path: Path, kafka: str, referenced: Product, undisturbed: Product, sent: Path, chance: random.Random
) -> None:
    topic = Topic.made(kafka, PARTITIONS)
    product = a_product(tmp_path / "product", referenced, topic)
    process = product.start("produce", "--from", str(sent), "--rate", "100")
    _wait_for_records(topic, product, chance.randrange(50, 200))
    assert kill_after(process, 0.0)
    first = _arrived(topic, product)
    product.done("produce", "--from", str(sent))

    killed = [kill_after(product.start("ingest", "--from", "kafka"), chance.uniform(2.5, 5.5)) for _ in range(2)]
    print(f"{first} records arrived before the kill; ingests killed: {killed}")
    finished(product.start("ingest", "--from", "kafka"))
    product.done("run", "--month", MONTH)

    # Some records belong to another month.
    assert product.rows(CDRS.path).num_rows == undisturbed.rows(CDRS.path).num_rows + first
    more = {table: _count(product, table) - _count(undisturbed, table) for table in (CDRS, DUPLICATES, QUARANTINE)}
    assert more[CDRS] == more[DUPLICATES] + more[QUARANTINE]
    assert more[DUPLICATES] > 0
    for table in _BILLED:
        assert _rows(product, table).equals(_rows(undisturbed, table)), table.path
    assert product.done("check", "--month", MONTH).exit_code == 0


def test_the_topic_gives_the_invoices_that_the_files_give(undisturbed: Product, billed: Product) -> None:
    for table in (USAGE, LINES, INVOICES):
        assert _rows(undisturbed, table).equals(_rows(billed, table)), table.path


def _rows(product: Product, table: Table) -> pa.Table:
    """Rows of the month without where they came from, in order of all that is left."""
    passing = (*_POSITION, "ingested_utc", "source_sequence")
    kept = product.rows(table.path, MONTH, *passing)
    return kept.sort_by([(name, "ascending") for name in kept.column_names if not pa.types.is_nested(kept[name].type)])


def _count(product: Product, table: Table) -> int:
    return int(product.rows(table.path, MONTH).num_rows)


def _wait_for_records(topic: Topic, product: Product, count: int) -> None:
    deadline = time.monotonic() + SECONDS
    while _arrived(topic, product) < count:
        assert time.monotonic() < deadline, f"{count} records did not arrive"
        time.sleep(0.1)


def _arrived(topic: Topic, product: Product) -> int:
    bounds = Stream(topic.settings(product.lake)).bounds()
    return sum(bound.end - bound.first for bound in bounds.values())
