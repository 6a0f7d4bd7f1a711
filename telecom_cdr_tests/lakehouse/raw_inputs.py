"""Files of CDRs for ingest tests, an ingest with a fixed clock, and what a lake then holds."""

import json
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from telecom_cdr.lakehouse.catalog import Catalog
from telecom_cdr.lakehouse.ingest import IngestReport, ingest_directory
from telecom_cdr.settings import Settings
from telecom_cdr.sources.files import BLOCK_BYTES
from telecom_cdr.tables.invoices import BILLING_PERIODS
from telecom_cdr.tables.raw import CDRS, FILES, GAPS

INGESTED = datetime(2026, 4, 15, 12, tzinfo=UTC)


def cdr(record_id: object = "r1", timestamp: object = "2026-04-01T10:00:00", **fields: object) -> bytes:
    """One text message as a line of JSON, without its end."""
    return json.dumps({"record_ID": record_id, "record_type": "sms", "timestamp": timestamp, **fields}).encode()


def lines(*payloads: bytes) -> bytes:
    """Payloads as the content of a file."""
    return b"".join(payload + b"\n" for payload in payloads)


def write_files(directory: Path, files: Mapping[str, bytes]) -> Path:
    """A directory with these files."""
    for name, content in files.items():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_bytes(content)
    return directory


def many_files(directory: Path, count: int, records: int, first: int = 0) -> Path:
    """Files of distinct records over three months; every seventh record is malformed."""
    files = {}
    for number in range(first, first + count):
        payloads = [
            b"{" if row % 7 == 6 else cdr(f"{number}-{row}", f"2026-{row % 3 + 1:02d}-10T10:00:{row % 60:02d}")
            for row in range(records)
        ]
        files[f"{number:03d}.jsonl"] = lines(*payloads)
    return write_files(directory, files)


def empty_lake(root: Path, *, add_columns: bool = True) -> Catalog:
    """A lake with the tables that ingest needs; raw/cdrs may be one of an older version, left as it is."""
    catalog = Catalog(root)
    catalog.create_tables((*((CDRS,) if add_columns else ()), FILES, GAPS, BILLING_PERIODS))
    return catalog


def seconds_of_a_run(root: Path, processes: Any, target: Callable[..., None], *arguments: object) -> float:
    """How long an ingest takes in a process of its own, once the server of processes is there."""
    for name in ("first", "second"):
        catalog = empty_lake(root / name)
        began = time.perf_counter()
        process = processes.Process(target=target, args=(catalog.root, *arguments))
        process.start()
        process.join()
    return time.perf_counter() - began


def take(
    catalog: Catalog, directory: Path, *, block_bytes: int = BLOCK_BYTES, now: datetime = INGESTED, **settings: str
) -> IngestReport:
    """Ingest a directory at a fixed time."""
    return ingest_directory(
        catalog, settings_of(catalog, **settings), directory, now=lambda: now, block_bytes=block_bytes
    )


def settings_of(catalog: Catalog, **settings: Any) -> Settings:
    """Settings for a lake, by default those of an installation."""
    return Settings(lake=catalog.root, **settings)


def raw_rows(catalog: Catalog) -> list[dict[str, Any]]:
    """Rows of raw/cdrs in the order in which they were received."""
    order = ("ingest_commit", "source_sequence", "source_id", "source_partition", "source_offset")
    rows: list[dict[str, Any]] = catalog.read(CDRS).sort_by([(name, "ascending") for name in order]).to_pylist()
    return rows


def lasting(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows without what depends on when and in which commit they came."""
    passing = {"ingest_commit", "source_sequence", "ingested_utc"}
    return [{name: value for name, value in row.items() if name not in passing} for row in rows]


def file_rows(catalog: Catalog) -> dict[str, dict[str, Any]]:
    """Rows of raw/files by name of the file."""
    rows = catalog.read(FILES).to_pylist()
    assert len({row["name"] for row in rows}) == len(rows)
    return {row["name"]: row for row in rows}


def run(root: Path, directory: Path, block_bytes: int) -> None:
    """Ingest in a process of its own; for tests that start several, or kill them."""
    take(Catalog(root), directory, block_bytes=block_bytes)
