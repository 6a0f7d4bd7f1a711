"""Sensors: what starts a job when something arrives. Off until somebody switches them on."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from dagster import (
    DagsterRunStatus,
    DefaultSensorStatus,
    RunRequest,
    RunsFilter,
    SensorEvaluationContext,
    SensorResult,
    SkipReason,
    sensor,
)

from telecom_cdr.defs.jobs import INGEST
from telecom_cdr.defs.partitions import BILLING_MONTHS
from telecom_cdr.errors import InputError, TelecomCdrError
from telecom_cdr.lakehouse.catalog import Catalog
from telecom_cdr.settings import Settings
from telecom_cdr.sources import KAFKA
from telecom_cdr.sources.files import FileSource

# A look must be over long before the next one.
_PATIENCE_SECONDS: Final = 10.0
_UNDER_WAY: Final = [
    DagsterRunStatus.QUEUED,
    DagsterRunStatus.NOT_STARTED,
    DagsterRunStatus.STARTING,
    DagsterRunStatus.STARTED,
    DagsterRunStatus.CANCELING,
]


@sensor(
    job=INGEST,
    minimum_interval_seconds=60,
    default_status=DefaultSensorStatus.STOPPED,
    description="Starts `ingest` when the source directory holds a file that is new or has changed.",
)
def new_files(context: SensorEvaluationContext) -> RunRequest | SkipReason:
    """Ask for an ingest when the listing of the source differs from the last one; ingest takes each file once."""
    source = Settings().source
    if not source:
        return SkipReason("no source is set: put the directory of the CDR files in TELECOM_CDR_SOURCE")
    if source == KAFKA:
        return SkipReason("the source is Kafka: `new_messages` looks at the topic")
    try:
        listing = listing_of(Path(source))
    except InputError as error:
        return SkipReason(str(error))
    if listing == context.cursor:
        return SkipReason(f"nothing new in {source}")
    context.update_cursor(listing)
    return RunRequest(run_key=listing, partition_key=_last_month())


@sensor(
    job=INGEST,
    minimum_interval_seconds=60,
    default_status=DefaultSensorStatus.STOPPED,
    description="Starts `ingest` when the Kafka topic holds what the lake does not, and observes how far behind it is.",
)
def new_messages(context: SensorEvaluationContext) -> SensorResult | SkipReason:
    """Ask for an ingest when there is lag and none is under way; not where records are gone, for it would fail."""
    settings = Settings()
    if settings.source != KAFKA:
        return SkipReason("the source is not Kafka: put kafka in TELECOM_CDR_SOURCE")
    # Their library is loaded only where it is used.
    from telecom_cdr.defs.raw.topic import observed
    from telecom_cdr.lakehouse.ingest_topic import topic_lag

    try:
        lag = topic_lag(Catalog(settings.lake), settings, datetime.now(UTC), patience=_PATIENCE_SECONDS)
    except TelecomCdrError as error:
        return SkipReason(str(error))
    if lag.lost_count:
        advice = "run `telecom-cdr ingest --from kafka` to see them, and with --accept-loss to go on without them"
        return SensorResult(skip_reason=f"{lag.in_words()}: {advice}", asset_events=[observed(lag)])
    if not lag.record_count:
        return SkipReason(f"nothing new in the topic {lag.identity.name}")
    if context.instance.get_runs(RunsFilter(job_name=INGEST.name, statuses=_UNDER_WAY), limit=1):
        return SensorResult(skip_reason=f"{lag.in_words()}; an ingest is under way", asset_events=[observed(lag)])
    return SensorResult(run_requests=[RunRequest(partition_key=_last_month())], asset_events=[observed(lag)])


def _last_month() -> str:
    return BILLING_MONTHS.get_partition_keys()[-1]


def listing_of(directory: Path) -> str:
    """A digest of the names, sizes and times of the files that ingest would read."""
    digest = hashlib.sha256()
    for name in FileSource(directory, is_taken=lambda _: False).names:
        status = (directory / name).stat()
        digest.update(f"{name}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


SENSORS: Final = (new_files, new_messages)
