"""Records of one partition, in order, between two offsets, in pieces of bounded size.

Here: the consumer, its tuning, and when a range is read to its end. Not here: which ranges (`source`).
"""

import time
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, cast

import pyarrow as pa
from confluent_kafka import KafkaError, Message
from confluent_kafka import TopicPartition as Place

from telecom_cdr.errors import BrokerError
from telecom_cdr.sources.kafka.client import Configuration, open_consumer
from telecom_cdr.sources.kafka.group_offsets import GroupOffsets
from telecom_cdr.sources.kafka.stream import NO_ANSWER, UNKNOWN, Stream
from telecom_cdr.tables.model import TIMESTAMP

# Memory: what waits to be read, and what one call may give, however large each of its records is. A reader that is
# behind asks again at once: the library's second of rest would be most of the time. The session's time is how long an
# offset of the group waits for brokers that are away, and the end of the reader with it.
_TUNING: Final[Configuration] = {
    "queued.max.messages.kbytes": 32_768,
    "fetch.queue.backoff.ms": 10,
    "fetch.wait.max.ms": 50,
    "session.timeout.ms": 6000,
    "check.crcs": True,
}
_CALL_RECORDS: Final = 256
# Before anything is known of their size.
_FIRST_CALL_RECORDS: Final = 4
_CALL_SECONDS: Final = 0.1
# The year 9999: later ones are no timestamps that a table could hold.
_LAST_MILLISECOND: Final = 253_402_300_799_999
_OUT_OF_RANGE: Final = (KafkaError._AUTO_OFFSET_RESET, KafkaError.OFFSET_OUT_OF_RANGE)


class OutOfRangeError(Exception):
    """The broker has no record at the offset that was asked for."""


@dataclass(frozen=True)
class Limits:
    """When a batch is full."""

    record_count: int = 150_000
    byte_count: int = 32 * 2**20

    def is_left_by(self, gathered: "Gathered") -> bool:
        """Whether there is room for more."""
        return len(gathered.offsets) < self.record_count and gathered.byte_count < self.byte_count


@dataclass
class Gathered:
    """Consecutive records from `first_offset` to before `next_offset`."""

    first_offset: int
    next_offset: int
    offsets: list[int] = field(default_factory=list)
    values: list[bytes] = field(default_factory=list)
    keys: list[bytes | None] = field(default_factory=list)
    milliseconds: list[int | None] = field(default_factory=list)
    byte_count: int = 0

    def add(self, messages: list[Message], end: int) -> None:
        """Take messages below `end`; one without a value is a record without bytes."""
        offsets = _offsets(messages)
        if offsets and offsets[-1] >= end:
            # Written after the range was chosen.
            kept = bisect_left(offsets, end)
            messages, offsets = messages[:kept], offsets[:kept]
            self.next_offset = end
        elif offsets:
            self.next_offset = offsets[-1] + 1
        values = [value or b"" for value in map(Message.value, messages)]
        self.offsets += offsets
        self.values += values
        self.keys += map(Message.key, messages)
        self.milliseconds += [
            stamp if kind and 0 <= stamp <= _LAST_MILLISECOND else None
            for kind, stamp in map(Message.timestamp, messages)
        ]
        self.byte_count += sum(map(len, values))

    def times(self) -> pa.TimestampArray:
        """The messages' timestamps; null where there is none."""
        return pa.array(self.milliseconds, pa.timestamp("ms", "UTC")).cast(TIMESTAMP.arrow)


class Reader:
    """One consumer, at one partition at a time. Read from one thread at a time, and close it."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._group = GroupOffsets(stream.failures)
        self._consumer = open_consumer(stream.settings, {**_TUNING, "on_commit": self._group}, stream.failures)
        self._partition = 0
        self._offset = 0
        self._is_out_of_range = False

    def close(self) -> None:
        """Leave the brokers."""
        self._consumer.close()

    def tell(self, positions: Mapping[int, int]) -> None:
        """Tell monitors of lag where ingest is. From any thread."""
        self._group.tell(self._consumer, self._stream.identity.name, positions)

    def settle(self) -> str:
        """Wait until monitors were told; gives why they were not, or nothing. Reads nothing until `go_to`."""
        return self._group.settle(self._consumer)

    def go_to(self, partition: int, offset: int) -> None:
        """Read this partition from this offset."""
        self._partition, self._offset = partition, offset
        self._is_out_of_range = False
        self._consumer.assign([Place(self._stream.identity.name, partition, offset)])

    def take(self, end: int, room: Limits) -> Gathered:
        """Go on to `end`, or until there is no more room.

        What lies before the end and was never given is no record: a marker, an aborted record, or compacted away.
        OutOfRangeError where the broker no longer has the next offset, BrokerError where it gives nothing.
        """
        gathered = Gathered(self._offset, self._offset)
        heard = time.monotonic()
        while gathered.next_offset < end and room.is_left_by(gathered) and not self._is_out_of_range:
            wanted = min(_CALL_RECORDS, end - gathered.next_offset, room.record_count - len(gathered.offsets))
            before = gathered.next_offset
            self._add(gathered, self._consumer.consume(_fitting(wanted, gathered, room), _CALL_SECONDS), end)
            if gathered.next_offset > before:
                heard = time.monotonic()
            elif time.monotonic() - heard > self._stream.patience or self._stream.failures.are_final:
                self._stream.refuse_change()
                raise BrokerError(self._silence(gathered.next_offset, end))
        # What was read before its successor was deleted is not thrown away.
        if self._is_out_of_range and gathered.next_offset == self._offset:
            raise OutOfRangeError
        self._offset = gathered.next_offset
        return gathered

    def _add(self, gathered: Gathered, messages: list[Message], end: int) -> None:
        if not any(map(Message.error, messages)):
            gathered.add(messages, end)
            return
        for message in messages:
            error = message.error()
            if error is None:
                gathered.add([message], end)
            elif error.code() == KafkaError._PARTITION_EOF:
                # What is committed ends here. Before the end that was asked for, it only has not arrived yet.
                if message.partition() == self._partition and _offsets([message])[0] >= end:
                    gathered.next_offset = end
            else:
                self._judge(error)

    def _judge(self, error: KafkaError) -> None:
        if error.code() in _OUT_OF_RANGE:
            self._is_out_of_range = True
        elif error.code() in UNKNOWN:
            self._stream.refuse_change()
        elif error.code() not in NO_ANSWER and not error.retriable():
            # Such as damaged data, which the library would pass over.
            raise BrokerError(self._refusal(error))

    def _refusal(self, error: KafkaError) -> str:
        where = self._stream.identity.label(self._partition)
        return f"{where} cannot be read ({self._stream.failures.words(error)}): mend it, and ingest again"

    def _silence(self, position: int, end: int) -> str:
        where, reason = self._stream.identity.label(self._partition), self._stream.failures.reason
        return (
            f"{where} gave nothing within {self._stream.patience:.0f} s, at offset {position} of {end}"
            f"{f' ({reason})' if reason else ''}: what was taken before stays; ingest again when the brokers answer"
        )


def _offsets(messages: list[Message]) -> list[int]:
    """Where they stand: only a message that was never sent stands nowhere."""
    return cast("list[int]", list(map(Message.offset, messages)))


def _fitting(wanted: int, gathered: Gathered, room: Limits) -> int:
    """How many records fit, when they are as large as those before."""
    if not gathered.byte_count:
        return min(wanted, _FIRST_CALL_RECORDS)
    mean = gathered.byte_count / len(gathered.offsets)
    return max(1, min(wanted, int((room.byte_count - gathered.byte_count) / mean) + 1))
