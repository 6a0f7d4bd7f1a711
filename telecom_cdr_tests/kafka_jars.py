"""The jars of the Kafka broker that tests run: fetched once for this user, with the Ivy that pyspark ships.

Run as a program (`python -m telecom_cdr_tests.kafka_jars`, by `make test`) it fetches them. Not here: the broker.
"""

import subprocess
import sys
from pathlib import Path
from typing import Final

import pyspark
from filelock import FileLock

from telecom_cdr.errors import EngineError, TelecomCdrError
from telecom_cdr.lakehouse.engines.configuration import jar_cache
from telecom_cdr.lakehouse.engines.java import find_java
from telecom_cdr_tests.requirements import miss

KAFKA: Final = ("org.apache.kafka", "kafka_2.13", "4.3.1")
_SHIPPED: Final = Path(pyspark.__file__).parent / "jars"
# Kafka is packaged without a logger: these, which Spark ships, go before its own older facade.
_LOGGER: Final = ("slf4j-api-*.jar", "log4j-slf4j2-impl-*.jar")
_SECONDS: Final = 600


def folder() -> Path:
    """Where the jars are, once they were fetched."""
    return jar_cache().parent / f"kafka-{KAFKA[2]}"


def are_here() -> bool:
    """Whether they were fetched: the folder gets its name when the last of them is in it."""
    return folder().is_dir()


def class_path() -> str:
    """What Java needs to run the broker and its tools."""
    loggers = [str(path) for pattern in _LOGGER for path in _SHIPPED.glob(pattern)]
    return ":".join([*loggers, f"{folder()}/*"])


def fetch() -> None:
    """Fetch them unless they are here; EngineError where there is no Java or they cannot be had."""
    jar_cache().mkdir(parents=True, exist_ok=True)
    with FileLock(f"{folder()}.lock"):
        if are_here():
            return
        (ivy,) = _SHIPPED.glob("ivy-*.jar")
        unfinished = folder().with_suffix(".unfinished")
        command = [str(find_java().program), "-jar", str(ivy), "-warn", "-cache", str(jar_cache() / "cache")]
        # Some of the libraries call their jar a bundle.
        command += ["-dependency", *KAFKA, "-confs", "default", "-types", "jar", "bundle", "-sync"]
        command += ["-retrieve", f"{unfinished}/[organization]_[artifact]-[revision].[ext]"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)
        if done.returncode or not list(unfinished.glob("*.jar")):
            said = [line.strip() for line in (done.stdout + done.stderr).splitlines() if line.strip(" .:\t")]
            raise EngineError(f"the jars of {':'.join(KAFKA)} cannot be fetched: {' '.join(said)[-300:]}")
        unfinished.rename(folder())


def require_kafka() -> None:
    """Skip where there is no Java or no jars of Kafka; fail where every service must be there."""
    missing = ""
    try:
        find_java()
        if not are_here():
            missing = "the jars of Kafka are not here: run `python -m telecom_cdr_tests.kafka_jars`"
    except EngineError as error:
        missing = f"Kafka runs on the same Java: {error}"
    if missing:
        miss(missing)


if __name__ == "__main__":
    try:
        fetch()
    except TelecomCdrError as error:
        # The tests that need them say so too.
        print(f"tests with a real Kafka are left out: {error}", file=sys.stderr)
