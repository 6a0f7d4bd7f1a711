"""`telecom-cdr run`: materialise months from what raw holds."""

import time
from typing import Annotated

import typer

from telecom_cdr.cli.arguments import Month, billing_month, months_between, open_catalog
from telecom_cdr.cli.console import complain, print_rows, say
from telecom_cdr.cli.runs import failures_of, open_instance, run_job
from telecom_cdr.lakehouse.catalog import Catalog
from telecom_cdr.settings import Settings
from telecom_cdr.tables import invoices, mediated, rated


def run(
    month: Month,
    to: Annotated[str | None, typer.Option("--to", metavar="YYYY-MM", help="Last month; --month alone by default.")] = (
        None
    ),
) -> None:
    """Materialise mediated to reports of one or more billing months. Never ingests.

    Months are independent: when one fails, the others are still made, and the exit code is 1.
    """
    settings = Settings()
    months = months_between(billing_month(month, settings), billing_month(to or month, settings))
    catalog = open_catalog(settings)
    failed = materialise(settings, months)
    print_rows(["month", "table", "records"], written(catalog, months))
    if failed:
        raise typer.Exit(1)


def materialise(settings: Settings, months: list[str]) -> list[str]:
    """Run `bill_month` for each month, in order; gives the months that failed."""
    failed = []
    with open_instance(settings) as instance:
        for month in months:
            started = time.monotonic()
            say(f"{month}: materialising")
            result = run_job(instance, "bill_month", month=month)
            if result.success:
                say(f"{month}: done in {time.monotonic() - started:.1f} s")
            else:
                failed.append(month)
                for line in failures_of(result):
                    complain(f"{month}: {line}")
    return failed


def written(catalog: Catalog, months: list[str]) -> list[tuple[str, str, int]]:
    """Records of each table that a run writes, by month."""
    tables = (*mediated.TABLES, rated.USAGE, invoices.LINES, invoices.INVOICES)
    return [
        (month, table.path, catalog.month_version(table, month).record_count) for month in months for table in tables
    ]
