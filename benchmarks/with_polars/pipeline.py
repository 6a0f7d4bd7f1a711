"""The whole chain in Polars, phase by phase. Not here: what a phase does."""

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
    parts: list[pl.DataFrame] = []
    files = pl.DataFrame()
    while True:
        with phases.phase(INGEST):
            batch = next(batches, None)
        if batch is None:
            break
        rows, files = batch
        with phases.phase(MEDIATE):
            parts.append(judge(rows.filter(pl.col("billing_month").is_in(list(work.months)))))
    with phases.phase(MEDIATE):
        judged = pl.concat(parts)
        parts.clear()
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
    return phases
