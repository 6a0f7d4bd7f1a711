"""Where commands take their settings from: the environment, then `.env` of the working directory."""

import os
import signal
from pathlib import Path

import pytest

from telecom_cdr.settings import Settings
from telecom_cdr_tests.cli.small_lake import MONTH
from telecom_cdr_tests.product import Product


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory, and no settings in the environment."""
    for name in [name for name in os.environ if name.startswith("TELECOM_CDR_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_dotenv_file_names_the_lake(billed: Product, directory: Path) -> None:
    (directory / ".env").write_text(f"# where it is\nTELECOM_CDR_LAKE={billed.lake}\nOTHER=1\n")
    product = Product(directory, {"DAGSTER_HOME": str(directory / "dagster")})
    assert len(product.done("show", "rated/usage", "--month", MONTH, "--format", "csv").rows) == 4


def test_the_environment_goes_before_the_dotenv_file(billed: Product, directory: Path) -> None:
    (directory / ".env").write_text(f"TELECOM_CDR_LAKE={directory / 'another'}\n")
    assert billed.done("show", "rated/usage", "--format", "csv").rows


def test_an_empty_setting_is_none(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELECOM_CDR_ENGINE", "")
    assert Settings().engine == "embedded"


def test_the_lake_is_below_the_working_directory_by_default(directory: Path) -> None:
    settings = Settings()
    assert settings.lake == directory / "lake"
    assert settings.dagster_home == directory / "lake" / "_dagster"
    assert settings.database_url == f"sqlite:///{directory / 'lake' / '_operational' / 'reference.sqlite'}"


def test_a_source_of_the_settings_is_where_ingest_reads(billed: Product, tmp_path: Path) -> None:
    product = Product.at(tmp_path, TELECOM_CDR_SOURCE=str(billed.root / "in"))
    assert "files taken" in product.done("ingest").errors


def test_the_ui_gets_every_setting_wherever_it_came_from_and_can_be_interrupted(
    billed: Product, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It starts in the project's directory, where this `.env` is not."""
    (directory / ".env").write_text(
        f"TELECOM_CDR_LAKE={billed.lake}\nTELECOM_CDR_SOURCE=landing\nTELECOM_CDR_FIRST_MONTH=2025-06\n"
        "TELECOM_CDR_PSEUDONYM_KEY=k\nTELECOM_CDR_KAFKA_SASL_PASSWORD=p\nTELECOM_CDR_KAFKA_SSL_CA_LOCATION=ca.pem\n"
    )
    started: list[list[str]] = []
    monkeypatch.setattr(os, "execv", lambda program, arguments: started.append(arguments))
    product = Product(directory, {"DAGSTER_HOME": str(directory / "dagster")})
    seen: dict[str, str] = {}
    monkeypatch.setattr(os, "chdir", lambda _: seen.update(os.environ))
    # As in the background of a shell script; inherited, it would keep the services from ending.
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        product.done("ui", "--port", "3999")
        assert signal.getsignal(signal.SIGINT) is signal.SIG_DFL
    finally:
        signal.signal(signal.SIGINT, before)
    assert started[0][1:] == ["dev", "--no-check-yaml", "--host", "127.0.0.1", "--port", "3999"]
    assert seen["TELECOM_CDR_LAKE"] == str(billed.lake)
    assert seen["TELECOM_CDR_SOURCE"] == str(directory / "landing")
    assert seen["TELECOM_CDR_FIRST_MONTH"] == "2025-06"
    assert seen["TELECOM_CDR_PSEUDONYM_KEY"] == "k"
    assert seen["TELECOM_CDR_KAFKA_SASL_PASSWORD"] == "p"
    assert seen["TELECOM_CDR_KAFKA_SSL_CA_LOCATION"] == str(directory / "ca.pem")
    assert (directory / "dagster" / "dagster.yaml").is_file()
