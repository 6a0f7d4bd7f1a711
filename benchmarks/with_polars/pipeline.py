"""The whole chain in Polars, phase by phase. Not here: what a phase does."""

import shutil
from pathlib import Path

import polars as pl

from benchmarks.common.work import INGEST, INVOICE, MEDIATE, RATE, REPORT, Phases, Work
from benchmarks.with_polars.bill import bill
from benchmarks.with_polars.frames import Writer
from benchmarks.with_polars.ingest import ingest
from benchmarks.with_polars.mediate import find_copies, mediate
from benchmarks.with_polars.rate import rate
from benchmarks.with_polars.report import report
from benchmarks.with_polars.rules import judge
from benchmarks.with_polars.tariff import Tariff


def run(work: Work) -> Phases:
    """Do the work; every table of the lake is committed at the end."""
    phases = Phases()
    work.lake.mkdir(parents=True)
    writer = Writer(work.lake)
    batches = ingest(work, writer)
    judged_rows = JudgedRows(work.lake / "_staging")
    files = pl.DataFrame()
    while True:
        with phases.phase(INGEST):
            batch = next(batches, None)
        if batch is None:
            break
        rows, files = batch
        with phases.phase(MEDIATE):
            judged_rows.add(judge(rows.filter(pl.col("billing_month").is_in(list(work.months)))))
    with phases.phase(MEDIATE):
        judged = judged_rows.rows()
        copies = find_copies(judged)
        mediate(judged, copies, files, work, writer)
    with phases.phase(RATE):
        for month in work.months:
            rate(judged, copies, Tariff.of(work, month), writer, month)
    with phases.phase(INVOICE):
        for month in work.months:
            bill(work, writer, month)
    with phases.phase(REPORT):
        for month in work.months:
            report(work, writer, month)
    judged_rows.drop()
    return phases


class JudgedRows:
    """The judged rows of all batches: the first few million in memory, the others as files to stream from."""

    rows_in_memory = 4_000_000

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._parts: list[pl.LazyFrame] = []
        self._count = 0

    def add(self, rows: pl.DataFrame) -> None:
        """Keep one batch."""
        self._count += rows.height
        if self._count <= self.rows_in_memory:
            self._parts.append(rows.lazy())
            return
        self._folder.mkdir(exist_ok=True)
        path = self._folder / f"{len(self._parts):05d}.parquet"
        rows.write_parquet(path, compression="lz4")
        self._parts.append(pl.scan_parquet(path))

    def rows(self) -> pl.LazyFrame:
        """All rows."""
        return pl.concat(self._parts)

    def drop(self) -> None:
        """Remove the files."""
        shutil.rmtree(self._folder, ignore_errors=True)
