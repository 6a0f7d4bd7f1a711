"""Sending records to the topic: in order, each acknowledged by every replica in sync, in bounded memory.

Here: queueing, back-pressure, pace, what becomes of each record. Not here: connecting (`client`), keys (`keys`), where
records come from, what a person is shown (`cli.produce`).
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from confluent_kafka import KafkaError, KafkaException, Message

from telecom_cdr.settings import Settings
from telecom_cdr.sources import Records
from telecom_cdr.sources.kafka.client import Configuration, first_error, open_producer
from telecom_cdr.sources.kafka.failures import Failures
from telecom_cdr.sources.kafka.keys import KeyReader
from telecom_cdr.sources.kafka.topic import find_weaknesses

# Records that wait for the brokers: beyond either, sending waits.
QUEUED_RECORDS: Final = 100_000
QUEUED_KIBIBYTES: Final = 65_536
_PORTION_RECORDS: Final = 16_384
_STEP_RECORDS: Final = 500
_STEPS_A_SECOND: Final = 20
_WAIT_SECONDS: Final = 0.2
# Between two words about brokers that fail: a client reports them ten times a second.
_QUIET_SECONDS: Final = 30.0
# The record is at fault: the next one may well be accepted.
_OF_ONE_RECORD: Final = (KafkaError.MSG_SIZE_TOO_LARGE, KafkaError.INVALID_RECORD)
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


def properties(settings: Settings) -> Configuration:
    """How records are sent: none lost, none twice within a session, a key's in order."""
    return {
        "enable.idempotence": True,
        "acks": "all",
        "compression.type": "snappy",
        "batch.size": 32_768,
        "linger.ms": 5,
        # As Java's producers do it: a subscriber's partition is the same whoever sends.
        "partitioner": "murmur2_random",
        "queue.buffering.max.messages": QUEUED_RECORDS,
        "queue.buffering.max.kbytes": QUEUED_KIBIBYTES,
        "message.timeout.ms": int(settings.kafka_delivery_seconds * 1000),
        "delivery.report.only.error": True,
    }


@dataclass
class Sent:
    """What became of the records so far. `failures` counts them by reason; what is not in it is acknowledged.

    `is_given_up`: the brokers stopped to accept records, and no more are tried.
    """

    acknowledged: int = 0
    byte_count: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    is_given_up: bool = False
    seconds: float = 0.0

    @property
    def failed(self) -> int:
        """Records that were not acknowledged."""
        return self.failures.total()


@dataclass(frozen=True)
class Watch:
    """Who looks on: told of progress and of brokers that fail, and asked how often it was asked to stop.

    After the first request what is on its way is waited for, after the second it is given up.
    """

    on_progress: Callable[[Sent], None] = lambda sent: None
    on_trouble: Callable[[str], None] = lambda reason: None
    stop_requests: Callable[[], int] = lambda: 0


class Sender:
    """One producer session. Raises BrokerError when no broker can be reached, or the topic is not there."""

    def __init__(self, settings: Settings, watch: Watch, rate: float = 0.0) -> None:
        self._topic = settings.kafka_topic
        self._watch = watch
        self._rate = rate
        self._queued = self._lost = 0
        self._sent = Sent()
        self._reported = Failures(settings)
        self._told_failures = 0
        self._quiet_until = 0.0
        self._due = 0.0
        for weakness in find_weaknesses(settings):
            watch.on_trouble(weakness)
        self._producer = open_producer(
            settings, {**properties(settings), "on_delivery": self._take_failure}, self._reported
        )

    def send(self, batches: Iterable[Sequence[Records]]) -> Sent:
        """Send every record in order, until told to stop or the brokers accept no more; then wait for the last ones."""
        started = 0.0
        try:
            with KeyReader() as reader:
                for portion in _portions(batches):
                    # Making the first records, or reading them, is no time of sending.
                    started = started or time.monotonic()
                    if not self._goes_on() or not self._send_portion(portion, reader):
                        break
        finally:
            # Also what was handed over before the source failed.
            self._finish()
        self._sent.seconds = time.monotonic() - started if started else 0.0
        return self._sent

    def _send_portion(self, portion: Sequence[Records], reader: KeyReader) -> bool:
        """Whether all of it was queued."""
        keys = reader.keys(portion).to_pylist()
        payloads = [payload for records in portion for payload in _payloads(records)]
        step = min(_STEP_RECORDS, max(1, int(self._rate / _STEPS_A_SECOND))) if self._rate else _STEP_RECORDS
        for first in range(0, len(payloads), step):
            following = first + step
            for payload, key in zip(payloads[first:following], keys[first:following], strict=True):
                if not self._queue(payload, key):
                    return False
            self._producer.poll(0)
            self._tell()
            if not self._keep_pace(step):
                return False
        return True

    def _queue(self, payload: bytes, key: str | None) -> bool:
        """Hand a record over, when there is room for it; False where it was not, because sending ends."""
        while True:
            try:
                self._producer.produce(self._topic, payload, key)
            except BufferError:
                if not self._wait(_WAIT_SECONDS):
                    return False
            except KafkaException as error:
                self._count_failure(first_error(error))
                return not self._sent.is_given_up
            else:
                self._queued += 1
                self._sent.byte_count += len(payload)
                return True

    def _wait(self, seconds: float) -> bool:
        """Let the brokers take records; whether to go on."""
        self._producer.poll(seconds)
        self._tell()
        return self._goes_on()

    def _keep_pace(self, count: int) -> bool:
        """Wait as long as this many records take at the rate; whether to go on. Time lost is not made up for."""
        if self._rate:
            self._due = max(self._due, time.monotonic()) + count / self._rate
        while self._goes_on():
            ahead = self._due - time.monotonic()
            if ahead <= 0:
                return True
            self._producer.poll(min(ahead, _WAIT_SECONDS))
            self._tell()
        return False

    def _goes_on(self) -> bool:
        return not self._sent.is_given_up and not self._watch.stop_requests()

    def _finish(self) -> None:
        """Wait until each record is acknowledged or has failed: by its time-out, or by a second request to stop."""
        while len(self._producer):
            if self._sent.is_given_up or self._watch.stop_requests() > 1:
                self._producer.purge()
            self._producer.flush(_WAIT_SECONDS)
            self._tell()

    def _tell(self) -> None:
        # Only failures are reported one by one: what has neither failed nor waits is acknowledged.
        self._sent.acknowledged = self._queued - len(self._producer) - self._lost
        self._watch.on_progress(self._sent)
        now = time.monotonic()
        if self._reported.count > self._told_failures and now >= self._quiet_until:
            self._told_failures, self._quiet_until = self._reported.count, now + _QUIET_SECONDS
            self._watch.on_trouble(self._reported.reason)

    def _take_failure(self, error: KafkaError | None, message: Message) -> None:
        if error is not None:
            self._lost += 1
            self._count_failure(error)

    def _count_failure(self, error: KafkaError) -> None:
        self._sent.failures[self._reported.words(error)] += 1
        if error.code() not in _OF_ONE_RECORD:
            self._sent.is_given_up = True


def _portions(batches: Iterable[Sequence[Records]]) -> Iterator[list[Records]]:
    """The same records, as many at a time as may stand in memory as Python objects."""
    for batch in batches:
        portion: list[Records] = []
        size = 0
        for records in batch:
            for first in range(0, len(records.payloads), _PORTION_RECORDS):
                part = _part(records, first)
                portion.append(part)
                size += len(part.payloads)
                if size >= _PORTION_RECORDS:
                    yield portion
                    portion, size = [], 0
        if portion:
            yield portion


def _part(records: Records, first: int) -> Records:
    return replace(
        records,
        offsets=records.offsets.slice(first, _PORTION_RECORDS),
        payloads=records.payloads.slice(first, _PORTION_RECORDS),
        is_text_start=records.is_text_start and first == 0,
    )


def _payloads(records: Records) -> list[bytes]:
    """The bytes of each record; a byte order mark is the file's, not the first record's."""
    payloads: list[bytes] = records.payloads.to_pylist()
    if records.is_text_start and payloads:
        payloads[0] = payloads[0].removeprefix(_BYTE_ORDER_MARK)
    return payloads
