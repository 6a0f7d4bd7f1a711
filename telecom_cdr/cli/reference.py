"""`telecom-cdr reference`: the operational database and its snapshot in the lake."""

from pathlib import Path
from typing import Annotated

import typer

from telecom_cdr.cli.console import print_rows, say
from telecom_cdr.lakehouse.catalog import Catalog
from telecom_cdr.settings import Settings

app = typer.Typer(no_args_is_help=True, help="Reference data: CSV files, the database, the snapshot.")


@app.callback()
def options() -> None:
    """Reference data: CSV files, the database, the snapshot."""


@app.command()
def load(directory: Annotated[Path, typer.Argument(metavar="DIR", help="Directory of the CSV files.")]) -> None:
    """Load a directory of CSV files into the database, and snapshot it into the lake: all of it, or nothing."""
    settings = Settings()
    version, counts = load_and_snapshot(settings, directory)
    print_rows(["table", "rows"], counts.items())
    say(f"reference data, version {version}, is in the database and in the lake")


def load_and_snapshot(settings: Settings, directory: Path) -> tuple[int, dict[str, int]]:
    """Load and snapshot; gives the version and the rows of each table."""
    from telecom_cdr.reference.database import load as load_directory
    from telecom_cdr.reference.database import read_snapshot
    from telecom_cdr.reference.snapshot import write_snapshot

    url, patience = settings.database_url, settings.database_wait_seconds
    loaded = load_directory(directory, url, patience_seconds=patience, say=say)
    if not loaded.is_new:
        say(f"{directory} holds what version {loaded.version} already says: the database is unchanged")
    catalog = Catalog(settings.lake)
    catalog.create_tables()
    write_snapshot(catalog, read_snapshot(url, patience_seconds=patience, say=say))
    return loaded.version, dict(loaded.counts)
