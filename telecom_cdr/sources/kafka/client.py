"""Connecting to Kafka: from settings to a client that has reached a broker, or one line that says why not.

Here: every property that producer, consumer and admin client share, and what their errors mean.
Not here: what a client does with a topic. Passwords go into the library's configuration and nowhere else.
"""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer
from confluent_kafka.admin import AdminClient

from telecom_cdr.errors import BrokerError
from telecom_cdr.settings import Settings
from telecom_cdr.sources.kafka.failures import Failures

if TYPE_CHECKING:
    from confluent_kafka.admin._metadata import ClusterMetadata

Value: TypeAlias = str | int | float | bool
Configuration: TypeAlias = dict[str, Value]
Client = TypeVar("Client", AdminClient, Producer, Consumer)

_AS_KAFKA_WRITES: Final = str.maketrans("+/", "-_")
REACH_SECONDS: Final = 10.0
_STEP_SECONDS: Final = 0.5
_FILES: Final = {
    "ssl.ca.location": "kafka_ssl_ca_location",
    "ssl.certificate.location": "kafka_ssl_certificate_location",
    "ssl.key.location": "kafka_ssl_key_location",
}
# What is not to be lost is committed by the table; what is out of reach is told, never skipped.
_CONSUMER: Final[Configuration] = {
    "enable.auto.commit": False,
    "enable.auto.offset.store": False,
    "auto.offset.reset": "error",
    "isolation.level": "read_committed",
    "enable.partition.eof": True,
    "allow.auto.create.topics": False,
}


def connection(settings: Settings) -> Configuration:
    """The properties of every client. Raises BrokerError when they cannot work; nothing is connected yet."""
    if not settings.kafka_bootstrap_servers:
        raise BrokerError("no Kafka broker is configured: set TELECOM_CDR_KAFKA_BOOTSTRAP_SERVERS to host:port")
    return {
        "bootstrap.servers": settings.kafka_bootstrap_servers,
        "client.id": "telecom_cdr",
        "security.protocol": settings.kafka_security_protocol,
        # Its errors are collected; its own log would repeat them ten times a second.
        "log_level": 0,
        "socket.keepalive.enable": True,
        **_sasl(settings),
        **_tls(settings),
    }


def open_admin(settings: Settings, failures: Failures | None = None) -> AdminClient:
    """An admin client that has reached a broker; BrokerError when there is none within `REACH_SECONDS`."""
    return _open(AdminClient, settings, {}, failures)


def open_producer(settings: Settings, properties: Mapping[str, Any], failures: Failures | None = None) -> Producer:
    """A producer with these properties beside the shared ones; errors as `open_admin`."""
    return _open(Producer, settings, properties, failures)


def open_consumer(settings: Settings, properties: Mapping[str, Any], failures: Failures | None = None) -> Consumer:
    """A consumer of committed records that resets no offset and commits none by itself; errors as `open_admin`."""
    return _open(Consumer, settings, {"group.id": settings.kafka_group, **_CONSUMER, **properties}, failures)


def reach(client: AdminClient | Producer | Consumer, failures: Failures) -> "ClusterMetadata":
    """What the cluster says of itself; BrokerError that says which broker does not answer, and what to do."""
    deadline = time.monotonic() + REACH_SECONDS
    while True:
        try:
            return client.list_topics(timeout=_STEP_SECONDS)
        except KafkaException:
            # Errors of connections are handed over here.
            client.poll(0)
            if failures.are_final or time.monotonic() > deadline:
                raise BrokerError(failures.explained(REACH_SECONDS)) from None


def _open(
    make: Callable[[dict[str, Any]], Client],
    settings: Settings,
    properties: Mapping[str, Any],
    failures: Failures | None,
) -> Client:
    failures = failures or Failures(settings)
    try:
        client = make({**connection(settings), **properties, "error_cb": failures})
    except KafkaException as error:
        raise BrokerError(failures.refused(first_error(error))) from None
    reach(client, failures)
    return client


def written_id(topic_id: object) -> str:
    """A topic's id as Kafka's own tools write it; the library's form has slashes."""
    return str(topic_id).translate(_AS_KAFKA_WRITES)


def first_error(error: KafkaException) -> KafkaError:
    """The error that an exception of the library carries."""
    found: KafkaError = error.args[0]
    return found


def _sasl(settings: Settings) -> Configuration:
    protocol, mechanism = settings.kafka_security_protocol, settings.kafka_sasl_mechanism
    if not protocol.startswith("SASL_"):
        return {}
    password = settings.kafka_sasl_password.get_secret_value()
    for name, value in (("USERNAME", settings.kafka_sasl_username), ("PASSWORD", password)):
        if not value:
            raise BrokerError(f"{protocol} needs TELECOM_CDR_KAFKA_SASL_{name}: set it in the environment")
    if mechanism == "PLAIN" and protocol != "SASL_SSL":
        raise BrokerError("the mechanism PLAIN would send the password in clear: use SASL_SSL, or a SCRAM mechanism")
    return {
        "sasl.mechanism": mechanism,
        "sasl.username": settings.kafka_sasl_username,
        "sasl.password": password,
    }


def _tls(settings: Settings) -> Configuration:
    """Certificates. The broker's is always verified, its host name too: that is the library's default."""
    if not settings.kafka_security_protocol.endswith("SSL"):
        return {}
    given: Configuration = {name: getattr(settings, field) for name, field in _FILES.items()}
    for name, path in given.items():
        if path and not Path(str(path)).is_file():
            raise BrokerError(f"there is no file {path}: correct TELECOM_CDR_{_FILES[name].upper()}")
    if bool(given["ssl.certificate.location"]) != bool(given["ssl.key.location"]):
        raise BrokerError(
            "a certificate needs its key: set both TELECOM_CDR_KAFKA_SSL_CERTIFICATE_LOCATION "
            "and TELECOM_CDR_KAFKA_SSL_KEY_LOCATION, or none of them"
        )
    given["ssl.key.password"] = settings.kafka_ssl_key_password.get_secret_value()
    return {name: value for name, value in given.items() if value}
