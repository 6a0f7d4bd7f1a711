"""The whole chain in DuckDB, phase by phase. Not here: what a phase does."""

import shutil

from benchmarks.common.work import INGEST, INVOICE, MEDIATE, RATE, REPORT, Phases, Work
from benchmarks.with_duckdb import ingest, report, tariff
from benchmarks.with_duckdb.bill import bill
from benchmarks.with_duckdb.database import Writer, connect
from benchmarks.with_duckdb.mediate import judge_batch, mediate
from benchmarks.with_duckdb.rate import rate


def run(work: Work) -> Phases:
    """Do the work; every table of the lake is committed at the end."""
    phases = Phases()
    work.lake.mkdir(parents=True)
    with phases.phase(INGEST):
        connection = connect(work)
        writer = Writer(connection, work.lake)
        ingest.prepare(connection)
        batches = ingest.ingest(connection, work, writer)
    while True:
        with phases.phase(INGEST):
            is_more = next(batches, _END) is not _END
        if not is_more:
            break
        with phases.phase(MEDIATE):
            judge_batch(connection, work)
    with phases.phase(MEDIATE):
        connection.execute("DROP TABLE IF EXISTS batch")
        mediate(connection, work, writer)
    with phases.phase(RATE):
        passes = tariff.prepare(connection, work)
        for month in work.months:
            rate(connection, work, writer, month, passes)
    with phases.phase(INVOICE):
        for month in work.months:
            bill(connection, work, writer, month)
    with phases.phase(REPORT):
        report.prepare(connection)
        for month in work.months:
            report.report(connection, writer, month)
    connection.close()
    shutil.rmtree(work.lake / "_spill", ignore_errors=True)
    return phases


_END = object()
