"""The configuration of the local engines: every setting, with its reason.

Here: values and the files that hold them. Not here: processes (`keeper`, `server`).
"""

import hashlib
import json
import os
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final, NamedTuple

import psutil

from telecom_cdr import __version__
from telecom_cdr.settings import Settings

DELTA: Final = "io.delta:delta-spark_4.2_2.13:4.4.0"
# Of what Delta asks for, Spark ships newer versions: 14 MB are fetched instead of 90, and no class is there twice.
SHIPPED_BY_SPARK: Final = (
    "com.fasterxml.jackson.core:*",
    "com.github.luben:*",
    "com.google.code.findbugs:*",
    "commons-logging:*",
    "commons-pool:*",
    "io.airlift:*",
    "org.apache.hadoop:*",
    "org.apache.logging.log4j:*",
    "org.apache.parquet:*",
    "org.locationtech.jts:*",
    "org.roaringbitmap:*",
    "org.slf4j:*",
    "org.xerial.snappy:*",
)
LOOPBACK: Final = "127.0.0.1"
PROPERTIES: Final = "spark-defaults.conf"
_GIB: Final = 2**30
SESSION_SECONDS: Final = 365 * 86400
_CGROUP_LIMIT: Final = Path("/sys/fs/cgroup/memory.max")
# Warnings go to the log, and the one line that names the port.
_LOGGING: Final = """\
rootLogger.level = warn
rootLogger.appenderRef.stderr.ref = stderr
appender.stderr.type = Console
appender.stderr.name = stderr
appender.stderr.target = SYSTEM_ERR
appender.stderr.layout.type = PatternLayout
appender.stderr.layout.pattern = %d{yyyy-MM-dd HH:mm:ss} %p %c{1}: %m%n%ex
logger.server.name = org.apache.spark.sql.connect.service.SparkConnectServer
logger.server.level = info
# Says for every plan that it is long.
logger.strings.name = org.apache.spark.sql.catalyst.util.SparkStringUtils
logger.strings.level = error
"""


class Setting(NamedTuple):
    """One setting of Spark, and why it has this value."""

    name: str
    value: str
    reason: str


@dataclass(frozen=True)
class LocalSpark:
    """What a local server is asked for: where its files are, its heap (`2g`), its cores, when it stops by itself.

    `idle_seconds` 0: never.
    """

    folder: Path
    driver_memory: str
    cores: int
    idle_seconds: float

    @classmethod
    def of(cls, settings: Settings) -> "LocalSpark":
        """What an installation's settings ask for; sized from the machine where they are silent."""
        return cls(
            folder=settings.spark_state,
            driver_memory=settings.spark_driver_memory or f"{driver_gib(machine_bytes())}g",
            cores=usable_cores(),
            idle_seconds=settings.spark_idle_minutes * 60,
        )

    @property
    def fingerprint(self) -> str:
        """SHA-256 of everything that a running server would have to be started anew for."""
        values = {setting.name: setting.value for setting in spark_settings(self)}
        return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()

    @property
    def description(self) -> str:
        """What makes one server differ from another, for people."""
        return (
            f"telecom-cdr {__version__}, Spark {version('pyspark')}, Delta {DELTA.rpartition(':')[2]}, "
            f"{self.cores} cores, {self.driver_memory} of memory, configuration {self.fingerprint[:8]}"
        )


def machine_bytes() -> int:
    """Memory of this machine, or of the container, in bytes."""
    total = int(psutil.virtual_memory().total)
    try:
        limit = _CGROUP_LIMIT.read_text(encoding="ascii").strip()
    except OSError:
        return total
    return min(total, int(limit)) if limit.isdigit() else total


def driver_gib(memory_bytes: int) -> int:
    """Driver memory in GiB for a machine: a quarter of it, at least 2, at most 8."""
    return max(2, min(8, memory_bytes // (4 * _GIB)))


def prepare_embedded(settings: Settings) -> None:
    """Set what the embedded engine reads from its environment as it starts: its memory, and how long a session lives.

    The memory of its sorts, groups and joins is a quarter of the machine, at least 1 GiB, unless set. Sorts and
    groups share it evenly and go on on the disk; a join whose smaller side is above it fails, and says so. Buffers of
    files being written come on top. A session lives until it is stopped: it holds staged rows, and is idle for as
    long as a large ingest reads.
    """
    os.environ["SAIL_SPARK__SESSION_TIMEOUT_SECS"] = str(SESSION_SECONDS)
    asked = settings.embedded_memory or f"{max(1, machine_bytes() // (4 * _GIB))}g"
    os.environ["SAIL_RUNTIME__MEMORY_POOL__TYPE"] = "fair"
    os.environ["SAIL_RUNTIME__MEMORY_POOL__FAIR__MAX_SIZE"] = str(bytes_of(asked))


def bytes_of(amount: str) -> int:
    """An amount of memory as settings state it, `4g` or `1500m`, in bytes."""
    return int(amount[:-1]) * (_GIB if amount.endswith("g") else _GIB // 1024)


def usable_cores() -> int:
    """Cores that this process may use."""
    # Not everywhere does the system bind a process to some of them.
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def jar_cache() -> Path:
    """Where Spark's own resolver keeps what it fetched; Java would look for a home that a service may not have."""
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "telecom_cdr" / "ivy"


def fetched_jar() -> Path:
    """Delta's jar, once it was fetched."""
    return jar_cache() / "jars" / f"{DELTA.replace(':', '_', 1).replace(':', '-')}.jar"


def spark_settings(asked: LocalSpark) -> list[Setting]:
    """Every setting of the local server, less its token."""
    files = asked.folder
    own_files = f"-Djava.io.tmpdir={files / 'tmp'} -Dderby.system.home={files}"
    return [
        Setting("spark.master", f"local[{asked.cores}]", "driver and executor are one JVM"),
        Setting("spark.app.name", "telecom-cdr", "its name in logs"),
        Setting("spark.driver.memory", asked.driver_memory, "a quarter of the machine, 2 to 8 GiB, unless set"),
        Setting(
            "spark.driver.extraJavaOptions",
            f"-XX:+UseParallelGC -XX:MetaspaceSize=256m -Duser.timezone=UTC {own_files}",
            "throughput counts, not pauses; no full collection at each step of the room for generated classes; "
            "one zone in every layer; no files in the working directory",
        ),
        Setting("spark.driver.host", LOOPBACK, "nothing listens beyond this machine"),
        Setting("spark.driver.bindAddress", LOOPBACK, "nothing listens beyond this machine"),
        Setting("spark.connect.grpc.binding.address", LOOPBACK, "nothing listens beyond this machine"),
        Setting("spark.connect.grpc.binding.port", "0", "a free port, chosen by the system: no race for it"),
        Setting("spark.ui.enabled", "false", "a web server that nobody asked for"),
        Setting("spark.jars.packages", DELTA, "the version that fits this Spark"),
        Setting("spark.jars.ivy", str(jar_cache()), "fetched once for this user"),
        Setting("spark.jars.excludes", ",".join(SHIPPED_BY_SPARK), "Spark ships them"),
        Setting("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension", "Delta"),
        Setting("spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog", "Delta"),
        Setting("spark.local.dir", str(files / "tmp"), "spills go beside the other files of the server"),
        Setting("spark.sql.warehouse.dir", str(files / "warehouse"), "never in the working directory"),
        Setting("spark.sql.session.timeZone", "UTC", "engines only ever see UTC"),
        Setting("spark.sql.ansi.enabled", "true", "an overflow is an error, not a null"),
        Setting(
            "spark.python.sql.dataFrameDebugging.enabled", "false", "the client would walk its stack at every call"
        ),
        Setting("spark.sql.adaptive.enabled", "true", "joins and partitions are chosen by measured sizes"),
        Setting(
            "spark.sql.shuffle.partitions",
            str(4 * asked.cores),
            "a few for each core, so that they share evenly; adaptive execution joins small ones",
        ),
        Setting(
            "spark.sql.parquet.outputTimestampType",
            "TIMESTAMP_MICROS",
            "the default, INT96, is read by few, and has no statistics",
        ),
        Setting(
            "spark.databricks.delta.snapshotPartitions",
            "2",
            "a log of some hundred entries: the default of 50 tasks for each read of it costs more than the read",
        ),
    ]


def write_configuration(asked: LocalSpark, token: str) -> Path:
    """Write Spark's own files, readable by this user only; gives the properties file."""
    for name in ("tmp", "warehouse", "conf"):
        (asked.folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)
    (asked.folder / "conf" / "log4j2.properties").write_text(_LOGGING, encoding="utf-8")
    lines = [f"# {setting.reason}\n{setting.name} {setting.value}\n" for setting in spark_settings(asked)]
    lines.append(
        f"# who may use this server: the user who can read this file\nspark.connect.authenticate.token {token}\n"
    )
    return write_privately(asked.folder / "conf" / PROPERTIES, "".join(lines))


def write_privately(path: Path, text: str) -> Path:
    """Replace a file by one that only this user can read; readers see the old one or the new one."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    return unfinished.replace(path)
