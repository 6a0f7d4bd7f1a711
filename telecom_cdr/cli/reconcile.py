"""`telecom-cdr reconcile`: what went into each layer and what came out, computed anew."""

import typer

from telecom_cdr.cli.arguments import Form, Month, billing_month, open_catalog
from telecom_cdr.cli.console import Format, complain, print_rows, say
from telecom_cdr.settings import Settings

COLUMNS = ("stage", "measure", "quantity_in", "quantity_out", "difference")


def reconcile(month: Month, form: Form = Format.TABLE) -> None:
    """Compare the counts and the money of every layer with the next. Exit code 1 when they differ."""
    settings = Settings()
    month = billing_month(month, settings)
    catalog = open_catalog(settings)
    from telecom_cdr.lakehouse.engine import open_session
    from telecom_cdr.lakehouse.lake import Lake
    from telecom_cdr.lakehouse.month_checks import MonthChecker

    with open_session(settings.engine, say) as session:
        rows = MonthChecker(Lake(catalog, session), month).reconciliation()
    print_rows(COLUMNS, [[row.record(month)[column] for column in COLUMNS] for row in rows], form)
    broken = [row for row in rows if not row.is_balanced]
    for row in broken:
        complain(f"{month}: {row.stage}: {row.measure} differ by {row.difference:f}")
    if broken:
        raise typer.Exit(1)
