"""Fixtures that every test may use: one engine, Spark server, broker and PostgreSQL a worker, a fresh lake a test."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from telecom_cdr.lakehouse.engine import open_session, prepare_environment
from telecom_cdr_tests.certificates import Certificates, make_certificates, require_openssl
from telecom_cdr_tests.kafka_security import Security
from telecom_cdr_tests.kafka_server import Broker, running_broker
from telecom_cdr_tests.reference import postgres
from telecom_cdr_tests.spark_server import own_server, require_java

pytest_plugins = ["telecom_cdr_tests.distribution"]

prepare_environment()

KAFKA_USERS: Final = {"producer": "a-secret-of-the-producer"}

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from telecom_cdr.lakehouse.lake import Lake


@pytest.fixture(scope="session")
def engine() -> Iterator["SparkSession"]:
    """A session on the embedded engine, shared by all tests."""
    with open_session("embedded") as session:
        yield session


@pytest.fixture(scope="session", autouse=True)
def spark_state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where the Spark server of this test session keeps its files, in this process and in those that it starts."""
    folder = tmp_path_factory.mktemp("spark") / "state"
    with own_server(folder):
        yield folder


@pytest.fixture(scope="session")
def spark(spark_state: Path) -> Iterator["SparkSession"]:
    """A session on the Spark server that all tests share; commands with TELECOM_CDR_ENGINE=spark use the same one."""
    require_java()
    with open_session("spark") as session:
        yield session


@pytest.fixture(params=["embedded", "spark"])
def each_engine(request: pytest.FixtureRequest) -> "SparkSession":
    """The session of one engine after the other: what a test says of it holds on both."""
    session: SparkSession = request.getfixturevalue("engine" if request.param == "embedded" else "spark")
    return session


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """Certificates that servers and clients of tests use."""
    require_openssl()
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="session")
def kafka_broker(certificates: Certificates) -> Iterator[Broker]:
    """A real broker that all tests share; each uses topics of its own names, and leaves it running."""
    with running_broker(security=Security(KAFKA_USERS, certificates)) as broker:
        yield broker


@pytest.fixture(scope="session")
def kafka(kafka_broker: Broker) -> str:
    """The shared broker's bootstrap servers; it makes no topic by itself."""
    return kafka_broker.bootstrap


@pytest.fixture
def lake(engine: "SparkSession", tmp_path: Path) -> "Lake":
    """An empty lake with every declared table."""
    from telecom_cdr.lakehouse.catalog import Catalog
    from telecom_cdr.lakehouse.lake import Lake

    catalog = Catalog(tmp_path / "lake")
    catalog.create_tables()
    return Lake(catalog, engine)


@pytest.fixture(scope="session")
def postgres_server() -> "Iterator[postgres.PostgresServer]":
    """A real PostgreSQL that all tests share; nobody may stop it."""
    with postgres.server(postgres.require_binaries()) as running:
        yield running


@pytest.fixture
def postgres_url(postgres_server: "postgres.PostgresServer") -> Iterator[str]:
    """URL of an empty PostgreSQL database."""
    with postgres_server.database("of_one_test") as url:
        yield url
