"""`telecom-cdr ingest`: take new records into raw."""

import time
from pathlib import Path
from typing import Annotated

import typer

from telecom_cdr.cli.arguments import current_month
from telecom_cdr.cli.console import complain, print_rows, say
from telecom_cdr.cli.runs import failures_of, open_instance, run_job
from telecom_cdr.errors import InputError
from telecom_cdr.lakehouse.catalog import Catalog
from telecom_cdr.settings import Settings
from telecom_cdr.sources.files import find_files
from telecom_cdr.tables.raw import CDRS

KAFKA = "kafka"


def ingest(
    source: Annotated[
        str | None,
        typer.Option("--from", metavar="DIR", help="Directory of .jsonl and .jsonl.gz files; TELECOM_CDR_SOURCE."),
    ] = None,
) -> None:
    """Take every new record, once: each file by its content, in name order, with its subfolders."""
    settings = Settings()
    chosen = source or settings.source
    if not chosen:
        raise InputError("where from? give --from DIR, or set TELECOM_CDR_SOURCE")
    if chosen == KAFKA:
        raise InputError("this version reads files only: give --from DIR")
    if not take(settings, Path(chosen)):
        raise typer.Exit(1)


def take(settings: Settings, directory: Path) -> bool:
    """Run the `ingest` job on a directory and print what it took; False when something could not be taken."""
    find_files(directory)
    catalog = Catalog(settings.lake)
    catalog.create_tables()
    started = time.monotonic()
    with open_instance(settings) as instance:
        result = run_job(
            instance, "ingest", month=current_month(settings), config={"ingest_cdrs": {"source": str(directory.absolute())}}
        )
    taken = [
        (event.partition, int(str(event.materialization.metadata["new_records"].value)))
        for event in result.get_asset_materialization_events()
    ]
    print_rows(["month", "new records"], sorted(taken))
    say(f"{sum(count for _, count in taken):,} records taken in {time.monotonic() - started:.1f} s")
    for line in failures_of(result):
        complain(line)
    return result.success


def months_in_raw(settings: Settings) -> list[str]:
    """Billing months that raw holds records of."""
    return Catalog(settings.lake).months(CDRS)
