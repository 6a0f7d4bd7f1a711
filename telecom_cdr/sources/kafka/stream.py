"""The topic as a source of records: which topic it is, and what can be read of it.

Here: identity, bounds, retention; all through one admin client. Not here: reading (`reader`, `source`),
making a topic (`topic`).
"""

import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from confluent_kafka import IsolationLevel, KafkaError, KafkaException, TopicCollection
from confluent_kafka import TopicPartition as Place
from confluent_kafka.admin import ConfigResource, OffsetSpec, ResourceType

from telecom_cdr.errors import BrokerError
from telecom_cdr.settings import Settings
from telecom_cdr.sources import topic_source_id
from telecom_cdr.sources.kafka.client import first_error, open_admin, reach, written_id
from telecom_cdr.sources.kafka.failures import Failures

Answer = TypeVar("Answer")

# How long a broker that went away may take to come back before a run gives up.
PATIENCE_SECONDS: Final = 60.0
_REQUEST_SECONDS: Final = 5.0
_PAUSE_SECONDS: Final = 0.5
# A broker that starts knows nothing of its topics for a moment: only what stays so is believed.
_UNKNOWN_SECONDS: Final = 5.0
UNKNOWN: Final = (KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError._UNKNOWN_TOPIC, KafkaError._UNKNOWN_PARTITION)
# Time mends none of these. All others may be those of a broker that starts or has just died.
_LASTING: Final = (
    KafkaError.TOPIC_AUTHORIZATION_FAILED,
    KafkaError.CLUSTER_AUTHORIZATION_FAILED,
    KafkaError.TOPIC_EXCEPTION,
    KafkaError.UNSUPPORTED_VERSION,
    KafkaError._INVALID_ARG,
)
NO_ANSWER: Final = (KafkaError._TIMED_OUT, KafkaError._TRANSPORT, KafkaError._ALL_BROKERS_DOWN)


@dataclass(frozen=True)
class Identity:
    """Which topic: a topic that is made anew under its old name has another id, and its offsets begin at 0 again."""

    cluster_id: str
    name: str
    topic_id: str

    @property
    def source_id(self) -> str:
        """What stands for the topic in raw."""
        return topic_source_id(self.cluster_id, self.name, self.topic_id)

    @property
    def family(self) -> str:
        """What the source ids of all topics of this name in this cluster begin with."""
        return topic_source_id(self.cluster_id, self.name)

    def position_key(self, partition: int) -> str:
        """Name of a partition's position in the commits of a table."""
        return position_key(self.source_id, partition)

    def label(self, partition: int) -> str:
        """A partition for people."""
        return f"{self.name}[{partition}]"


def position_key(source_id: str, partition: int) -> str:
    """Name of a partition's position in the commits of a table."""
    return f"{source_id}/{partition}"


@dataclass(frozen=True)
class Bounds:
    """What a reader of committed records can get of a partition: offsets from `first` to before `end`."""

    first: int
    end: int


class Stream:
    """A topic and its cluster. Errors are BrokerError in one line; a broker that is away for a moment is waited for."""

    def __init__(self, settings: Settings, patience: float = PATIENCE_SECONDS) -> None:
        self.settings = settings
        self.patience = patience
        self.failures = Failures(settings)
        self._admin = open_admin(settings, self.failures)
        cluster_id = str(reach(self._admin, self.failures).cluster_id)
        topic_id, self.partitions = self._describe()
        self.identity = Identity(cluster_id, settings.kafka_topic, topic_id)

    def refuse_change(self) -> None:
        """Refuse to go on with records of which nobody knows whether the topic before or the one after holds them."""
        if self._describe()[0] != self.identity.topic_id:
            raise BrokerError(
                f"the topic {self.identity.name} was created anew while it was read: what was taken before stays; "
                "run `telecom-cdr ingest --from kafka` again for the new one"
            )

    def bounds(self) -> dict[int, Bounds]:
        """Bounds of each partition now. The end is the last stable offset: an open transaction lies beyond it."""
        first, end = (self._offsets(spec) for spec in (OffsetSpec.earliest(), OffsetSpec.latest()))
        return {partition: Bounds(first[partition], end[partition]) for partition in self.partitions}

    def retention_seconds(self) -> float | None:
        """How long the broker keeps a record at least; None where no time is set, size limits it too, or it is secret.

        Who may read a topic may not always see its configuration.
        """
        resource = ConfigResource(ResourceType.TOPIC, self.identity.name)

        def read() -> Any:
            return self._admin.describe_configs([resource], request_timeout=_REQUEST_SECONDS)[resource].result()

        try:
            values = self._ask(read)
        except BrokerError:
            return None
        milliseconds, size = (int(values[name].value) for name in ("retention.ms", "retention.bytes"))
        return milliseconds / 1000 if milliseconds >= 0 and size < 0 else None

    def _offsets(self, spec: OffsetSpec) -> dict[int, int]:
        wanted = {Place(self.identity.name, partition): spec for partition in self.partitions}

        def read() -> dict[int, int]:
            found: dict[Place, Future[Any]] = self._admin.list_offsets(
                wanted, isolation_level=IsolationLevel.READ_COMMITTED, request_timeout=_REQUEST_SECONDS
            )
            return {place.partition: int(future.result().offset) for place, future in found.items()}

        return self._ask(read)

    def _describe(self) -> tuple[str, list[int]]:
        """The topic's id now, and its partitions."""
        name = self.settings.kafka_topic

        def read() -> Any:
            wanted = TopicCollection([name])
            return self._admin.describe_topics(wanted, request_timeout=_REQUEST_SECONDS)[name].result()

        found = self._ask(read)
        return written_id(found.topic_id), sorted(each.id for each in found.partitions)

    def _ask(self, read: Callable[[], Answer]) -> Answer:
        """Ask the cluster, again while it does not answer."""
        began = time.monotonic()
        while True:
            try:
                return read()
            except KafkaException as failure:
                error = first_error(failure)
                self._admin.poll(0)
                waited = time.monotonic() - began
                if error.code() in UNKNOWN:
                    if waited > min(self.patience, _UNKNOWN_SECONDS):
                        raise BrokerError(self._no_topic()) from None
                elif error.code() in _LASTING or self.failures.are_final or waited > self.patience:
                    raise BrokerError(self._refusal(error, waited)) from None
                time.sleep(_PAUSE_SECONDS)

    def _refusal(self, error: KafkaError, waited: float) -> str:
        if self.failures.are_final or error.code() in NO_ANSWER:
            return self.failures.explained(waited)
        return f"the brokers tell nothing of the topic {self.settings.kafka_topic} ({self.failures.words(error)})"

    def _no_topic(self) -> str:
        brokers = self.settings.kafka_bootstrap_servers
        return f"there is no topic {self.settings.kafka_topic} at {brokers}: run `telecom-cdr topic create`"
