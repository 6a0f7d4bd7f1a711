"""Sensors: what starts a job when something arrives. Off until somebody switches them on."""

import hashlib
from pathlib import Path
from typing import Final

from dagster import DefaultSensorStatus, RunRequest, SensorEvaluationContext, SkipReason, sensor

from telecom_cdr.defs.jobs import INGEST
from telecom_cdr.defs.partitions import BILLING_MONTHS
from telecom_cdr.errors import InputError
from telecom_cdr.settings import Settings
from telecom_cdr.sources.files import FileSource


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
    try:
        listing = listing_of(Path(source))
    except InputError as error:
        return SkipReason(str(error))
    if listing == context.cursor:
        return SkipReason(f"nothing new in {source}")
    context.update_cursor(listing)
    last_month = BILLING_MONTHS.get_partition_keys()[-1]
    return RunRequest(run_key=listing, partition_key=last_month)


def listing_of(directory: Path) -> str:
    """A digest of the names, sizes and times of the files that ingest would read."""
    digest = hashlib.sha256()
    for name in FileSource(directory, is_taken=lambda _: False).names:
        status = (directory / name).stat()
        digest.update(f"{name}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


SENSORS: Final = (new_files,)
