"""What is known of the local Spark server: its processes, port and token, in a file that only its user can read."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

import psutil

from telecom_cdr.lakehouse.engines.configuration import write_privately

FILE: Final = "server.json"
LOG: Final = "server.log"
# The clock may be set between two looks at the same process.
_CLOCK_SECONDS: Final = 2.0


@dataclass(frozen=True)
class Identity:
    """One process: its id is given to another one later, its start time is not."""

    pid: int
    started: float

    @classmethod
    def of(cls, pid: int) -> "Identity":
        """The process that has this id now."""
        return cls(pid, psutil.Process(pid).create_time())

    def process(self) -> psutil.Process | None:
        """The process, if it still is this one and runs."""
        try:
            process = psutil.Process(self.pid)
            is_it = abs(process.create_time() - self.started) < _CLOCK_SECONDS
            return process if is_it and process.status() != psutil.STATUS_ZOMBIE else None
        except psutil.NoSuchProcess:
            return None


@dataclass(frozen=True)
class ServerState:
    """A server that was started: by which keeper, with what; its process and port once it answers."""

    keeper: Identity
    fingerprint: str
    description: str
    idle_seconds: float
    server: Identity | None = None
    port: int = 0
    token: str = field(default="", repr=False)

    def write(self, folder: Path) -> None:
        """Record it."""
        write_privately(folder / FILE, json.dumps(asdict(self)))

    @property
    def is_ready(self) -> bool:
        """Whether the server answers, or did when it was last looked at."""
        return self.port > 0 and self.server is not None and self.server.process() is not None


def read_state(folder: Path) -> ServerState | None:
    """What is recorded; None where nothing is, or where both processes are gone."""
    try:
        values = json.loads((folder / FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    server = values.pop("server")
    state = ServerState(
        **{**values, "keeper": Identity(**values["keeper"])}, server=Identity(**server) if server else None
    )
    is_alive = state.keeper.process() is not None or (state.server is not None and state.server.process() is not None)
    return state if is_alive else None


def forget_state(folder: Path) -> None:
    """Remove what is recorded."""
    (folder / FILE).unlink(missing_ok=True)
