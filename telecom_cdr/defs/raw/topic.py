"""Kafka as the source of raw: what an ingest of the topic reports, and how its lag is observed.

Here: Dagster's side of it. Not here: taking records (`lakehouse.ingest_topic`).
"""

from dagster import (
    AssetExecutionContext,
    AssetObservation,
    MetadataValue,
    TableColumn,
    TableRecord,
    TableSchema,
)

from telecom_cdr.defs.describe import key
from telecom_cdr.defs.resources import LakeResource
from telecom_cdr.lakehouse.ingest import IngestReport
from telecom_cdr.lakehouse.ingest_topic import ingest_topic
from telecom_cdr.sources.kafka.lag import Lag
from telecom_cdr.tables.raw import CDRS

_COLUMNS = ("partition", "position", "first_offset", "end_offset", "lag_records", "lost_records")


def take_topic(context: AssetExecutionContext, lake: LakeResource, *, accept_loss: bool) -> IngestReport:
    """Take what the topic has, and observe the lag before and after."""
    report = ingest_topic(
        lake.lake.catalog,
        lake.settings,
        now=lake.now,
        accept_loss=accept_loss,
        on_lag=lambda lag: context.log_event(observed(lag)),
    )
    for warning in report.warnings:
        context.log.warning(warning)
    context.log_event(observed(report.lag_after, report.warnings))
    ingested = report.ingested
    context.log.info(
        f"{ingested.record_count} records of {report.lag_after.identity.name} taken in {ingested.seconds:.1f} s, "
        f"{ingested.malformed_count} of them malformed; {report.lag_after.record_count} came meanwhile"
    )
    return ingested


def observed(lag: Lag, warnings: list[str] | None = None) -> AssetObservation:
    """The lag as an observation of raw/cdrs: figures that the UI draws over time."""
    rows = [
        TableRecord(
            dict(
                zip(
                    _COLUMNS,
                    (
                        each.partition,
                        each.position,
                        each.bounds.first,
                        each.bounds.end,
                        each.record_count,
                        each.lost_count,
                    ),
                    strict=True,
                )
            )
        )
        for each in lag.partitions
    ]
    schema = TableSchema([TableColumn(name, "int") for name in _COLUMNS])
    left = {} if lag.seconds_left is None else {"seconds_until_deletion": round(lag.seconds_left, 3)}
    return AssetObservation(
        asset_key=key(CDRS),
        description=lag.in_words(),
        metadata={
            "topic": lag.identity.name,
            "lag_records": lag.record_count,
            "lag_seconds": round(lag.seconds, 3),
            "lost_records": lag.lost_count,
            "partitions": MetadataValue.table(rows, schema),
            **left,
            **({"warnings": MetadataValue.text("; ".join(warnings))} if warnings else {}),
        },
    )
