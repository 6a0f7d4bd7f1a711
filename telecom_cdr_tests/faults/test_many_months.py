"""A year backfilled by processes at once while ingest goes on: every commit is there, and every total.

Compared with the exact model of what raw holds at the end, which serial runs equal.
"""

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest

from telecom_cdr.cli.arguments import months_between
from telecom_cdr.lakehouse.ingest import ingest_directory
from telecom_cdr.lakehouse.orphans import leftover_staging
from telecom_cdr.settings import Settings
from telecom_cdr.tables.invoices import INVOICES, LINES
from telecom_cdr.tables.mediated import TABLES as MEDIATED
from telecom_cdr.tables.rated import USAGE
from telecom_cdr.tables.raw import CDRS
from telecom_cdr_tests.builders import read_reference
from telecom_cdr_tests.faults.lakes import copy_of, finished, wait_for
from telecom_cdr_tests.pipeline.catalogue import CATALOGUE
from telecom_cdr_tests.pipeline.model import differences_from_model
from telecom_cdr_tests.product import Product

# A loaded machine takes several times as long.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

MONTHS: Final = months_between("2025-06", "2026-05")
AFTERWARDS: Final = "2026-06"
HALVES: Final = (MONTHS[:6], MONTHS[6:])
RECORDS: Final = 40
INGESTS: Final = 6
LATER_RECORDS: Final = 20
SHOWN: Final = 20


@pytest.fixture
def year(tmp_path: Path, referenced: Product) -> Product:
    """Twelve months in raw, nothing made of them; the month after waits in `later`, a folder for each ingest."""
    product = copy_of(referenced, tmp_path / "product")
    for month in MONTHS:
        product.done("generate", "--cdrs", str(RECORDS), "--month", month, "--out", str(tmp_path / "first"))
    for number in range(INGESTS):
        later = tmp_path / "later" / str(number)
        chosen = ("--cdrs", str(LATER_RECORDS), "--month", AFTERWARDS, "--seed", str(number))
        product.done("generate", *chosen, "--out", str(later))
    product.done("ingest", "--from", str(tmp_path / "first"))
    return product


def test_a_year_backfilled_by_processes_at_once_beside_ingest_has_every_commit_and_every_total(
    tmp_path: Path, year: Product
) -> None:
    commits = len(year.catalog.delta(CDRS).history())
    running = [year.start("run", "--month", months[0], "--to", months[-1]) for months in HALVES]
    for number in range(INGESTS):
        # Beside the first month of each process, then beside another one each time.
        wait_for(running[number % len(running)], "materialising")
        ingest_directory(year.catalog, Settings(), tmp_path / "later" / str(number), now=lambda: datetime.now(UTC))
    for process in running:
        finished(process)

    assert len(year.catalog.delta(CDRS).history()) == commits + INGESTS
    assert year.catalog.read(CDRS).num_rows == len(MONTHS) * RECORDS + INGESTS * LATER_RECORDS
    for table in (*MEDIATED, USAGE, LINES, INVOICES):
        history = year.catalog.delta(table).history()
        written = Counter(json.loads(commit.get("userMetadata") or "{}").get("month") for commit in history)
        # An empty month replaced by an empty one makes no commit.
        held = [month for month in MONTHS if month in year.catalog.months(table)]
        assert all(written[month] == 1 for month in held), table.path
    differences = differences_from_model(year, read_reference(CATALOGUE), MONTHS)
    assert differences == [], "\n".join(differences[:SHOWN])
    assert leftover_staging(year.catalog) == []
