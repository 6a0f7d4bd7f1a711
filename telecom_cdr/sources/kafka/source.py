"""CDRs of a Kafka topic: each partition from a position to the end that it had at the start, batch by batch.

Here: order, batches, what is done about records that are gone. Not here: positions (`lakehouse.kafka_positions`),
reading a partition (`reader`).

Partitions are read one after the other: the order of commits is then the same whichever ingest took a record.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from telecom_cdr.errors import BrokerError, LostRecordsError
from telecom_cdr.sources import Problem, Records, TakenRange
from telecom_cdr.sources.kafka.reader import Gathered, Limits, OutOfRangeError, Reader
from telecom_cdr.sources.kafka.stream import Bounds, Identity, Stream

_ACCEPT: Final = "`telecom-cdr ingest --from kafka --accept-loss` records the gap in raw/gaps and goes on"


@dataclass(frozen=True)
class Lost:
    """Offsets of a partition, both included, that the broker no longer has and nobody has read."""

    partition: int
    first: int
    last: int


def lost_records(identity: Identity, lost: list[Lost]) -> LostRecordsError:
    """The error that names what is gone and what to do."""
    ranges = ", ".join(f"{identity.label(each.partition)} offsets {each.first} to {each.last}" for each in lost)
    return LostRecordsError(
        f"records of the topic {identity.name} were deleted before they were read: {ranges}. "
        f"If nobody can send them again, {_ACCEPT}"
    )


def find_lost(identity: Identity, positions: Mapping[int, int], bounds: Mapping[int, Bounds]) -> list[Lost]:
    """What lies between the positions and what the broker still has.

    Raises BrokerError where a position lies beyond the end: the broker has lost records that it had acknowledged.
    """
    for partition, bound in bounds.items():
        position, label = positions[partition], identity.label(partition)
        if position > bound.end:
            raise BrokerError(
                f"{label} was read up to offset {position}, and now ends at {bound.end}: "
                "the brokers lost what they had acknowledged, and give its offsets to other records. "
                "Delete the topic, create it anew, and have the senders send again"
            )
    return [
        Lost(partition, positions[partition], bound.first - 1)
        for partition, bound in bounds.items()
        if positions[partition] < bound.first
    ]


class TopicSource:
    """The records of a topic from `positions` to `bounds`, as batches.

    `accept` is told of records that are deleted while they are read; it raises where that is not accepted.
    """

    def __init__(
        self,
        stream: Stream,
        reader: Reader,
        positions: Mapping[int, int],
        bounds: Mapping[int, Bounds],
        *,
        accept: Callable[[list[Lost]], None],
        limits: Limits,
    ) -> None:
        self._stream = stream
        self._reader = reader
        self._positions = positions
        self._bounds = bounds
        self._accept = accept
        self._limits = limits
        self.known: list[str] = []
        self.problems: list[Problem] = []

    def batches(self) -> Iterator[list[Records]]:
        """Records in order of partition and offset. Small partitions share a batch."""
        batch: list[Records] = []
        room = self._limits
        for partition in sorted(self._bounds):
            position, end = self._positions[partition], self._bounds[partition].end
            if position < end:
                self._reader.go_to(partition, position)
            while position < end:
                gathered = self._take(partition, position, end, room)
                position = gathered.next_offset
                batch.append(_records(self._stream.identity, partition, gathered))
                room = Limits(room.record_count - len(gathered.offsets), room.byte_count - gathered.byte_count)
                if room.record_count <= 0 or room.byte_count <= 0:
                    yield self._checked(batch)
                    batch, room = [], self._limits
        if batch:
            yield self._checked(batch)

    def _take(self, partition: int, position: int, end: int, room: Limits) -> Gathered:
        try:
            return self._reader.take(end, room)
        except OutOfRangeError:
            self._stream.refuse_change()
            bounds = self._stream.bounds()[partition]
            lost = find_lost(self._stream.identity, {partition: position}, {partition: bounds})
            if lost:
                self._accept(lost)
            first = max(position, bounds.first)
            self._reader.go_to(partition, first)
            return Gathered(first, first)

    def _checked(self, batch: list[Records]) -> list[Records]:
        """The batch, once it is certain that the topic was the same from the first record to the last."""
        self._stream.refuse_change()
        return batch


def _records(identity: Identity, partition: int, gathered: Gathered) -> Records:
    return Records(
        source_id=identity.source_id,
        source_partition=partition,
        position_key=identity.position_key(partition),
        first_offset=gathered.first_offset,
        next_offset=gathered.next_offset,
        offsets=pa.array(gathered.offsets, pa.int64()),
        payloads=pa.array(gathered.values, pa.binary()),
        completed=TakenRange(identity.label(partition), gathered.first_offset, gathered.byte_count, is_truncated=False),
        is_stream=True,
        message_keys=pa.array(gathered.keys, pa.binary()),
        broker_times=gathered.times(),
    )
