"""`telecom-cdr ui`: the Dagster UI on this machine."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from telecom_cdr.cli.arguments import open_catalog
from telecom_cdr.cli.console import say
from telecom_cdr.cli.runs import prepare_dagster
from telecom_cdr.settings import Settings


def ui(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port on the loopback interface.")] = 3000,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
) -> None:
    """Start the Dagster UI and its daemon, on loopback, with the lake of the settings. Ctrl-C ends both."""
    settings = Settings()
    open_catalog(settings)
    prepare_dagster(settings)
    os.environ["TELECOM_CDR_LAKE"] = str(settings.lake)
    project = Path(__file__).resolve().parents[2]
    say(f"the lake {settings.lake} in the browser: http://{host}:{port}")
    dg = Path(sys.executable).with_name("dg")
    # The command takes its project from the working directory.
    os.chdir(project)
    os.execv(dg, [str(dg), "dev", "--host", host, "--port", str(port)])
