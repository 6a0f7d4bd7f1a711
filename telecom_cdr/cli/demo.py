"""`telecom-cdr demo`: the whole chain on generated records, and where to look afterwards."""

import resource
import time
from dataclasses import replace
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import pyarrow as pa
import pyarrow.compute as pc
import typer

from telecom_cdr.cli.arguments import current_month, months_between
from telecom_cdr.cli.console import OUT, print_rows, say
from telecom_cdr.cli.generate import write_month
from telecom_cdr.cli.ingest import months_in_raw, take, take_topic
from telecom_cdr.cli.produce import send_directory
from telecom_cdr.cli.reference import load_and_snapshot
from telecom_cdr.cli.run import materialise
from telecom_cdr.cli.topic import make_topic
from telecom_cdr.errors import InputError
from telecom_cdr.lakehouse.catalog import Catalog
from telecom_cdr.settings import Settings
from telecom_cdr.tables.assurance import RECONCILIATION
from telecom_cdr.tables.invoices import INVOICES
from telecom_cdr.tables.mediated import TABLES as MEDIATED
from telecom_cdr.tables.raw import CDRS
from telecom_cdr.tables.reports import REVENUE_BY_PLAN

LANDING: Final = "_landing"
SEED: Final = 1


class DemoSource(StrEnum):
    """How the generated records reach the lake."""

    FILES = "files"
    KAFKA = "kafka"


def demo(
    cdrs: Annotated[int, typer.Option(min=0, help="Records in all.")] = 100_000,
    months: Annotated[int, typer.Option(min=1, max=12, help="Billing months, up to the last complete one.")] = 3,
    source: Annotated[
        DemoSource, typer.Option("--source", help="How records reach the lake; kafka: through the topic.")
    ] = DemoSource.FILES,
    database: Annotated[
        str | None, typer.Option("--database", metavar="URL", help="Reference database; TELECOM_CDR_DATABASE_URL.")
    ] = None,
) -> None:
    """Generate, ingest, bill and report into the lake; print the result and where to look."""
    settings = _settings(source, database)
    started = time.monotonic()
    chosen = last_complete_months(settings, months)
    say(f"reference data: {catalogue()}")
    load_and_snapshot(settings, catalogue())
    landing = settings.lake / LANDING
    from telecom_cdr.sources.generator.fault_rates import FaultRates

    # Late records would add a month before the first, with nothing else in it.
    faults = replace(FaultRates(), late=0.0)
    for month, count in zip(chosen, _shares(cdrs, months), strict=True):
        write_month(settings, month, count, SEED, landing, faults)
    is_taken = _through_the_topic(settings, landing) if source is DemoSource.KAFKA else take(settings, landing)
    # Records without a readable start belong to the month of their ingest.
    failed = materialise(settings, sorted({*chosen, *months_in_raw(settings)}))
    _show_result(Catalog(settings.lake), chosen)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 10**9
    say(f"{cdrs:,} records from file to report in {time.monotonic() - started:.1f} s, {peak:.1f} GB of memory at most")
    if failed or not is_taken:
        raise typer.Exit(1)


def _settings(source: DemoSource, database: str | None) -> Settings:
    settings = Settings(database_url=database) if database else Settings()
    if source is DemoSource.KAFKA and not settings.kafka_bootstrap_servers:
        raise InputError(
            "no broker is set: start one with `make broker`, and set TELECOM_CDR_KAFKA_BOOTSTRAP_SERVERS as it says"
        )
    return settings


def _through_the_topic(settings: Settings, landing: Path) -> bool:
    """Send the generated files to the topic, and take from there; False when something was not sent or not taken."""
    make_topic(settings)
    is_sent = send_directory(settings, landing)
    return take_topic(settings, accept_loss=False) and is_sent


def catalogue() -> Path:
    """The default reference data, beside the package."""
    directory = Path(__file__).resolve().parents[2] / "sql" / "reference"
    if not directory.is_dir():
        raise InputError(f"the default catalogue is missing at {directory}: run the demo from a clone of the project")
    return directory


def last_complete_months(settings: Settings, count: int) -> list[str]:
    """The months before the current one, earliest first; InputError when the lake begins later."""
    known = months_between(settings.first_month, current_month(settings))[:-1]
    if len(known) < count:
        raise InputError(
            f"there are {len(known)} complete months since {settings.first_month}, not {count}: "
            "ask for fewer --months, or set an earlier TELECOM_CDR_FIRST_MONTH"
        )
    return known[-count:]


def _shares(total: int, parts: int) -> list[int]:
    return [total * (part + 1) // parts - total * part // parts for part in range(parts)]


def _show_result(catalog: Catalog, months: list[str]) -> None:
    tables = (CDRS, *MEDIATED)
    print_rows(
        ["month", *(table.path for table in tables)],
        [
            (month, *(f"{catalog.month_version(table, month).record_count:,}" for table in tables))
            for month in catalog.months(CDRS)
        ],
        title="Where each record went",
    )
    revenue = catalog.read(REVENUE_BY_PLAN)
    revenue = revenue.filter(pc.is_in(revenue["billing_month"], pa.array(months)))
    print_rows(
        ["month", "plan", "subscribers", "events", "charges", "invoiced net", "currency"],
        [
            tuple(
                row[name]
                for name in (
                    "billing_month",
                    "plan_name",
                    "subscriber_count",
                    "event_count",
                    "charge_amount",
                    "net_amount",
                    "currency",
                )
            )
            for row in revenue.sort_by([("billing_month", "ascending"), ("plan_code", "ascending")]).to_pylist()
        ],
        title="Revenue by plan",
    )
    _show_invoices(catalog, months)
    _show_reconciliation(catalog)
    OUT.print(
        f"Reports: {catalog.root / 'exports'}\n"
        "The UI: make ui\n"
        "One record's way: telecom-cdr explain RECORD_ID\n"
        "What was set aside: telecom-cdr quarantine --month YYYY-MM",
        markup=False,
    )


def _show_invoices(catalog: Catalog, months: list[str]) -> None:
    rows = catalog.read(INVOICES)
    print_rows(
        ["month", "invoices", "net", "tax", "total"],
        [
            (month, f"{own.num_rows:,}", *(f"{pc.sum(own[name], min_count=0).as_py():,}" for name in _AMOUNTS))
            for month in months
            for own in [rows.filter(pc.equal(rows["billing_month"], month))]
        ],
        title="Revenue by month",
    )


_AMOUNTS: Final = ("net_amount", "tax_amount", "total_amount")


def _show_reconciliation(catalog: Catalog) -> None:
    sums: dict[tuple[str, str], list[Decimal]] = {}
    for row in catalog.read(RECONCILIATION).to_pylist():
        figures = [row[name] for name in ("quantity_in", "quantity_out", "difference")]
        known = sums.setdefault((row["stage"], row["measure"]), [Decimal(0)] * len(figures))
        sums[row["stage"], row["measure"]] = [total + figure for total, figure in zip(known, figures, strict=True)]
    print_rows(
        ["stage", "measure", "in", "out", "difference"],
        [(*measure, *(_figure(total) for total in totals)) for measure, totals in sums.items()],
        title="Reconciliation, all months",
    )


def _figure(value: Decimal) -> str:
    """Thousands apart, without the zeros that a column of many units carries."""
    return f"{value.normalize():,f}" if value else "0"
