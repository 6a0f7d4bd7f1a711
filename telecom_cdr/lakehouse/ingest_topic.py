"""Ingest from Kafka: what a topic has, from the position in the table to the end at the start.

Here: what is done before and after the records are taken: losses, lag, group offsets. Not here: the loop over batches
(`ingest`), reading (`sources.kafka`), what the tables say of the topic (`topic_positions`).
"""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime

from telecom_cdr.lakehouse.catalog import Catalog
from telecom_cdr.lakehouse.ingest import IngestReport, ingest
from telecom_cdr.lakehouse.raw_writer import RawWriter
from telecom_cdr.lakehouse.topic_positions import (
    complete_ranges,
    other_clusters,
    positions_of,
    record_lost,
    record_replaced,
)
from telecom_cdr.settings import Settings
from telecom_cdr.sources.kafka.lag import Lag, measure_lag
from telecom_cdr.sources.kafka.reader import Limits, Reader
from telecom_cdr.sources.kafka.source import Lost, TopicSource, find_lost, lost_records
from telecom_cdr.sources.kafka.stream import PATIENCE_SECONDS, Stream


@dataclass
class TopicReport:
    """What an ingest from a topic did: `ingested`; `lost` was accepted; `warnings` are for the operator."""

    lag_before: Lag
    lag_after: Lag
    ingested: IngestReport
    lost: list[Lost] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def ingest_topic(
    catalog: Catalog,
    settings: Settings,
    *,
    now: Callable[[], datetime],
    accept_loss: bool = False,
    on_lag: Callable[[Lag], None] = lambda lag: None,
    after_batch: Callable[[IngestReport], None] = lambda report: None,
    limits: Limits | None = None,
    patience: float = PATIENCE_SECONDS,
) -> TopicReport:
    """Take every committed record that the topic has now and the lake does not, once.

    `now` as in `ingest_directory`. `on_lag` is told the lag before anything is taken. Raises LostRecordsError where
    records were deleted before they were read, unless `accept_loss`, which records them in raw/gaps; BrokerError where
    the topic cannot be read, or not within `patience` seconds without a word from the brokers.
    """
    stream = Stream(settings, patience)
    with closing(Reader(stream)) as reader:
        run = _TopicRun(catalog, settings, stream, now, accept_loss=accept_loss)
        before = run.begin(reader)
        on_lag(before)
        bounds = {each.partition: each.bounds for each in before.partitions}
        run.accept(find_lost(stream.identity, {each.partition: each.position for each in before.partitions}, bounds))
        positions = positions_of(catalog, stream.identity, bounds)
        source = TopicSource(stream, reader, positions, bounds, accept=run.accept, limits=limits or Limits())

        def tell(report: IngestReport) -> None:
            after_batch(report)
            reader.tell({partition: report.positions.get(key, positions[partition]) for partition, key in run.names()})

        report = ingest(catalog, settings, source, now=now, after_batch=tell)
        reached = positions_of(catalog, stream.identity, bounds)
        run.tell(reader, reached)
        after = measure_lag(stream, reader, reached, stream.bounds(), now())
    return TopicReport(before, after, report, run.lost, run.warnings)


def topic_lag(catalog: Catalog, settings: Settings, now: datetime, patience: float = PATIENCE_SECONDS) -> Lag:
    """How far ingest is behind the topic. Takes nothing; a lake that is not there yet has nothing of it."""
    stream = Stream(settings, patience)
    with closing(Reader(stream)) as reader:
        positions = dict.fromkeys(stream.partitions, 0)
        if catalog.exists:
            positions = positions_of(catalog, stream.identity, stream.partitions)
        return measure_lag(stream, reader, positions, stream.bounds(), now)


class _TopicRun:
    """One ingest from a topic, beside the records that it takes."""

    def __init__(
        self, catalog: Catalog, settings: Settings, stream: Stream, now: Callable[[], datetime], *, accept_loss: bool
    ) -> None:
        self._catalog = catalog
        self._stream = stream
        self._now = now
        self._accepts_loss = accept_loss
        self._writer = RawWriter.of(catalog, settings)
        self.lost: list[Lost] = []
        self.warnings: list[str] = []

    def begin(self, reader: Reader) -> Lag:
        """Mend what a killed ingest left, look what was there before, and measure the lag."""
        identity = self._stream.identity
        complete_ranges(self._catalog, self._writer, identity, self._stream.partitions, self._now())
        for cluster in other_clusters(self._catalog, identity):
            self.warnings.append(
                f"the topic {identity.name} was taken from the cluster {cluster} before, and is now taken from "
                f"{identity.cluster_id}: what was not read there stays there"
            )
        replaced = record_replaced(self._catalog, self._writer, identity, self._now())
        if replaced:
            self.warnings.append(
                f"the topic {identity.name} was created anew: it is taken from its beginning; what the old one held "
                f"and nobody had read is gone, and recorded in raw/gaps: {', '.join(replaced)}"
            )
        positions = positions_of(self._catalog, identity, self._stream.partitions)
        return measure_lag(self._stream, reader, positions, self._stream.bounds(), self._now())

    def accept(self, lost: list[Lost]) -> None:
        """Record what is gone; LostRecordsError where that is not accepted."""
        if lost and not self._accepts_loss:
            raise lost_records(self._stream.identity, lost)
        if lost:
            self.lost += record_lost(self._writer, self._stream.identity, lost, self._now())

    def names(self) -> list[tuple[int, str]]:
        """Each partition with the name of its position."""
        identity = self._stream.identity
        return [(partition, identity.position_key(partition)) for partition in self._stream.partitions]

    def tell(self, reader: Reader, positions: dict[int, int]) -> None:
        """Tell the group's offsets, and see that they arrive."""
        reader.tell(positions)
        if reason := reader.settle():
            self.warnings.append(
                f"the offsets of the consumer group could not be told to the brokers ({reason}): "
                "monitors of lag show too much; nothing is lost"
            )
