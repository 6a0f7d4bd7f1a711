"""`telecom-cdr ui`: the Dagster UI on this machine."""

import os
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer
from pydantic import SecretStr

from telecom_cdr.cli.arguments import open_catalog
from telecom_cdr.cli.console import say
from telecom_cdr.cli.runs import open_instance
from telecom_cdr.settings import Settings
from telecom_cdr.sources import KAFKA


def ui(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port on the loopback interface.")] = 3000,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
) -> None:
    """Start the Dagster UI and its daemon, on loopback, with the lake of the settings. Ctrl-C ends both."""
    settings = Settings()
    open_catalog(settings)
    with open_instance(settings):
        say(f"run history: {os.environ['DAGSTER_HOME']}")
    os.environ.update(_environment(settings))
    project = Path(__file__).resolve().parents[2]
    say(f"the lake {settings.lake} in the browser: http://{host}:{port}")
    dg = Path(sys.executable).with_name("dg")
    # The command takes its project from the working directory, where another .env or none may be.
    os.chdir(project)
    # Ignored in the background of a shell script, and inherited: the services would then never end.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.execv(dg, [str(dg), "dev", "--no-check-yaml", "--host", host, "--port", str(port)])


def _environment(settings: Settings) -> dict[str, str]:
    """Every setting, wherever it came from, in a form that holds in every directory; empty means the default."""
    secrets = {name: value.get_secret_value() for name, value in settings if isinstance(value, SecretStr)}
    paths = ("source", "kafka_ssl_ca_location", "kafka_ssl_certificate_location", "kafka_ssl_key_location")
    places = {name: str(Path(getattr(settings, name)).absolute()) for name in paths if getattr(settings, name)}
    if settings.source == KAFKA:
        del places["source"]
    values = settings.model_dump(mode="json") | secrets | places
    return {f"TELECOM_CDR_{name.upper()}": str(value) for name, value in values.items()}
