"""The raw layer: takes what the source has, once, and reports every month that it touched."""

from collections.abc import Iterator
from pathlib import Path

from dagster import AssetExecutionContext, AssetMaterialization, Config, Failure, MaterializeResult, multi_asset
from pydantic import Field

from telecom_cdr.defs.checks import check_and_record
from telecom_cdr.defs.describe import key, spec
from telecom_cdr.defs.partitions import EVERYTHING_IN_ONE_RUN
from telecom_cdr.defs.resources import LakeResource
from telecom_cdr.errors import InputError
from telecom_cdr.lakehouse import verdicts
from telecom_cdr.lakehouse.catalog import Catalog
from telecom_cdr.lakehouse.ingest import IngestReport, ingest_directory
from telecom_cdr.lakehouse.month_checks import blocking_checks
from telecom_cdr.sources import KAFKA
from telecom_cdr.tables.raw import CDRS


class SourceConfig(Config):
    """Where an ingest reads from."""

    source: str = Field(default="", description="Directory of CDR files, or kafka; TELECOM_CDR_SOURCE when empty.")
    accept_loss: bool = Field(
        default=False,
        description="Kafka: go on where records were deleted before they were read, and record them in raw/gaps.",
    )


@multi_asset(
    name="ingest_cdrs",
    specs=[spec(CDRS, kinds=("deltalake", "duckdb")).replace_attributes(skippable=True)],
    backfill_policy=EVERYTHING_IN_ONE_RUN,
    pool="ingest",
)
def cdrs(context: AssetExecutionContext, config: SourceConfig, lake: LakeResource) -> Iterator[MaterializeResult]:
    """Take every new record of the source; whatever months are asked for, it takes all there is."""
    source = config.source or lake.settings.source
    if not source:
        raise InputError("no source is set: put the directory of the CDR files, or kafka, in TELECOM_CDR_SOURCE")
    if source == KAFKA:
        # Its library is loaded only where it is used.
        from telecom_cdr.defs.raw.topic import take_topic

        report = take_topic(context, lake, accept_loss=config.accept_loss)
    else:
        report = _take_files(context, lake, Path(source))
    catalog = lake.lake.catalog
    months = touched_months(catalog, report)
    for month in months:
        version = catalog.month_version(CDRS, month)
        context.log_event(
            AssetMaterialization(
                key(CDRS),
                partition=month,
                metadata={
                    "dagster/row_count": version.record_count,
                    "new_records": report.months[month],
                    "delta_version": version.version,
                    "seconds": round(report.seconds, 3),
                },
            )
        )
    for month in months:
        check_and_record(lake, CDRS, month)
    if report.problems:
        raise Failure("; ".join(f"{problem.name}: {problem.reason}" for problem in report.problems))
    yield from ()


def _take_files(context: AssetExecutionContext, lake: LakeResource, directory: Path) -> IngestReport:
    report = ingest_directory(lake.lake.catalog, lake.settings, directory, now=lake.now)
    context.log.info(
        f"{report.record_count} records of {len(report.files_taken)} files taken; "
        f"{len(report.files_known)} files known, {report.malformed_count} records malformed, "
        f"{len(report.files_truncated)} files without an end of their last line"
    )
    return report


def touched_months(catalog: Catalog, report: IngestReport) -> list[str]:
    """Months that have new rows, of this ingest or of one that was killed before it could check and report them."""
    required = blocking_checks(CDRS)
    return [
        month
        for month in catalog.months(CDRS)
        if month in report.months or verdicts.is_missing(catalog, catalog.month_version(CDRS, month), required)
    ]
