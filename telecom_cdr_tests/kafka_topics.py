"""Topics of a real broker for tests: made under names of their own, read from their first record to their last."""

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic, OffsetSpec

_SECONDS = 30.0
# Of brokers that are started or killed meanwhile.
_PASSING = (KafkaError._TRANSPORT, KafkaError._ALL_BROKERS_DOWN)


def make_topic(bootstrap: str, partitions: int = 3, replication: int = 1, **configuration: str) -> str:
    """A new topic; properties are written with underscores for dots. Gives its name."""
    name = f"telecom-{uuid.uuid4().hex[:12]}"
    properties = {key.replace("_", "."): value for key, value in configuration.items()}
    topic = NewTopic(name, num_partitions=partitions, replication_factor=replication, config=properties)
    # A client that is let go of takes its requests with it.
    admin = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})
    admin.create_topics([topic])[name].result(_SECONDS)
    _wait_for_leaders(admin, [TopicPartition(name, number) for number in range(partitions)])
    return name


def _wait_for_leaders(admin: AdminClient, places: list[TopicPartition]) -> None:
    """A topic is made before its leaders know of it: they answer for it once they do."""
    deadline = time.monotonic() + _SECONDS
    while True:
        try:
            for found in admin.list_offsets(dict.fromkeys(places, OffsetSpec.latest())).values():
                found.result(_SECONDS)
            return
        except KafkaException:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def read_all(bootstrap: str, topic: str) -> list[Message]:
    """Every committed record, partition after partition."""
    with _consumer(bootstrap) as consumer:
        messages = _read(consumer, _places(consumer, topic))
    return sorted(messages, key=lambda message: (message.partition(), message.offset()))


def count_offsets(bootstrap: str, topic: str) -> int:
    """How many offsets the topic has, all partitions together."""
    with _consumer(bootstrap) as consumer:
        ends = [consumer.get_watermark_offsets(place, timeout=_SECONDS) for place in _places(consumer, topic)]
        return sum(end - first for first, end in ends)


@contextmanager
def _consumer(bootstrap: str) -> Iterator[Consumer]:
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": "reader",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "isolation.level": "read_committed",
            "fetch.wait.max.ms": 10,
            "log_level": 0,
        }
    )
    try:
        yield consumer
    finally:
        consumer.close()


def _places(consumer: Consumer, topic: str) -> list[TopicPartition]:
    partitions = sorted(consumer.list_topics(topic, timeout=_SECONDS).topics[topic].partitions)
    return [TopicPartition(topic, number, 0) for number in partitions]


def _read(consumer: Consumer, starts: list[TopicPartition]) -> list[Message]:
    consumer.assign(starts)
    found: list[Message] = []
    unfinished = {start.partition for start in starts}
    while unfinished:
        message = consumer.poll(_SECONDS)
        assert message is not None, f"{starts} have no end"
        error = message.error()
        if error is None:
            found.append(message)
        elif error.code() == KafkaError._PARTITION_EOF:
            unfinished.discard(message.partition())
        elif error.code() not in _PASSING:
            raise AssertionError(str(error))
    return found
