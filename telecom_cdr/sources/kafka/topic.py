"""The topic: made as the settings promise, described as the brokers have it, compared.

Here: partitions, replicas, retention, offsets. Not here: records (`producer`), consumer groups.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from confluent_kafka import KafkaError, KafkaException, TopicCollection, TopicPartition
from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic, OffsetSpec, ResourceType
from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_fixed

from telecom_cdr.errors import BrokerError
from telecom_cdr.settings import Settings
from telecom_cdr.sources.kafka.client import REACH_SECONDS, first_error, open_admin, written_id
from telecom_cdr.sources.kafka.failures import Failures

Answer = TypeVar("Answer")

_DAY_MS: Final = 86_400_000
# While leaders change, and until a client has heard of it.
_PASSING: Final = (KafkaError.NOT_LEADER_FOR_PARTITION, KafkaError.LEADER_NOT_AVAILABLE)


@dataclass(frozen=True)
class Partition:
    """A partition: which brokers have it, and the offsets of its first record and after its last one.

    `leader` is None while no broker leads it; its offsets are then unknown.
    """

    number: int
    leader: int | None
    replicas: tuple[int, ...]
    in_sync: tuple[int, ...]
    first_offset: int | None
    end_offset: int | None


@dataclass(frozen=True)
class Topic:
    """A topic as the brokers have it. `topic_id` differs from that of an earlier topic of the same name."""

    name: str
    topic_id: str
    partitions: tuple[Partition, ...]
    configuration: dict[str, str]

    def differences(self, settings: Settings) -> list[str]:
        """How it differs from what the settings promise, in words; none when it keeps them."""
        found = []
        if len(self.partitions) != settings.kafka_partitions:
            found.append(f"{len(self.partitions)} partitions, not {settings.kafka_partitions}")
        replicas = sorted({len(partition.replicas) for partition in self.partitions})
        if replicas != [settings.kafka_replication]:
            words = " or ".join(str(count) for count in replicas)
            found.append(f"each record on {words} brokers, not on {settings.kafka_replication}")
        for name, promised in promised_configuration(settings).items():
            actual = self.configuration.get(name, "")
            if actual != promised:
                found.append(f"{name} is {_readable(name, actual)}, not {_readable(name, promised)}")
        return found

    @property
    def retention(self) -> str:
        """How long it keeps a record, in words."""
        return _readable("retention.ms", self.configuration.get("retention.ms", ""))


def promised_configuration(settings: Settings) -> dict[str, str]:
    """What the settings promise of the topic, in Kafka's names and units."""
    return {
        "cleanup.policy": "delete",
        "min.insync.replicas": str(settings.kafka_min_insync_replicas),
        "retention.ms": str(settings.kafka_retention_days * _DAY_MS),
        # The size of a partition is no reason to delete what was promised for days.
        "retention.bytes": "-1",
    }


def create_topic(settings: Settings) -> bool:
    """Make the topic; False when it is there already. Raises BrokerError when the brokers refuse."""
    topic = NewTopic(
        settings.kafka_topic,
        num_partitions=settings.kafka_partitions,
        replication_factor=settings.kafka_replication,
        config=promised_configuration(settings),
    )
    admin = open_admin(settings)
    made = admin.create_topics([topic], operation_timeout=REACH_SECONDS, request_timeout=REACH_SECONDS)
    try:
        made[settings.kafka_topic].result()
    except KafkaException as error:
        reason = first_error(error)
        if reason.code() == KafkaError.TOPIC_ALREADY_EXISTS:
            return False
        if reason.code() == KafkaError.INVALID_REPLICATION_FACTOR:
            raise BrokerError(
                f"the topic {topic.topic} cannot be on {settings.kafka_replication} brokers: there are "
                f"{len(admin.list_topics(timeout=REACH_SECONDS).brokers)}; set TELECOM_CDR_KAFKA_REPLICATION"
            ) from None
        raise BrokerError(f"the topic {topic.topic} cannot be made: {Failures(settings).words(reason)}") from None
    return True


def describe_topic(settings: Settings, *, is_new: bool = False) -> Topic:
    """The topic as the brokers have it now. Raises BrokerError when it is not there, or not to be seen.

    A new one is waited for until every broker knows of it.
    """
    return _asked(settings, _describe, is_new=is_new)


def find_weaknesses(settings: Settings) -> list[str]:
    """Why records may not be accepted, in words: partitions that too few brokers have. Errors as `describe_topic`."""
    needed = settings.kafka_min_insync_replicas
    return [
        f"partition {each.id} is in sync on {len(each.isr)} brokers, and has {'a' if _leads(each) else 'no'} leader"
        for each in _asked(settings, _described).partitions
        if len(each.isr) < needed or not _leads(each)
    ]


def _asked(settings: Settings, ask: Callable[[AdminClient, str], Answer], *, is_new: bool = False) -> Answer:
    """An answer about the topic, asked again while leaders change."""
    name = settings.kafka_topic
    passing = (*_PASSING, KafkaError.UNKNOWN_TOPIC_OR_PART) if is_new else _PASSING
    attempts = Retrying(
        retry=retry_if_exception(
            lambda error: isinstance(error, KafkaException) and first_error(error).code() in passing
        ),
        stop=stop_after_delay(REACH_SECONDS),
        wait=wait_fixed(0.2),
        reraise=True,
    )
    try:
        return attempts(ask, open_admin(settings), name)
    except KafkaException as error:
        reason = first_error(error)
        if reason.code() == KafkaError.UNKNOWN_TOPIC_OR_PART:
            brokers = settings.kafka_bootstrap_servers
            advice = "run `telecom-cdr topic create`, or correct TELECOM_CDR_KAFKA_TOPIC"
            raise BrokerError(f"there is no topic {name} on the Kafka brokers {brokers}: {advice}") from None
        raise BrokerError(f"the topic {name} cannot be described: {Failures(settings).words(reason)}") from None


def _describe(admin: AdminClient, name: str) -> Topic:
    described = _described(admin, name)
    partitions = _partitions(admin, name, described.partitions)
    return Topic(name, written_id(described.topic_id), partitions, _configuration(admin, name))


def _described(admin: AdminClient, name: str) -> Any:
    return admin.describe_topics(TopicCollection([name]), request_timeout=REACH_SECONDS)[name].result()


def _partitions(admin: AdminClient, name: str, described: list[Any]) -> tuple[Partition, ...]:
    # A partition that nobody leads has no offsets to tell, and would fail the question about the others.
    led = [TopicPartition(name, each.id) for each in described if _leads(each)]
    first, end = (_offsets(admin, led, asked) for asked in (OffsetSpec.earliest(), OffsetSpec.latest()))
    return tuple(
        Partition(
            number=each.id,
            leader=int(each.leader.id) if _leads(each) else None,
            replicas=tuple(node.id for node in each.replicas),
            in_sync=tuple(node.id for node in each.isr),
            first_offset=first.get(each.id),
            end_offset=end.get(each.id),
        )
        for each in sorted(described, key=lambda each: int(each.id))
    )


def _offsets(admin: AdminClient, places: list[TopicPartition], asked: OffsetSpec) -> dict[int, int]:
    found = admin.list_offsets(dict.fromkeys(places, asked), request_timeout=REACH_SECONDS) if places else {}
    return {place.partition: int(future.result().offset) for place, future in found.items()}


def _leads(partition: Any) -> bool:
    return partition.leader is not None and partition.leader.id >= 0


def _configuration(admin: AdminClient, name: str) -> dict[str, str]:
    resource = ConfigResource(ResourceType.TOPIC, name)
    entries = admin.describe_configs([resource], request_timeout=REACH_SECONDS)[resource].result()
    return {entry.name: entry.value for entry in entries.values() if entry.value is not None}


def _readable(name: str, value: str) -> str:
    if name == "retention.ms" and value.isdigit():
        days = int(value) / _DAY_MS
        return f"{days:g} days" if days >= 1 else f"{int(value) / 1000:g} s"
    return "without limit" if name.startswith("retention.") and value == "-1" else value
