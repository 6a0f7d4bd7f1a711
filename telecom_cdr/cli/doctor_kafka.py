"""What `telecom-cdr doctor` says of Kafka: whether the brokers answer, and whether the topic is as it should be."""

from collections.abc import Iterator

from telecom_cdr.cli.doctor_engine import Finding
from telecom_cdr.errors import TelecomCdrError
from telecom_cdr.settings import Settings


def examine(settings: Settings) -> Iterator[Finding]:
    """Look at the brokers that the settings name; nothing where they name none."""
    if not settings.kafka_bootstrap_servers:
        return
    from telecom_cdr.sources.kafka.topic import describe_topic

    subject = f"topic {settings.kafka_topic}"
    try:
        topic = describe_topic(settings)
    except TelecomCdrError as error:
        yield Finding("Kafka", str(error), is_wrong=True)
        return
    yield Finding("Kafka", f"{settings.kafka_bootstrap_servers} answers ({settings.kafka_security_protocol})")
    records = sum((each.end_offset or 0) - (each.first_offset or 0) for each in topic.partitions)
    yield Finding(subject, f"{len(topic.partitions)} partitions, {records:,} offsets, retention {topic.retention}")
    for difference in topic.differences(settings):
        yield Finding(subject, f"not as the settings promise: {difference}", is_wrong=True)
    for each in topic.partitions:
        if each.leader is None:
            yield Finding(subject, f"partition {each.number} has no leader: look at its brokers", is_wrong=True)
        elif len(each.in_sync) < len(each.replicas):
            words = f"partition {each.number} is in sync on {len(each.in_sync)} of {len(each.replicas)} brokers"
            yield Finding(subject, f"{words}: look at the others", is_wrong=True)
