"""`telecom-cdr doctor`: what this installation is, and what is wrong with it."""

import sys
from collections.abc import Iterator
from importlib.metadata import version

import typer

from telecom_cdr import __version__
from telecom_cdr.cli import doctor_kafka
from telecom_cdr.cli.console import complain, print_rows
from telecom_cdr.cli.doctor_engine import Finding, examine
from telecom_cdr.errors import TelecomCdrError
from telecom_cdr.lakehouse.catalog import Catalog
from telecom_cdr.settings import Settings

PACKAGES = ("confluent-kafka", "dagster", "deltalake", "delta-spark", "duckdb", "pyarrow", "pysail", "pyspark")


def doctor() -> None:
    """Look at versions, settings, database, Kafka and lake. Exit code 1 when something needs attention."""
    settings = Settings()
    findings = [*_versions(), *_settings(settings), *examine(settings), _database(settings)]
    findings += [*doctor_kafka.examine(settings), *_lake(settings)]
    print_rows(["what", "state"], [(finding.subject, finding.state) for finding in findings])
    wrong = [finding for finding in findings if finding.is_wrong]
    for finding in wrong:
        complain(f"{finding.subject}: {finding.state}")
    if wrong:
        raise typer.Exit(1)


def _versions() -> Iterator[Finding]:
    from telecom_cdr.sources.local_time import tzdata_version

    yield Finding("telecom-cdr", __version__)
    yield Finding("python", sys.version.split()[0])
    yield Finding("zone rules (tzdata)", tzdata_version())
    for package in PACKAGES:
        yield Finding(package, version(package))


def _settings(settings: Settings) -> Iterator[Finding]:
    from telecom_cdr.sources.local_time import zone_rules

    yield Finding("lake", str(settings.lake))
    try:
        zone_rules(settings.timezone)
        yield Finding("time zone", settings.timezone)
    except TelecomCdrError as error:
        yield Finding("time zone", str(error), is_wrong=True)
    yield Finding("first month", settings.first_month)
    yield Finding("home operator", settings.home_operator)


def _database(settings: Settings) -> Finding:
    from telecom_cdr.reference.database import read_snapshot

    try:
        snapshot = read_snapshot(settings.database_url, patience_seconds=0)
    except TelecomCdrError as error:
        return Finding("database", str(error), is_wrong=True)
    return Finding("database", f"reference data, version {snapshot.version}")


def _lake(settings: Settings) -> Iterator[Finding]:
    from telecom_cdr.lakehouse.orphans import leftover_staging, orphans
    from telecom_cdr.lakehouse.reference_snapshot import reference_version

    catalog = Catalog(settings.lake)
    try:
        catalog.require()
        yield Finding("reference data in the lake", f"version {reference_version(catalog)}")
    except TelecomCdrError as error:
        yield Finding("lake", str(error), is_wrong=True)
        return
    for table, files in orphans(catalog).items():
        size = sum(file.stat().st_size for file in files)
        yield Finding(
            f"orphan files of {table}",
            f"{len(files)} files, {size:,} bytes, in no version of the table: left by a write that was cut off",
            is_wrong=True,
        )
    for folder in leftover_staging(catalog):
        yield Finding("staging left behind", f"{folder.name}: a run was cut off, or is still going on", is_wrong=True)
