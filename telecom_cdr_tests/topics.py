"""Topics for tests: made under a name of their own, filled, disturbed; and ingests from them with a fixed clock.

Here: what happens to a topic, and how it is taken. Not here: the brokers (`kafka_server`).
"""

import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from confluent_kafka import KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewPartitions, NewTopic

from telecom_cdr.lakehouse.catalog import Catalog
from telecom_cdr.lakehouse.ingest_topic import TopicReport, ingest_topic
from telecom_cdr.settings import Settings
from telecom_cdr.sources.kafka.reader import Limits
from telecom_cdr.sources.kafka.stream import Identity, Stream
from telecom_cdr.tables.raw import CDRS, FILES, GAPS

INGESTED: Final = datetime(2026, 4, 15, 12, tzinfo=UTC)
SECONDS: Final = 30.0
# So that a test that would hang fails instead.
PATIENCE: Final = 20.0
_LARGEST: Final = 2_000_000

Value = bytes | None


@dataclass(frozen=True)
class Topic:
    """A topic on a broker. Its methods give back once the broker has done what they say."""

    bootstrap: str
    name: str

    @classmethod
    def made(cls, bootstrap: str, partitions: int = 1, **configuration: str) -> "Topic":
        """A new topic of a name that no other test uses."""
        topic = cls(bootstrap, f"t-{uuid4().hex[:12]}")
        topic.create(partitions, **configuration)
        return topic

    @property
    def environment(self) -> dict[str, str]:
        """What commands need to find it."""
        return {
            "TELECOM_CDR_KAFKA_BOOTSTRAP_SERVERS": self.bootstrap,
            "TELECOM_CDR_KAFKA_TOPIC": self.name,
            "TELECOM_CDR_KAFKA_GROUP": f"group-{self.name}",
        }

    def settings(self, lake: Path) -> Settings:
        """Settings of an installation whose source it is."""
        return Settings(
            lake=lake,
            kafka_bootstrap_servers=self.bootstrap,
            kafka_topic=self.name,
            kafka_group=f"group-{self.name}",
        )

    def create(self, partitions: int = 1, **configuration: str) -> None:
        """Make it; configuration names have underscores for dots."""
        wanted = {name.replace("_", "."): value for name, value in configuration.items()}
        topic = NewTopic(self.name, num_partitions=partitions, replication_factor=1, config=wanted)
        admin = self._admin()
        admin.create_topics([topic])[self.name].result(SECONDS)
        self._wait_until(is_there=True)

    def delete(self) -> None:
        """Remove it with everything in it."""
        admin = self._admin()
        admin.delete_topics([self.name])[self.name].result(SECONDS)
        self._wait_until(is_there=False)

    def grow(self, partitions: int) -> None:
        """Give it more partitions."""
        admin = self._admin()
        admin.create_partitions([NewPartitions(self.name, partitions)])[self.name].result(SECONDS)

    def send(self, *values: Value, partition: int = 0, key: Value = None, timestamp: int = 0) -> None:
        """Append records to a partition."""
        producer = Producer({"bootstrap.servers": self.bootstrap, "linger.ms": 0, "message.max.bytes": _LARGEST})
        _send(producer, self.name, values, partition, key, timestamp)
        assert producer.flush(SECONDS) == 0

    def transaction(self, *values: Value, partition: int = 0, ends: str = "commit") -> Producer:
        """Append records in one transaction, which ends as `commit` or `abort`, or stays `open`."""
        producer = Producer({"bootstrap.servers": self.bootstrap, "transactional.id": uuid4().hex, "linger.ms": 0})
        producer.init_transactions(SECONDS)
        producer.begin_transaction()
        _send(producer, self.name, values, partition)
        producer.flush(SECONDS)
        if ends == "commit":
            producer.commit_transaction(SECONDS)
        elif ends == "abort":
            producer.abort_transaction(SECONDS)
        return producer

    def delete_before(self, offset: int, partition: int = 0) -> None:
        """Delete the records before an offset, as the end of their retention does."""
        place = TopicPartition(self.name, partition, offset)
        admin = self._admin()
        admin.delete_records([place])[place].result(SECONDS)

    def identity(self, lake: Path) -> Identity:
        """Which topic it is now."""
        return Stream(self.settings(lake)).identity

    def _admin(self) -> AdminClient:
        # Keep it until it has answered: one that is let go takes its answers with it.
        return AdminClient({"bootstrap.servers": self.bootstrap})

    def _wait_until(self, *, is_there: bool) -> None:
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            with suppress(KafkaException):
                found = self._admin().list_topics(self.name, timeout=SECONDS).topics[self.name]
                is_led = found.error is None and all(each.leader >= 0 for each in found.partitions.values())
                if (is_led and len(found.partitions) > 0) if is_there else _is_unknown(found.error):
                    return
            time.sleep(0.1)
        raise AssertionError(f"the topic {self.name} is {'not there' if is_there else 'still there'}")


def _is_unknown(error: KafkaError | None) -> bool:
    return error is not None and error.code() == KafkaError.UNKNOWN_TOPIC_OR_PART


def _send(
    producer: Producer, name: str, values: Iterable[Value], partition: int, key: Value = None, timestamp: int = 0
) -> None:
    for value in values:
        producer.produce(name, value, key, partition=partition, timestamp=timestamp)


def take_topic(catalog: Catalog, topic: Topic, *, limit: int = 150_000, **more: Any) -> TopicReport:
    """Ingest what a topic has at a fixed time, in batches of at most `limit` records."""
    settings = topic.settings(catalog.root)
    given = {"now": lambda: INGESTED, "limits": Limits(limit), "patience": PATIENCE, **more}
    return ingest_topic(catalog, settings, **given)


def offsets(rows: Sequence[dict[str, Any]], partition: int = 0) -> list[int]:
    """Source offsets of rows of one partition, as they come."""
    return [row["source_offset"] for row in rows if row["source_partition"] == partition]


def ranges(catalog: Catalog) -> list[tuple[int, int, int, int, str]]:
    """Rows of raw/files: partition, first and next offset, records, state."""
    columns = ("source_partition", "first_offset", "next_offset", "record_count", "state")
    return sorted(tuple(row[name] for name in columns) for row in catalog.read(FILES).to_pylist())


def gaps(catalog: Catalog) -> list[tuple[int, int, int | None, str]]:
    """Rows of raw/gaps: partition, first and last offset, reason."""
    columns = ("source_partition", "first_offset", "last_offset", "reason")
    return sorted(tuple(row[name] for name in columns) for row in catalog.read(GAPS).to_pylist())


def versions(catalog: Catalog) -> list[int]:
    """Delta versions of the tables that an ingest writes."""
    return [catalog.delta(table).version() for table in (CDRS, FILES, GAPS)]
