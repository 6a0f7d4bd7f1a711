"""Connecting to a real PostgreSQL: TLS, the pool, time-outs, and what is told of a connection that fails."""

import socket
import time
from pathlib import Path
from typing import cast
from urllib.parse import quote

import psycopg2.extensions
import pytest
import sqlalchemy as sa

from telecom_cdr.reference.connection import create_engine, create_schema, reading, writing
from telecom_cdr.reference.errors import DatabaseError, DatabaseOutageError
from telecom_cdr.reference.outage import told
from telecom_cdr_tests.certificates import Certificates
from telecom_cdr_tests.reference.postgres import PASSWORD, PostgresServer
from telecom_cdr_tests.reference.tls import tls_before

HOST = "127.0.0.1"


def verified(url: str, port: int, authority: Path, host: str = HOST) -> str:
    """The URL of a database behind TLS, with everything verified."""
    query = {"sslmode": "verify-full", "sslrootcert": str(authority)}
    parsed = sa.make_url(url).set(host=host, port=port, query=query)
    return parsed.render_as_string(hide_password=False)


def with_options(url: str, options: str) -> str:
    return f"{url}?options={quote(options)}"


def test_a_server_with_the_right_certificate_is_used_over_tls(
    certificates: Certificates, postgres_server: PostgresServer, postgres_url: str
) -> None:
    with tls_before(postgres_server.port, certificates) as port:
        engine = create_engine(verified(postgres_url, port, certificates.authority))
        create_schema(engine)
        with reading(engine) as connection:
            assert cast("psycopg2.extensions.connection", connection.connection.driver_connection).info.ssl_in_use
        engine.dispose()


@pytest.mark.parametrize(
    ("trusted", "host", "said"),
    [
        ("another_authority.pem", HOST, "certificate verify failed"),
        ("authority.pem", "localhost", 'does not match host name "localhost"'),
        ("nowhere.pem", HOST, "does not exist"),
    ],
)
def test_a_certificate_that_cannot_be_verified_is_refused_at_once_and_named(
    certificates: Certificates, postgres_server: PostgresServer, trusted: str, host: str, said: str
) -> None:
    authority = certificates.authority.with_name(trusted)
    with (
        tls_before(postgres_server.port, certificates) as port,
        pytest.raises(DatabaseError, match=said) as caught,
    ):
        create_schema(create_engine(verified(postgres_server.url, port, authority, host)))
    assert not isinstance(caught.value, DatabaseOutageError)
    assert "check sslmode, sslrootcert and the host name" in str(caught.value)
    assert PASSWORD not in str(caught.value)


def test_a_server_without_tls_is_refused_where_tls_is_asked_for(
    certificates: Certificates, postgres_server: PostgresServer
) -> None:
    url = verified(postgres_server.url, postgres_server.port, certificates.authority)
    with pytest.raises(DatabaseError, match="have the server use TLS") as caught:
        create_schema(create_engine(url))
    assert not isinstance(caught.value, DatabaseOutageError)


def test_a_pool_serves_a_process_and_replaces_what_the_server_closed(
    postgres_server: PostgresServer, postgres_url: str
) -> None:
    engine = create_engine(postgres_url)
    assert create_engine(postgres_url) is engine
    create_schema(engine)

    def process_id() -> int:
        with reading(engine) as connection:
            return int(connection.scalar(sa.select(sa.func.pg_backend_pid())) or 0)

    first = process_id()
    assert process_id() == first
    postgres_server.execute(f"SELECT pg_terminate_backend({first}, 5000)")
    assert process_id() != first


@pytest.mark.parametrize(
    ("name", "seconds"),
    [("statement_timeout", 300), ("lock_timeout", 30), ("idle_in_transaction_session_timeout", 60)],
)
def test_every_session_has_time_outs_and_the_url_may_set_others(postgres_url: str, name: str, seconds: int) -> None:
    def shown_by(url: str) -> int:
        with create_engine(url).begin() as connection:
            setting = sa.text("SELECT setting FROM pg_settings WHERE name = :name")
            return int(connection.scalar(setting, {"name": name}) or 0)

    assert shown_by(postgres_url) == seconds * 1000
    assert shown_by(with_options(postgres_url, f"-c {name}=7s")) == 7000


def test_a_statement_that_takes_too_long_is_ended_and_not_tried_again(postgres_url: str) -> None:
    engine = create_engine(with_options(postgres_url, "-c statement_timeout=50ms"))
    with pytest.raises(DatabaseError, match="statement timeout") as caught, told(engine.url), engine.begin() as session:
        session.execute(sa.select(sa.func.pg_sleep(5)))
    assert not isinstance(caught.value, DatabaseOutageError)


def test_a_lock_that_is_not_to_be_had_may_pass(postgres_url: str) -> None:
    create_schema(create_engine(postgres_url))
    hasty = create_engine(with_options(postgres_url, "-c lock_timeout=50ms"))

    def write_beside() -> None:
        with writing(create_engine(postgres_url)), writing(hasty):
            pass

    with pytest.raises(DatabaseOutageError, match="lock timeout"):
        write_beside()


def test_a_transaction_that_is_left_open_is_ended(postgres_url: str) -> None:
    create_schema(create_engine(postgres_url))
    # Longer than a loaded machine pauses between two statements.
    engine = create_engine(with_options(postgres_url, "-c idle_in_transaction_session_timeout=1s"))

    def dawdle() -> None:
        with reading(engine) as connection:
            time.sleep(3)
            connection.execute(sa.select(1))

    with pytest.raises(DatabaseOutageError, match="cannot be used now"):
        dawdle()


def test_a_server_that_takes_connections_and_says_nothing_is_given_up() -> None:
    with socket.create_server((HOST, 0)) as silent:
        url = f"postgresql://u:s3cret@{HOST}:{silent.getsockname()[1]}/x?connect_timeout=2"
        with pytest.raises(DatabaseOutageError, match="timeout expired"):
            create_schema(create_engine(url))


def test_a_password_with_an_at_sign_is_not_taken_for_a_host() -> None:
    with pytest.raises(DatabaseError, match="write %40 for @") as caught:
        create_engine("postgresql://u:s3@cret@127.0.0.1/x")
    assert "cret" not in str(caught.value)
