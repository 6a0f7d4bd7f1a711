"""What a hand-written pipeline is asked to do, and the seconds that each phase of it takes."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from telecom_cdr.tables.reference import TABLES as REFERENCE

# Settings of the product, at their defaults.
TIMEZONE: Final = "Africa/Casablanca"
FIRST_MONTH: Final = "2024-01"
HOME_OPERATOR: Final = "Maroc Telecom"

INGEST: Final = "ingest"
MEDIATE: Final = "mediate"
RATE: Final = "rate"
INVOICE: Final = "invoice"
REPORT: Final = "report"
PHASES: Final = (INGEST, MEDIATE, RATE, INVOICE, REPORT)


@dataclass(frozen=True)
class Work:
    """Files in `source`, reference tables as Parquet in `reference`; a new lake at `lake` for the months given."""

    source: Path
    reference: Path
    lake: Path
    months: tuple[str, ...]
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    @cached_property
    def tables(self) -> dict[str, pa.Table]:
        """The reference tables by name."""
        return {table.name: pq.read_table(self.reference / f"{table.name}.parquet") for table in REFERENCE}

    @property
    def reference_version(self) -> int:
        """Number of the load that the reference tables are."""
        return int(self.tables["rate_plans"]["reference_version"][0].as_py())


class Phases:
    """Wall seconds by phase; a phase entered again adds up."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = dict.fromkeys(PHASES, 0.0)

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Time what happens inside."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] += time.perf_counter() - started

    def write(self, path: Path) -> None:
        """Keep the seconds as JSON."""
        path.write_text(json.dumps(self.seconds), encoding="utf-8")


def days_of(month: str) -> tuple[date, date]:
    """First and last day of a month `YYYY-MM`."""
    first = date.fromisoformat(f"{month}-01")
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def is_valid_on(row: dict[str, object], day: date) -> bool:
    """Whether a dated row of reference data is valid on a day."""
    since, until = row["valid_from"], row["valid_to"]
    return (not isinstance(since, date) or since <= day) and (not isinstance(until, date) or day < until)


def standard_tax_rate(work: Work, month: str) -> int:
    """The standard tax rate of a month in millionths."""
    last = days_of(month)[1]
    for row in work.tables["tax_rates"].to_pylist():
        if row["tax_category"] == "standard" and is_valid_on(row, last):
            return int(row["rate"].scaleb(6))
    raise ValueError(f"no standard tax rate is valid on {last}")
