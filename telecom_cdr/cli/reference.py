"""`telecom-cdr reference`: the operational database and its snapshot in the lake."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from telecom_cdr.cli.arguments import Form
from telecom_cdr.cli.console import OUT, Format, print_rows, say
from telecom_cdr.lakehouse.catalog import Catalog
from telecom_cdr.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from telecom_cdr.reference.review import Finding

Directory = Annotated[Path, typer.Argument(metavar="DIR", help="Directory of the CSV files.")]

app = typer.Typer(no_args_is_help=True, help="Reference data: CSV files, the database, the snapshot.")


@app.callback()
def options() -> None:
    """Reference data: CSV files, the database, the snapshot."""


@app.command()
def load(directory: Directory) -> None:
    """Load a directory of CSV files into the database, and snapshot it into the lake: all of it, or nothing."""
    settings = Settings()
    version, counts = load_and_snapshot(settings, directory)
    print_rows(["table", "rows"], counts.items())
    say(f"reference data, version {version}, is in the database and in the lake")


@app.command()
def check(directory: Directory, form: Form = Format.TABLE) -> None:
    """Tell what is wrong or odd in a directory of CSV files, and what to do: gaps, unpriced products, shadowed rates.

    Nothing is loaded. Exit code 1 when there is an error, which is whatever `load` refuses, days without a rate, and
    products that no plan prices.
    """
    from telecom_cdr.reference.review import Gravity, review

    findings = review(directory)
    if form is Format.TABLE:
        _report(findings)
    else:
        print_rows(
            ["severity", "subject", "file", "line", "problem", "advice"],
            [(one.gravity, one.subject, one.file, one.line or None, one.problem, one.advice) for one in findings],
            form,
        )
    errors = sum(one.gravity is Gravity.ERROR for one in findings)
    say(f"{directory}: {errors} error(s), {len(findings) - errors} warning(s)")
    if errors:
        raise typer.Exit(1)


def _report(findings: "Iterable[Finding]") -> None:
    for one in findings:
        where = f"{one.file}, line {one.line}" if one.line else one.file
        OUT.print(f"{one.gravity.value:<8} {where}: {one.subject}: {one.problem}", markup=False)
        if one.advice:
            OUT.print(f"{'':<8} {one.advice}", markup=False)


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
