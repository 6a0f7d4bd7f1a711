"""`telecom-cdr ingest`: take new records into raw."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from telecom_cdr.cli.arguments import current_month
from telecom_cdr.cli.console import complain, print_rows, say
from telecom_cdr.cli.runs import failures_of, open_instance, run_job
from telecom_cdr.errors import InputError
from telecom_cdr.lakehouse.catalog import Catalog
from telecom_cdr.settings import Settings
from telecom_cdr.sources import KAFKA, RangeState
from telecom_cdr.sources.files import FileSource
from telecom_cdr.tables.model import Table
from telecom_cdr.tables.raw import CDRS, FILES, GAPS
from telecom_cdr.vocabulary import GapReason

if TYPE_CHECKING:
    from dagster import ExecuteInProcessResult

_STATES: Final = {
    RangeState.TRUNCATED: "its last line has no end; it was taken as it stands",
    RangeState.EMPTY: "it is empty",
}
_GAPS: Final = {
    GapReason.DELETED_BEFORE_READ: "offsets {first_offset} to {last_offset} were deleted before they were read",
    GapReason.TOPIC_REPLACED: "created anew: what its predecessor held from offset {first_offset} on was not read",
}


def ingest(
    source: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="DIR|kafka",
            help="Directory of .jsonl and .jsonl.gz files, or kafka for the topic; TELECOM_CDR_SOURCE.",
        ),
    ] = None,
    accept_loss: Annotated[
        bool,
        typer.Option(
            "--accept-loss",
            help="Kafka: go on where records were deleted before they were read; the gap is kept in raw/gaps.",
        ),
    ] = False,
) -> None:
    """Take every new record, once.

    Of a directory each file by its content, in name order, with its subfolders; of the topic what it has now.
    """
    settings = Settings()
    chosen = source or settings.source
    if not chosen:
        raise InputError("where from? give --from DIR or --from kafka, or set TELECOM_CDR_SOURCE")
    if accept_loss and chosen != KAFKA:
        raise InputError("--accept-loss is for --from kafka: of a directory nothing is deleted before it is read")
    if not (take_topic(settings, accept_loss) if chosen == KAFKA else take(settings, Path(chosen))):
        raise typer.Exit(1)


def take(settings: Settings, directory: Path) -> bool:
    """Run the `ingest` job on a directory and print what it took; False when something could not be taken."""
    # Said before anything is created: a directory that is not there, or without files.
    FileSource(directory, is_taken=lambda _: False)
    return _take(settings, "files", {"source": str(directory.absolute())})


def take_topic(settings: Settings, accept_loss: bool) -> bool:
    """Run the `ingest` job on the topic and print what it took and how far behind it is; False when it failed."""
    # Said before anything is created: no broker is named, or none can be.
    from telecom_cdr.sources.kafka.client import connection

    connection(settings)
    return _take(settings, "ranges", {"source": KAFKA, "accept_loss": accept_loss})


def _take(settings: Settings, unit: str, config: dict[str, object]) -> bool:
    catalog = Catalog(settings.lake)
    catalog.create_tables()
    started, known = time.monotonic(), _keys(catalog, FILES)
    gaps = _keys(catalog, GAPS)
    with open_instance(settings) as instance:
        result = run_job(instance, "ingest", month=current_month(settings), config={"ingest_cdrs": config})
    new = [row for key, row in _keys(catalog, FILES).items() if key not in known]
    for row in new:
        if row["state"] != RangeState.COMPLETE and unit == "files":
            say(f"{row['name']}: {_STATES[row['state']]}")
    taken = [
        (event.partition, int(str(event.materialization.metadata["new_records"].value)))
        for event in result.get_asset_materialization_events()
    ]
    print_rows(["month", "new records"], sorted(taken))
    malformed = sum(row["malformed_count"] for row in new)
    say(
        f"{sum(count for _, count in taken):,} records of {len(new):,} {unit} taken in "
        f"{time.monotonic() - started:.1f} s; {malformed:,} are malformed, and go to quarantine"
    )
    for key, row in _keys(catalog, GAPS).items():
        if key not in gaps:
            say(f"{row['name']}: {_GAPS[row['reason']].format(**row)}; recorded in raw/gaps")
    _say_lag(result)
    for line in failures_of(result):
        complain(line)
    return result.success


def _say_lag(result: "ExecuteInProcessResult") -> None:
    """How far behind the topic the lake was and is, and what the operator should know."""
    told = [event.asset_observation_data.asset_observation for event in result.get_asset_observation_events()]
    for when, observation in zip(("before", "now"), told, strict=False):
        say(f"{when}: {observation.description}")
        if warnings := observation.metadata.get("warnings"):
            say(f"warning: {warnings.value}")


def _keys(catalog: Catalog, table: Table) -> dict[tuple[Any, ...], dict[str, Any]]:
    rows = catalog.read(table).to_pylist()
    return {tuple(row[name] for name in table.key): row for row in rows}


def months_in_raw(settings: Settings) -> list[str]:
    """Billing months that raw holds records of."""
    return Catalog(settings.lake).months(CDRS)
