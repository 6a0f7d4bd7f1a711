"""`telecom-cdr quarantine`: what was set aside, and why."""

from collections import Counter
from typing import Annotated

import typer

from telecom_cdr.cli.arguments import Form, Limit, Month, billing_month, open_catalog
from telecom_cdr.cli.console import Format, print_rows, say
from telecom_cdr.errors import InputError
from telecom_cdr.settings import Settings
from telecom_cdr.tables.mediated import QUARANTINE
from telecom_cdr.vocabulary import Reason


def quarantine(
    month: Month,
    reason: Annotated[str | None, typer.Option("--reason", help="Show the records with this reason.")] = None,
    form: Form = Format.TABLE,
    limit: Limit = None,
) -> None:
    """Count the records set aside by reason, or show those with one reason and their payloads."""
    settings = Settings()
    month = billing_month(month, settings)
    if reason is not None and reason not in set(Reason):
        raise InputError(f"there is no reason {reason!r}; there are: {', '.join(Reason)}")
    columns = ("source_id", "source_offset", "record_id", "record_type", "disposition", "reasons", "payload")
    rows = open_catalog(settings).read(QUARANTINE, month, columns).to_pylist()
    if reason is None:
        counts = Counter((row["disposition"], name) for row in rows for name in row["reasons"].split(","))
        print_rows(
            ["disposition", "reason", "records"],
            [(disposition, name, count) for (disposition, name), count in sorted(counts.items())],
            form,
        )
        say(f"{month}: {len(rows):,} records; a record counts under each of its reasons")
        return
    chosen = [row for row in rows if reason in row["reasons"].split(",")]
    shown = chosen[: limit if limit is not None else (20 if form is Format.TABLE else None)]
    print_rows(columns, [[row[column] for column in columns] for row in shown], form)
    say(f"{month}: {len(shown):,} of {len(chosen):,} records with {reason}")
