"""From settings to a connected client: what the library is told, and what a person is told when it cannot work."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from telecom_cdr.errors import BrokerError
from telecom_cdr.settings import Settings
from telecom_cdr.sources.kafka import client
from telecom_cdr.sources.kafka.client import connection, open_admin, open_consumer, open_producer
from telecom_cdr.sources.kafka.producer import properties
from telecom_cdr_tests.certificates import Certificates
from telecom_cdr_tests.conftest import KAFKA_USERS
from telecom_cdr_tests.kafka_server import Broker

WRONG = "not-the-password"
NOBODY = "127.0.0.1:1"
((USER, PASSWORD),) = KAFKA_USERS.items()


def kafka_settings(**values: Any) -> Settings:
    given: dict[str, Any] = {f"kafka_{name}": value for name, value in values.items()}
    return Settings(**given)


def test_records_are_sent_once_and_to_every_replica_in_sync() -> None:
    sent = properties(kafka_settings(delivery_seconds=30))
    promised = {"enable.idempotence": True, "acks": "all", "compression.type": "snappy", "message.timeout.ms": 30_000}
    assert sent.items() >= {**promised, "batch.size": 32_768, "linger.ms": 5}.items()


def test_a_connection_without_security_carries_no_credentials() -> None:
    made = connection(kafka_settings(bootstrap_servers="a:9092, b:9092", sasl_username="u", sasl_password="p"))
    assert made["bootstrap.servers"] == "a:9092,b:9092"
    assert not [name for name in made if name.startswith(("sasl", "ssl"))]


def test_scram_over_tls_passes_through(certificates: Certificates) -> None:
    made = connection(
        kafka_settings(
            bootstrap_servers=NOBODY,
            security_protocol="sasl_ssl",
            sasl_mechanism="scram-sha-256",
            sasl_username="u",
            sasl_password="p",
            ssl_ca_location=str(certificates.authority),
            ssl_certificate_location=str(certificates.client),
            ssl_key_location=str(certificates.client_key),
            ssl_key_password="k",
        )
    )
    assert (
        made.items()
        >= {
            "security.protocol": "SASL_SSL",
            "sasl.mechanism": "SCRAM-SHA-256",
            "sasl.username": "u",
            "sasl.password": "p",
            "ssl.ca.location": str(certificates.authority),
            "ssl.certificate.location": str(certificates.client),
            "ssl.key.location": str(certificates.client_key),
            "ssl.key.password": "k",
        }.items()
    )


def test_one_replica_less_must_be_in_sync_unless_set() -> None:
    assert [kafka_settings(replication=count).kafka_min_insync_replicas for count in (1, 2, 3)] == [1, 1, 2]
    assert kafka_settings(replication=3, min_insync_replicas=3).kafka_min_insync_replicas == 3


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("bootstrap_servers", value) for value in ("host", "a:1,,b:2", "a:b", "kafka://a:9092", "u:p@a:9092")),
        ("topic", "a topic"),
        ("topic", ".."),
        ("security_protocol", "TLS"),
        ("sasl_mechanism", "GSSAPI"),
        ("partitions", "0"),
        ("retention_days", "0"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_by_its_name(name: str, value: str) -> None:
    with pytest.raises(ValidationError) as refused:
        kafka_settings(**{name: value})
    assert [error["loc"] for error in refused.value.errors()] == [(f"kafka_{name}",)]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"bootstrap_servers": ""}, "set TELECOM_CDR_KAFKA_BOOTSTRAP_SERVERS"),
        ({"security_protocol": "SASL_SSL"}, "needs TELECOM_CDR_KAFKA_SASL_USERNAME"),
        ({"security_protocol": "SASL_SSL", "sasl_username": "u"}, "needs TELECOM_CDR_KAFKA_SASL_PASSWORD"),
        (
            {
                "security_protocol": "SASL_PLAINTEXT",
                "sasl_mechanism": "PLAIN",
                "sasl_username": "u",
                "sasl_password": WRONG,
            },
            "in clear",
        ),
        ({"security_protocol": "SSL", "ssl_ca_location": "/nowhere/ca.pem"}, "correct TELECOM_CDR_KAFKA_SSL_CA_LOCA"),
        ({"security_protocol": "SSL", "ssl_certificate_location": __file__}, "set both"),
        ({"security_protocol": "SSL", "ssl_ca_location": __file__}, "no Kafka client can be made of the settings"),
    ],
)
def test_settings_that_cannot_work_are_told_before_anything_is_connected(values: dict[str, object], words: str) -> None:
    started = time.monotonic()
    with pytest.raises(BrokerError, match=words) as refused:
        open_admin(kafka_settings(**{"bootstrap_servers": NOBODY, **values}))
    assert time.monotonic() - started < client.REACH_SECONDS
    assert WRONG not in str(refused.value)


@pytest.mark.parametrize(
    "open_client",
    [open_admin, lambda settings: open_producer(settings, {}), lambda settings: open_consumer(settings, {})],
    ids=["admin", "producer", "consumer"],
)
def test_a_broker_that_is_not_there_is_found_out(
    monkeypatch: pytest.MonkeyPatch, open_client: Callable[[Settings], object]
) -> None:
    monkeypatch.setattr(client, "REACH_SECONDS", 1.0)
    with pytest.raises(BrokerError, match=rf"no Kafka broker answers at {NOBODY} within 1 s \(.*Connection refused\)"):
        open_client(kafka_settings(bootstrap_servers=NOBODY))


def test_a_name_that_nobody_knows_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "REACH_SECONDS", 1.0)
    with pytest.raises(
        BrokerError, match=r"nowhere[.]invalid:9092.*resolve.*correct TELECOM_CDR_KAFKA_BOOTSTRAP_SERVERS"
    ):
        open_admin(kafka_settings(bootstrap_servers="nowhere.invalid:9092"))


@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-256", "SCRAM-SHA-512"])
@pytest.mark.parametrize("protocol", ["SASL_PLAINTEXT", "SASL_SSL"])
def test_a_user_with_the_right_password_is_let_in(
    kafka_broker: Broker, certificates: Certificates, protocol: str, mechanism: str
) -> None:
    admin = open_admin(secured(kafka_broker, certificates, protocol, sasl_mechanism=mechanism))
    assert admin.list_topics(timeout=10).brokers


@pytest.mark.parametrize("protocol", ["SASL_PLAINTEXT", "SASL_SSL"])
@pytest.mark.parametrize(("user", "password"), [(USER, WRONG), ("nobody", PASSWORD)])
def test_a_wrong_password_is_told_at_once_and_never_shown(
    kafka_broker: Broker, certificates: Certificates, protocol: str, user: str, password: str
) -> None:
    settings = secured(kafka_broker, certificates, protocol, sasl_username=user, sasl_password=password)
    with pytest.raises(BrokerError, match=r"refuses this client .*check TELECOM_CDR_KAFKA_SASL_USERNAME") as refused:
        open_admin(settings)
    shown = f"{refused.value!r} {refused.value} {settings!r} {settings.model_dump()}"
    assert password not in shown


def test_a_broker_signed_by_another_authority_is_not_trusted(kafka_broker: Broker, certificates: Certificates) -> None:
    settings = secured(kafka_broker, certificates, "SASL_SSL", ssl_ca_location=str(certificates.another_authority))
    with pytest.raises(BrokerError, match=r"no TLS connection .*certificate verify failed.*check .*SSL_") as refused:
        open_admin(settings)
    assert PASSWORD not in str(refused.value)


def test_a_broker_of_another_name_is_not_trusted(kafka_broker: Broker, certificates: Certificates) -> None:
    """Its certificate is for 127.0.0.1."""
    address = kafka_broker.secure("SASL_SSL").replace("127.0.0.1", "localhost")
    with pytest.raises(BrokerError, match=r"certificate verify failed|no Kafka broker answers at localhost.*SSL"):
        open_admin(secured(kafka_broker, certificates, "SASL_SSL", bootstrap_servers=address))


def test_a_client_shows_its_own_certificate(kafka_broker: Broker, certificates: Certificates) -> None:
    own = {
        "ssl_certificate_location": str(certificates.client),
        "ssl_key_location": str(certificates.client_key),
    }
    assert open_admin(secured(kafka_broker, certificates, "SSL", **own)).list_topics(timeout=10).brokers


def test_the_key_of_another_certificate_is_told(kafka_broker: Broker, certificates: Certificates) -> None:
    own = {
        "ssl_certificate_location": str(certificates.client),
        "ssl_key_location": str(certificates.server_key),
    }
    with pytest.raises(BrokerError, match="key values mismatch"):
        open_admin(secured(kafka_broker, certificates, "SSL", **own))


def test_a_client_without_tls_is_told_so(
    kafka_broker: Broker, certificates: Certificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "REACH_SECONDS", 1.0)
    with pytest.raises(BrokerError, match="KAFKA_BOOTSTRAP_SERVERS and _SECURITY_PROTOCOL"):
        open_admin(kafka_settings(bootstrap_servers=kafka_broker.secure("SSL")))


def secured(broker: Broker, certificates: Certificates, protocol: str, **values: str) -> Settings:
    given = {
        "bootstrap_servers": broker.secure(protocol),
        "security_protocol": protocol,
        "ssl_ca_location": str(certificates.authority),
        "sasl_username": USER,
        "sasl_password": PASSWORD,
    }
    return kafka_settings(**{**given, **values})
