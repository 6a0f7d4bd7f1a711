"""The offsets of the consumer group: told to the brokers for monitors of lag. Nobody reads from them.

Here: telling them, and whether they arrived. Not here: the position of ingest, which stands in the table.
The admin client's way is not used: the library ends the whole process where the coordinator goes away meanwhile
(confluent-kafka 2.16.1).
"""

import time
from collections.abc import Mapping
from typing import Final

from confluent_kafka import Consumer, KafkaError, KafkaException
from confluent_kafka import TopicPartition as Place

from telecom_cdr.sources.kafka.client import first_error
from telecom_cdr.sources.kafka.failures import Failures

_SETTLE_SECONDS: Final = 5.0
_STEP_SECONDS: Final = 0.05


class GroupOffsets:
    """What the group is told to have read, by one consumer, whose `on_commit` is this object."""

    def __init__(self, failures: Failures) -> None:
        self._failures = failures
        self._waiting = 0
        self._reason = ""

    def __call__(self, error: KafkaError | None, places: list[Place]) -> None:
        """Take note of an answer."""
        self._waiting -= 1
        refused = [each.error for each in places if each.error] if error is None else [error]
        self._reason = self._failures.words(refused[0]) if refused else ""

    def tell(self, consumer: Consumer, topic: str, positions: Mapping[int, int]) -> None:
        """Send offsets on their way, and wait for no answer."""
        places = [Place(topic, partition, offset) for partition, offset in positions.items()]
        try:
            consumer.commit(offsets=places, asynchronous=True)
            self._waiting += 1
        except KafkaException as failure:
            self._reason = self._failures.words(first_error(failure))

    def settle(self, consumer: Consumer) -> str:
        """Wait a moment for the last answer; gives why the offsets did not arrive, or nothing."""
        consumer.unassign()
        deadline = time.monotonic() + _SETTLE_SECONDS
        while self._waiting and time.monotonic() < deadline:
            consumer.poll(_STEP_SECONDS)
        return "no answer" if self._waiting else self._reason
