"""What `doctor` says of the engine: within seconds, what is missing and how to get it, and no secret."""

import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pysail.spark import SparkConnectServer

from telecom_cdr.lakehouse.engines import connection
from telecom_cdr_tests.cli.small_lake import a_reference_directory
from telecom_cdr_tests.product import Product
from telecom_cdr_tests.spark_server import require_java

SECONDS = 20


def told(product: Product, engine: str, **settings: str) -> tuple[dict[str, str], str]:
    """What doctor says of each thing, and its errors."""
    result = replace(product, settings={**product.settings, "TELECOM_CDR_ENGINE": engine, **settings}).run("doctor")
    rows = (line.strip().partition("  ") for line in result.output.splitlines())
    return {subject: state.strip() for subject, _, state in rows}, result.errors


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Product:
    """A lake with reference data, and nothing wrong with it."""
    root = tmp_path_factory.mktemp("loaded")
    product = Product.at(root)
    product.done("reference", "load", str(a_reference_directory(root)))
    return product


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


@pytest.fixture
def sail_port() -> Iterator[int]:
    """A Spark Connect server without Delta's extension."""
    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    yield server.listening_address[1]
    server.stop()


def test_the_embedded_engine_needs_nothing(loaded: Product) -> None:
    found, errors = told(loaded, "embedded")
    assert found["engine"] == "embedded"
    assert "java" not in found
    assert errors == ""


def test_a_machine_without_java(loaded: Product) -> None:
    found, errors = told(loaded, "spark", PATH="", JAVA_HOME="", TELECOM_CDR_SPARK_STATE=str(loaded.root / "none"))
    assert "there is none: install it (Debian and Ubuntu: apt-get install openjdk-17-jre-headless" in errors
    assert found["Spark server"].startswith("not running")
    assert not (loaded.root / "none").exists(), "doctor starts nothing"


def test_a_machine_with_java(loaded: Product, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    require_java()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    found, errors = told(loaded, "spark", TELECOM_CDR_SPARK_STATE=str(tmp_path), TELECOM_CDR_SPARK_DRIVER_MEMORY="1g")
    assert int(found["java"].partition(",")[0]) >= 17
    assert found["memory"].startswith("1g for Spark of ")
    assert "the first start fetches them" in found["jars of Delta"]
    assert errors == ""


def test_more_memory_than_the_machine_has(loaded: Product, tmp_path: Path) -> None:
    settings = {"TELECOM_CDR_SPARK_STATE": str(tmp_path), "TELECOM_CDR_SPARK_DRIVER_MEMORY": "9999g"}
    _, errors = told(loaded, "spark", **settings)
    assert "error: memory: 9999g for Spark of " in errors
    assert "set TELECOM_CDR_SPARK_DRIVER_MEMORY to less" in errors


def test_a_server_that_is_not_there_is_told_without_its_token(loaded: Product) -> None:
    began = time.monotonic()
    found, errors = told(loaded, "sc://127.0.0.1:1/;use_ssl=true;token=secret")
    assert time.monotonic() - began < SECONDS
    assert found["engine"] == "sc://127.0.0.1:1"
    assert "error: Spark server: nothing answers at sc://127.0.0.1:1 (Connection refused)" in errors
    assert "secret" not in errors + str(found)


def test_a_name_that_nobody_knows(loaded: Product) -> None:
    _, errors = told(loaded, "sc://nowhere.invalid:15002")
    assert "nothing answers at sc://nowhere.invalid:15002" in errors


def test_a_port_that_is_no_spark_connect_server(
    loaded: Product, silent_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "SECONDS_TO_ANSWER", 0.5)
    _, errors = told(loaded, f"sc://127.0.0.1:{silent_port}")
    assert (
        f"error: Spark server: sc://127.0.0.1:{silent_port}: something answers, but no Spark Connect server" in errors
    )


def test_a_server_without_delta(loaded: Product, sail_port: int) -> None:
    _, errors = told(loaded, f"sc://127.0.0.1:{sail_port}")
    assert f"error: Spark server: sc://127.0.0.1:{sail_port} is Spark 4.2.0 without Delta" in errors


@pytest.mark.parametrize("url", ["sc://127.0.0.1:{}/;token", "sc://127.0.0.1:{}/;a=b=token"])
def test_parameters_that_cannot_be_read_are_not_repeated(loaded: Product, silent_port: int, url: str) -> None:
    _, errors = told(loaded, url.format(silent_port))
    assert "its parameters cannot be read" in errors
    assert "token" not in errors
