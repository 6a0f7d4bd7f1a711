"""Real Apache Kafka brokers for tests: processes on loopback and free ports, their data in a folder of their own.

Here: starting, stopping and killing them, each by its own id. Not here: who may use them (`kafka_security`), topics.
A broker listens without any security (`bootstrap`), and once for each protocol of its `Security` (`secure`).
"""

import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from telecom_cdr.lakehouse.engines.java import find_java
from telecom_cdr_tests.kafka_jars import class_path, require_kafka
from telecom_cdr_tests.kafka_security import Security

HOST: Final = "127.0.0.1"
_CLUSTER_ID: Final = "telecom-cdr-tests-0001"
_START_SECONDS: Final = 60.0
_HEAP: Final = ("-Xms64m", "-Xmx320m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Duser.timezone=UTC")
_LOGGING: Final = """\
rootLogger.level = warn
rootLogger.appenderRef.out.ref = out
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d{HH:mm:ss.SSS} %p %c{1}: %m%n%ex
"""
# Small; a dead broker is found out in two seconds.
_PROPERTIES: Final = {
    "auto.create.topics.enable": "false",
    "broker.heartbeat.interval.ms": "500",
    "broker.session.timeout.ms": "2000",
    "group.initial.rebalance.delay.ms": "0",
    "log.cleaner.dedupe.buffer.size": "2097152",
    # No broker looks for expired records while tests run: those of an old timestamp would be gone by chance.
    "log.retention.check.interval.ms": "86400000",
    "num.io.threads": "2",
    "num.network.threads": "2",
    "offsets.topic.num.partitions": "1",
    "share.coordinator.state.topic.num.partitions": "1",
    "transaction.state.log.num.partitions": "1",
}
# A test session that is killed stops nothing itself: Linux does.
_DIES: Final = "import ctypes, os, sys; ctypes.CDLL(None).prctl(1, 9); os.execv(sys.argv[1], sys.argv[1:])"
_DIES_WITH_ITS_PARENT: Final = (sys.executable, "-S", "-c", _DIES) if sys.platform == "linux" else ()
_REPLICATED: Final = ("offsets.topic", "transaction.state.log", "share.coordinator.state.topic")


@dataclass
class Broker:
    """One broker, of `replicas` in all. Its controller is its own or the leader's; ports and data always the same."""

    folder: Path
    node: int = 1
    properties: Mapping[str, str] = field(default_factory=dict)
    security: Security = field(default_factory=Security)
    leader: "Broker | None" = None
    replicas: int = 1
    _process: "subprocess.Popen[bytes] | None" = None

    def __post_init__(self) -> None:
        self._port, self._controller_port = _free_port(), _free_port()
        self._secure_ports = {protocol: _free_port() for protocol in self.security.protocols}

    @property
    def bootstrap(self) -> str:
        """Address of the listener without security."""
        return f"{HOST}:{self._port}"

    def secure(self, protocol: str) -> str:
        """Address of the listener with this protocol: SASL_PLAINTEXT, SSL or SASL_SSL."""
        return f"{HOST}:{self._secure_ports[protocol]}"

    @property
    def log(self) -> str:
        """What the process said."""
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")

    def start(self, *, is_awaited: bool = True) -> None:
        """Start the process, on new data the first time; give back once it answers, unless not awaited."""
        assert self._process is None, "it runs already"
        if not (self.folder / "data").exists():
            self._format()
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*_DIES_WITH_ITS_PARENT, *self._java(), "kafka.Kafka", str(self.folder / "server.properties")],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        if is_awaited:
            self.wait()

    def wait(self) -> None:
        """Give back once the broker answers."""
        deadline = time.monotonic() + _START_SECONDS
        while not self._answers():
            ended = self._process is None or self._process.poll() is not None
            if ended or time.monotonic() > deadline:
                raise RuntimeError(f"Kafka did not start: {self.log[-2000:]}")

    def stop(self) -> None:
        """Stop it in order, as a system service would; killed when it takes too long."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Kill it, as kill -9 does."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        """Start it again on the same ports and data; killed first where it still runs."""
        self.kill()
        self.start()

    def freeze(self) -> None:
        """Let its process not run, its connections stay open: as when a machine hangs."""
        self._running.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen process run again."""
        self._running.send_signal(signal.SIGCONT)

    @property
    def _running(self) -> "subprocess.Popen[bytes]":
        assert self._process is not None
        return self._process

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(how)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _answers(self) -> bool:
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex((HOST, self._port)):
                time.sleep(0.1)
                return False
        try:
            brokers = AdminClient({"bootstrap.servers": self.bootstrap, "log_level": 0}).list_topics(timeout=5).brokers
        except KafkaException:
            return False
        return self.node in brokers

    def _java(self) -> list[str]:
        logging = f"-Dlog4j2.configurationFile={self.folder / 'log4j2.properties'}"
        return [str(find_java().program), *_HEAP, logging, "-cp", class_path()]

    def _format(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "log4j2.properties").write_text(_LOGGING, encoding="utf-8")
        lines = "".join(f"{name}={value}\n" for name, value in self._all_properties().items())
        (self.folder / "server.properties").write_text(lines, encoding="utf-8")
        command = [*self._java(), "kafka.tools.StorageTool", "format", "--cluster-id", _CLUSTER_ID]
        command += ["--config", str(self.folder / "server.properties")]
        command.append("--no-initial-controllers" if self.leader else "--standalone")
        for user, password in self.security.users.items():
            for mechanism in ("SCRAM-SHA-256", "SCRAM-SHA-512"):
                command += ["--add-scram", f"{mechanism}=[name={user},password={password}]"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=_START_SECONDS, check=False)
        if done.returncode:
            raise RuntimeError(f"Kafka's storage was not formatted: {(done.stdout + done.stderr)[-2000:]}")

    def _all_properties(self) -> dict[str, str]:
        controller = self.leader or self
        listeners = {"PLAINTEXT": self._port, **self._secure_ports}
        if not self.leader:
            listeners["CONTROLLER"] = self._controller_port
        return {
            **_PROPERTIES,
            **{f"{topic}.replication.factor": str(self.replicas) for topic in _REPLICATED},
            "transaction.state.log.min.isr": "1",
            "node.id": str(self.node),
            "process.roles": "broker" if self.leader else "broker,controller",
            "controller.quorum.bootstrap.servers": f"{HOST}:{controller._controller_port}",
            "controller.listener.names": "CONTROLLER",
            "inter.broker.listener.name": "PLAINTEXT",
            "listeners": ",".join(f"{name}://{HOST}:{port}" for name, port in listeners.items()),
            "listener.security.protocol.map": ",".join(
                ["CONTROLLER:PLAINTEXT", *(f"{name}:{name}" for name in ("PLAINTEXT", *self._secure_ports))]
            ),
            "log.dirs": str(self.folder / "data"),
            **self.security.properties(self.folder),
            **self.properties,
        }


@contextmanager
def running_broker(properties: Mapping[str, str] | None = None, security: Security | None = None) -> Iterator[Broker]:
    """A broker of its own with these properties beside the usual ones; nothing of it is left afterwards."""
    require_kafka()
    with _folder() as home:
        broker = Broker(home / "1", properties=properties or {}, security=security or Security())
        try:
            broker.start()
            yield broker
        finally:
            broker.kill()


@contextmanager
def running_cluster(count: int = 3, properties: Mapping[str, str] | None = None) -> Iterator[tuple[Broker, ...]]:
    """Brokers that replicate each other. The first is the controller too: kill the others."""
    require_kafka()
    with _folder() as home, ExitStack() as stack:
        first = Broker(home / "1", properties=properties or {}, replicas=count)
        others = [
            Broker(home / str(node), node, properties or {}, leader=first, replicas=count)
            for node in range(2, count + 1)
        ]
        for broker in (first, *others):
            stack.callback(broker.kill)
            broker.start(is_awaited=False)
        for broker in (first, *others):
            broker.wait()
        yield (first, *others)


@contextmanager
def _folder() -> Iterator[Path]:
    home = Path(tempfile.mkdtemp(prefix="telecom_cdr_kafka_"))
    try:
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
