"""`telecom-cdr ingest`: take new records into raw."""

import time
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from telecom_cdr.cli.arguments import current_month
from telecom_cdr.cli.console import complain, print_rows, say
from telecom_cdr.cli.runs import failures_of, open_instance, run_job
from telecom_cdr.errors import InputError
from telecom_cdr.lakehouse.catalog import Catalog
from telecom_cdr.settings import Settings
from telecom_cdr.sources import RangeState
from telecom_cdr.sources.files import FileSource
from telecom_cdr.tables.raw import CDRS, FILES

KAFKA: Final = "kafka"
_STATES: Final = {
    RangeState.TRUNCATED: "its last line has no end; it was taken as it stands",
    RangeState.EMPTY: "it is empty",
}


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
    # Said before anything is created: a directory that is not there, or without files.
    FileSource(directory, is_taken=lambda _: False)
    catalog = Catalog(settings.lake)
    catalog.create_tables()
    started, known = time.monotonic(), _files(catalog)
    with open_instance(settings) as instance:
        result = run_job(
            instance,
            "ingest",
            month=current_month(settings),
            config={"ingest_cdrs": {"source": str(directory.absolute())}},
        )
    new = [row for key, row in _files(catalog).items() if key not in known]
    for row in new:
        if row["state"] != RangeState.COMPLETE:
            say(f"{row['name']}: {_STATES[row['state']]}")
    taken = [
        (event.partition, int(str(event.materialization.metadata["new_records"].value)))
        for event in result.get_asset_materialization_events()
    ]
    print_rows(["month", "new records"], sorted(taken))
    malformed = sum(row["malformed_count"] for row in new)
    say(
        f"{sum(count for _, count in taken):,} records of {len(new):,} files taken in "
        f"{time.monotonic() - started:.1f} s; {malformed:,} are malformed, and go to quarantine"
    )
    for line in failures_of(result):
        complain(line)
    return result.success


def _files(catalog: Catalog) -> dict[tuple[Any, ...], dict[str, Any]]:
    rows = catalog.read(FILES).to_pylist()
    return {tuple(row[name] for name in FILES.key): row for row in rows}


def months_in_raw(settings: Settings) -> list[str]:
    """Billing months that raw holds records of."""
    return Catalog(settings.lake).months(CDRS)
