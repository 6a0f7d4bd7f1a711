"""Records that no decoder likes: each is set aside with its reason and its position, and the batch goes on."""

import multiprocessing
from pathlib import Path
from typing import Final

import pytest

from telecom_cdr.tables.mediated import QUARANTINE, SMS, VOICE
from telecom_cdr.tables.raw import CDRS
from telecom_cdr_tests.builders import a_voice_cdr, cdr_bytes
from telecom_cdr_tests.cli.small_lake import a_reference_directory
from telecom_cdr_tests.faults.topic_processes import peaks_of_an_ingest
from telecom_cdr_tests.product import Product
from telecom_cdr_tests.topics import Topic, take_topic

pytestmark = pytest.mark.slow

# Of the time of ingest: what has no readable time falls into it.
MONTH: Final = "2026-04"
START: Final = "2026-04-02T10:00:00"


def a_call(record_id: str, **fields: object) -> bytes:
    return cdr_bytes(a_voice_cdr(record_ID=record_id, timestamp=START, **fields))


# Value -> reasons, None for a record that is good all the same.
POISON: Final[dict[bytes | None, str | None]] = {
    b"\xff\xfe\x00\x80": "MALFORMED_JSON",
    a_call("LATIN1", source_node="x").replace(b'"x"', b'"\xe9"'): "MALFORMED_JSON",
    a_call("CUT")[:-20]: "MALFORMED_JSON",
    a_call("TWICE") * 2: "MALFORMED_JSON",
    None: "MALFORMED_JSON",
    b"": "MALFORMED_JSON",
    b"[1, 2]": "MALFORMED_JSON",
    b"[" * 900_000: "MALFORMED_JSON",
    b"x" * 900_000: "MALFORMED_JSON",
    b'{"a":' * 100_000 + b"1" + b"}" * 100_000: "UNKNOWN_RECORD_TYPE,MISSING_RECORD_ID,MISSING_TIMESTAMP",
    a_call("NAN").replace(b'"duration_sec": 60', b'"duration_sec": NaN'): "INVALID_FIELD_TYPE",
    a_call("INFINITE").replace(b'"duration_sec": 60', b'"duration_sec": -Infinity'): "INVALID_FIELD_TYPE",
    a_call("DIGITS").replace(b'"duration_sec": 60', b'"duration_sec": ' + b"9" * 1_000_000): "INVALID_FIELD_TYPE",
    a_call("NESTED", duration_sec={"a": [1]}): "INVALID_FIELD_TYPE",
    a_call("LARGE", remark="x" * 900_000): None,
    a_call("NUL", remark="a\x00b"): None,
    a_call("GOOD"): None,
}


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory, kafka: str) -> Product:
    """The poison in one partition, taken and mediated."""
    root = tmp_path_factory.mktemp("poison")
    topic = Topic.made(kafka, max_message_bytes="2000000")
    product = Product.at(root / "product", **topic.environment)
    product.done("reference", "load", str(a_reference_directory(root)))
    product.catalog.create_tables()
    topic.send(*POISON)
    take_topic(product.catalog, topic, limit=10)
    product.done("run", "--month", MONTH)
    return product


def test_each_is_quarantined_with_reason_and_position_and_the_others_are_billed(product: Product) -> None:
    raw = product.rows(CDRS.path, MONTH).to_pylist()
    assert [(row["source_offset"], row["payload"]) for row in raw] == [
        (offset, value or b"") for offset, value in enumerate(POISON)
    ]
    found = {row["source_offset"]: row["reasons"] for row in product.rows(QUARANTINE.path, MONTH).to_pylist()}
    assert found == {offset: reason for offset, reason in enumerate(POISON.values()) if reason}
    assert {row["record_id"] for row in product.rows(VOICE.path, MONTH).to_pylist()} == {"LARGE", "NUL", "GOOD"}
    assert product.rows(SMS.path, MONTH).num_rows == 0
    kept = {row["source_offset"]: row["payload"] for row in product.rows(QUARANTINE.path, MONTH).to_pylist()}
    assert kept == {offset: value or b"" for offset, (value, reason) in enumerate(POISON.items()) if reason}


def test_memory_stays_bounded_however_large_records_are(tmp_path: Path, kafka: str) -> None:
    topic = Topic.made(kafka)
    record = b'{"record_ID": "' + b"x" * 950_000 + b'"}'
    for _ in range(16):
        topic.send(*[record] * 50)
    # In a process of its own: it has no other peak.
    with multiprocessing.get_context("forkserver").Pool(1) as processes:
        peaks = processes.apply(peaks_of_an_ingest, (tmp_path / "lake", topic))
    topic.delete()
    assert len(peaks) > 16
    # Allocators keep pages for a while, so that the first batches raise the peak; a leak raises it to the end.
    half = len(peaks) // 2
    taken = 16 * 50 * len(record) * (len(peaks) - half) / len(peaks)
    grown = peaks[-1] - peaks[half - 1]
    assert grown < taken * 0.4, f"{[peak >> 20 for peak in peaks]} MiB after each batch"
