"""The Dagster UI and its daemon as `telecom-cdr ui` starts them, on a free port, ended by their own process id."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from telecom_cdr_tests.product import Product

_START_SECONDS: Final = 120
_STOP_SECONDS: Final = 60


@dataclass(frozen=True)
class Ui:
    """A running UI."""

    url: str
    log: Path

    def ask(self, query: str, **variables: object) -> dict[str, Any]:
        """The data of a GraphQL answer; errors fail the test."""
        body = json.dumps({"query": query, "variables": variables}).encode()
        request = urllib.request.Request(f"{self.url}/graphql", body, {"content-type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            found: dict[str, Any] = json.load(answer)
        assert "errors" not in found, found["errors"]
        data: dict[str, Any] = found["data"]
        return data


@contextmanager
def running_ui(product: Product) -> Iterator[Ui]:
    """`telecom-cdr ui` on loopback, up and answering; all of its processes have ended afterwards."""
    port = _free_port()
    log = product.root / "ui.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-c", "from telecom_cdr.cli.process import command; command()", "ui", "--port", str(port)],
            env={**os.environ, **product.settings},
            stdout=output,
            stderr=output,
        )
    try:
        ui = Ui(f"http://127.0.0.1:{port}", log)
        _wait_for(ui, process)
        yield ui
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(ui: Ui, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            ui.ask("{ version }")
            return
        except (urllib.error.URLError, ConnectionError):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the UI did not start: {ui.log.read_text()[-2000:]}") from None
            time.sleep(0.5)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
