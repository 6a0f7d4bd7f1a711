"""A Spark cluster of separate processes on loopback: a standalone master, two workers, a Connect server.

Here: starting, asking and killing them, each by its own id. Not here: what is run on them.
"""

import json
import os
import re
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psutil
import pyspark

from telecom_cdr.lakehouse.engines.configuration import DELTA, LOOPBACK, SHIPPED_BY_SPARK, jar_cache, write_privately
from telecom_cdr_tests.spark_server import QUICK

TOKEN: Final = "a-token-of-the-cluster"
_HOME: Final = Path(pyspark.__file__).parent
_SECONDS: Final = 120.0
# Months of tests are over before the second compiler of a JVM pays.
_JAVA: Final = f"-Duser.timezone=UTC {QUICK}"
_SETTINGS: Final = {
    "spark.driver.memory": "1g",
    "spark.executor.memory": "768m",
    "spark.executor.cores": "1",
    "spark.driver.extraJavaOptions": _JAVA,
    "spark.executor.extraJavaOptions": _JAVA,
    "spark.driver.host": LOOPBACK,
    "spark.driver.bindAddress": LOOPBACK,
    "spark.connect.grpc.binding.address": LOOPBACK,
    "spark.connect.grpc.binding.port": "0",
    "spark.connect.authenticate.token": TOKEN,
    "spark.ui.port": "0",
    "spark.jars.packages": DELTA,
    "spark.jars.excludes": ",".join(SHIPPED_BY_SPARK),
    "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
    "spark.sql.shuffle.partitions": "4",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.databricks.delta.snapshotPartitions": "2",
    "spark.python.sql.dataFrameDebugging.enabled": "false",
}


@dataclass(frozen=True)
class Killed:
    """An executor that was killed with its worker, and the stages whose tasks it was at."""

    executor: str
    stages: tuple[int, ...]


@dataclass(frozen=True)
class Cluster:
    """A running cluster: the URL for its users, the driver's REST API, the workers' processes."""

    url: str
    api: str
    workers: tuple[psutil.Process, ...]

    def ask(self, path: str) -> Any:
        """The answer of the driver's REST API about its application."""
        with urllib.request.urlopen(f"{self.api}/{path}", timeout=30) as answer:
            return json.load(answer)

    def kill_in_a_stage(self, run: "subprocess.Popen[str]") -> Killed:
        """Kill a worker and its executor, as when a machine dies, while the executor holds a task of a stage.

        It must have done work before, so that what it stored for later stages is lost too. A frozen process finishes
        no task: what it holds then, it holds when it dies.
        """
        worker, executor = self._executor()
        name = _argument(executor, "--executor-id")
        while run.poll() is None:
            if self._tasks(name)["activeTasks"] and self._tasks(name)["totalShuffleWrite"]:
                executor.send_signal(signal.SIGSTOP)
                stages = self._stages_of(name)
                if stages:
                    worker.kill()
                    executor.kill()
                    return Killed(name, stages)
                executor.send_signal(signal.SIGCONT)
            time.sleep(0.02)
        raise AssertionError("the run ended before a stage could be met")

    def _executor(self) -> tuple[psutil.Process, psutil.Process]:
        """A worker and the JVM that it started for the application."""
        deadline = time.monotonic() + _SECONDS
        while time.monotonic() < deadline:
            for worker in self.workers:
                for child in worker.children(recursive=True):
                    if "--executor-id" in _arguments(child):
                        return worker, child
            time.sleep(0.2)
        raise AssertionError("no worker has an executor")

    def _tasks(self, executor: str) -> dict[str, Any]:
        return next((found for found in self.ask("executors") if found["id"] == executor), _NO_TASKS)

    def _stages_of(self, executor: str) -> tuple[int, ...]:
        """Active stages with a task that runs on the executor, told twice alike: the API may lag behind a moment."""
        seen = []
        for _ in range(2):
            time.sleep(0.3)
            stages = [
                stage["stageId"] for stage in self.ask("stages?status=active&details=true") if _runs_on(stage, executor)
            ]
            seen.append(tuple(sorted(stages)))
        return seen[0] if seen[0] == seen[1] else ()


_NO_TASKS: Final[dict[str, Any]] = {"activeTasks": 0, "totalShuffleWrite": 0}


def _runs_on(stage: dict[str, Any], executor: str) -> bool:
    return any(
        task["status"] == "RUNNING" and task["executorId"] == executor for task in stage.get("tasks", {}).values()
    )


def _arguments(process: psutil.Process) -> list[str]:
    # Launchers come and go.
    with suppress(psutil.NoSuchProcess):
        return process.cmdline()
    return []


def _argument(process: psutil.Process, name: str) -> str:
    arguments = _arguments(process)
    return arguments[arguments.index(name) + 1]


@contextmanager
def running_cluster(folder: Path) -> Iterator[Cluster]:
    """Master, two workers and Connect server, all answering; none of their processes is left afterwards."""
    conf = folder / "conf"
    conf.mkdir(parents=True)
    settings = {**_SETTINGS, "spark.jars.ivy": str(jar_cache()), "spark.local.dir": str(folder / "tmp")}
    properties = write_privately(
        conf / "connect.conf", "".join(f"{name} {value}\n" for name, value in settings.items())
    )
    with ExitStack() as stack:
        deploy = "org.apache.spark.deploy"
        ports = ("--host", LOOPBACK, "--port", "0", "--webui-port", "0")
        stack.enter_context(_running(folder, "master", "spark-class", f"{deploy}.master.Master", *ports))
        master = _said(folder, "master", r"Starting Spark master at (spark://\S+)")
        room = ("--cores", "1", "--memory", "1g", "--work-dir", str(folder / "work"))
        workers = [
            stack.enter_context(_running(folder, name, "spark-class", f"{deploy}.worker.Worker", *ports, *room, master))
            for name in ("worker-1", "worker-2")
        ]
        for name in ("worker-1", "worker-2"):
            _said(folder, name, r"(Successfully registered with master)")
        server = "org.apache.spark.sql.connect.service.SparkConnectServer"
        asked = ("--master", master, "--properties-file", str(properties), "--class", server, "spark-internal")
        stack.enter_context(_running(folder, "connect", "spark-submit", *asked))
        port = _said(folder, "connect", rf"Spark Connect server started at: {LOOPBACK}:([0-9]+)")
        ui = _said(folder, "connect", r"Successfully started service 'SparkUI' on port ([0-9]+)")
        applications = f"http://{LOOPBACK}:{ui}/api/v1/applications"
        with urllib.request.urlopen(applications, timeout=30) as answer:
            application = json.load(answer)[0]["id"]
        yield Cluster(
            f"sc://localhost:{port}/;token={TOKEN}",
            f"{applications}/{application}",
            tuple(psutil.Process(worker.pid) for worker in workers),
        )


@contextmanager
def _running(folder: Path, name: str, program: str, *arguments: str) -> "Iterator[subprocess.Popen[bytes]]":
    """One process of the cluster with its children, killed by their ids at the end."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("SPARK_", "PYSPARK_"))}
    environment |= {
        "SPARK_HOME": str(_HOME),
        "SPARK_CONF_DIR": str(folder / "conf"),
        "SPARK_LOCAL_IP": LOOPBACK,
    }
    if program == "spark-class":
        environment["SPARK_DAEMON_MEMORY"] = "256m"
    with (folder / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(
            [_HOME / "bin" / program, *arguments],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        yield process
    finally:
        children = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
        for child in children:
            with suppress(psutil.NoSuchProcess):
                child.kill()
        process.kill()
        process.wait()


def _said(folder: Path, name: str, pattern: str) -> str:
    """What a process says in its log, once it says it."""
    log = folder / f"{name}.log"
    deadline = time.monotonic() + _SECONDS
    while time.monotonic() < deadline:
        found = re.search(pattern, log.read_text(encoding="utf-8", errors="replace"))
        if found:
            return found[1]
        time.sleep(0.2)
    raise AssertionError(f"{name} did not say {pattern!r}: {log.read_text(errors='replace')[-2000:]}")
