"""Arguments that several commands share, and how they are read."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from telecom_cdr.cli.console import Format
from telecom_cdr.errors import InputError
from telecom_cdr.lakehouse.catalog import Catalog
from telecom_cdr.settings import Settings

Month = Annotated[str, typer.Option("--month", metavar="YYYY-MM", help="Billing month.")]
Form = Annotated[Format, typer.Option("--format", help="table for people; csv or json for scripts.")]
Limit = Annotated[int | None, typer.Option("--limit", min=0, help="Print at most this many rows.")]

_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")


def billing_month(text: str, settings: Settings) -> str:
    """A month that can be billed: from the first billing month to the current one, in the operator's zone.

    Raises InputError that says what a month looks like, or which months there are.
    """
    if not _MONTH.fullmatch(text):
        raise InputError(f"{text!r} is not a month: write YYYY-MM, for example 2024-01")
    last = current_month(settings)
    if not settings.first_month <= text <= last:
        raise InputError(f"{text} is not a billing month of this lake: they go from {settings.first_month} to {last}")
    return text


def current_month(settings: Settings) -> str:
    """The operator's local month of now."""
    import numpy as np

    from telecom_cdr.sources.local_time import SECOND, zone_rules

    now = datetime.now(UTC)
    offset = zone_rules(settings.timezone).offset_at(np.array([int(now.timestamp()) * SECOND]))[0]
    return f"{now + timedelta(seconds=int(offset)):%Y-%m}"


def months_between(first: str, last: str) -> list[str]:
    """Every month from first to last, both included; InputError when they are the wrong way round."""
    if last < first:
        raise InputError(f"--to {last} is before --month {first}: put the earlier month first")
    start, end = (int(month[:4]) * 12 + int(month[5:]) - 1 for month in (first, last))
    return [f"{number // 12:04d}-{number % 12 + 1:02d}" for number in range(start, end + 1)]


def open_catalog(settings: Settings) -> Catalog:
    """The lake that the settings name; LakeError when there is none."""
    catalog = Catalog(settings.lake)
    catalog.require()
    return catalog
