"""Topics of a real broker for tests: made under names of their own, read from their first record to their last."""

import uuid

from confluent_kafka import Consumer, KafkaError, Message, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

_SECONDS = 30.0


def make_topic(bootstrap: str, partitions: int = 3, replication: int = 1, **configuration: str) -> str:
    """A new topic; properties are written with underscores for dots. Gives its name."""
    name = f"telecom-{uuid.uuid4().hex[:12]}"
    properties = {key.replace("_", "."): value for key, value in configuration.items()}
    topic = NewTopic(name, num_partitions=partitions, replication_factor=replication, config=properties)
    AdminClient({"bootstrap.servers": bootstrap, "log_level": 0}).create_topics([topic])[name].result(_SECONDS)
    return name


def read_all(bootstrap: str, topic: str) -> list[Message]:
    """Every committed record, partition after partition."""
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": "reader",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "isolation.level": "read_committed",
            "log_level": 0,
        }
    )
    try:
        partitions = sorted(consumer.list_topics(topic, timeout=_SECONDS).topics[topic].partitions)
        return [message for number in partitions for message in _read(consumer, TopicPartition(topic, number, 0))]
    finally:
        consumer.close()


def _read(consumer: Consumer, start: TopicPartition) -> list[Message]:
    consumer.assign([start])
    found: list[Message] = []
    while True:
        messages = consumer.consume(10_000, timeout=1.0)
        for message in messages:
            error = message.error()
            if error is None:
                found.append(message)
            elif error.code() == KafkaError._PARTITION_EOF:
                return found
            else:
                raise AssertionError(str(error))
