"""Ingest: records from a source into raw/cdrs and raw/files, each exactly once.

Here: the loop from batches to commits, and its report. Not here: the source (`sources`), the commits (`raw_writer`).
A crash between the two commits of a batch is mended by the next ingest: content without its row in raw/files is read
again, its records are found to be in, and its row is written.
"""

import time
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from telecom_cdr.lakehouse.catalog import Catalog
from telecom_cdr.lakehouse.compaction import compact_month
from telecom_cdr.lakehouse.raw_writer import DecodedBatch, RawWriter, is_taken_whole
from telecom_cdr.lakehouse.taken_ranges import TakenRanges
from telecom_cdr.settings import Settings
from telecom_cdr.sources import Problem, RangeState, Records, Source
from telecom_cdr.sources.decode import Decoder
from telecom_cdr.sources.files import BLOCK_BYTES, FileSource
from telecom_cdr.sources.local_time import zone_rules
from telecom_cdr.sources.starts import find_starts
from telecom_cdr.tables.raw import FILES

Item = TypeVar("Item")


@dataclass
class IngestReport:
    """What one ingest did. Counts are of the rows that it committed itself.

    `files_taken`: content taken to its end; `files_known`: content that the lake had already; `files_truncated`: taken,
    and their last line had no end; `files_empty`: taken, without a record. `problems`: not taken, or not to the end.
    `months`: new rows of each billing month. `positions`: where each partition of a topic is now, by position key.
    """

    files_taken: list[str] = field(default_factory=list)
    files_known: list[str] = field(default_factory=list)
    files_truncated: list[str] = field(default_factory=list)
    files_empty: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    months: Counter[str] = field(default_factory=Counter)
    positions: dict[str, int] = field(default_factory=dict)
    record_count: int = 0
    malformed_count: int = 0
    blank_line_count: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class IngestProgress:
    """How far an ingest is: records committed, files taken or known, files there are."""

    record_count: int
    file_count: int
    file_total: int


def ingest_directory(
    catalog: Catalog,
    settings: Settings,
    directory: Path,
    *,
    now: Callable[[], datetime],
    on_progress: Callable[[IngestProgress], None] | None = None,
    block_bytes: int = BLOCK_BYTES,
) -> IngestReport:
    """Take every file of a directory and its subfolders whose content the lake does not hold yet.

    `now` gives the time of ingest, with a zone; it decides months of late and future records. Files that cannot be
    taken are in the report's `problems`, and the others are taken. Raises InputError when there is no such directory,
    no file in it, or no such time zone.
    """
    files = catalog.delta(FILES)
    source = FileSource(directory, lambda content: is_taken_whole(files, content), block_bytes=block_bytes)

    def tell(report: IngestReport) -> None:
        if on_progress:
            done = len(report.files_taken) + len(report.files_known) + len(source.known) + len(source.problems)
            on_progress(IngestProgress(report.record_count, done, len(source.names)))

    return ingest(catalog, settings, source, now=now, after_batch=tell)


def ingest(
    catalog: Catalog,
    settings: Settings,
    source: Source,
    *,
    now: Callable[[], datetime],
    after_batch: Callable[[IngestReport], None] = lambda report: None,
) -> IngestReport:
    """Take everything that a source has, batch by batch, and compact the months that it touched."""
    began = time.perf_counter()
    with Decoder() as decoder:
        run = _Run(catalog, settings, decoder)
        decoded = one_ahead(run.decode(records, now()) for records in source.batches())
        # Closed before the decoder is: an error here leaves nothing at work in the background.
        with closing(decoded):
            for batch in decoded:
                run.take(batch)
                after_batch(run.report)
    report = run.report
    report.files_known.extend(source.known)
    report.problems.extend(source.problems)
    for month in report.months:
        compact_month(catalog, month)
    report.seconds = time.perf_counter() - began
    return report


def one_ahead(items: Iterator[Item]) -> Generator[Item]:
    """The same items, each made in the background while the one before it is used. At most two exist at a time."""
    with ThreadPoolExecutor(max_workers=1) as background:
        coming = background.submit(next, items, None)
        while (item := coming.result()) is not None:
            coming = background.submit(next, items, None)
            yield item


class _Run:
    """One ingest, and what it did so far."""

    def __init__(self, catalog: Catalog, settings: Settings, decoder: Decoder) -> None:
        self._decoder = decoder
        self._rules = zone_rules(settings.timezone)
        self._writer = RawWriter.of(catalog, settings)
        self._ranges = TakenRanges()
        self.report = IngestReport()

    def decode(self, records: Sequence[Records], ingested: datetime) -> DecodedBatch:
        """What the rows of a batch hold whichever commit takes them."""
        fields = self._decoder.decode(records)
        return DecodedBatch(records, fields, find_starts(fields, self._rules), ingested)

    def take(self, batch: DecodedBatch) -> None:
        """Commit one batch: rows with their positions, then a row for each file that it completes."""
        appended = self._writer.append(batch)
        self.report.months.update(appended.months)
        self.report.record_count += int(appended.is_new.sum())
        self.report.malformed_count += int((appended.is_new & ~batch.is_well_formed()).sum())
        for records in batch.records:
            if records.is_stream:
                before = appended.positions[records.position_key]
                self.report.positions[records.position_key] = max(before, records.next_offset)
        completed = list(self._ranges.completed_by(batch, appended))
        recorded = self._writer.record_taken(completed) if completed else []
        for row in completed:
            self._report_range(row.values, is_new=row in recorded)

    def _report_range(self, row: dict[str, object], *, is_new: bool) -> None:
        name = str(row["name"])
        if not is_new:
            self.report.files_known.append(name)
            return
        self.report.files_taken.append(name)
        self.report.blank_line_count += int(str(row["blank_line_count"]))
        if row["state"] == RangeState.TRUNCATED:
            self.report.files_truncated.append(name)
        elif row["state"] == RangeState.EMPTY:
            self.report.files_empty.append(name)
