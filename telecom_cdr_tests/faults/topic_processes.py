"""Ingests from a topic in processes of their own, of which some kill themselves at a point of their choice.

Here: what such a process runs. Not here: what must hold afterwards.
"""

import os
import resource
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final
from unittest import mock

from telecom_cdr.lakehouse import raw_writer
from telecom_cdr.lakehouse.catalog import Catalog
from telecom_cdr.lakehouse.ingest import IngestReport
from telecom_cdr.lakehouse.raw_writer import RawWriter
from telecom_cdr.sources.kafka.reader import Reader
from telecom_cdr_tests.lakehouse.raw_inputs import empty_lake
from telecom_cdr_tests.topics import Topic, take_topic

# What is called at each point, and which of its calls belongs to the third batch: raw/files has commits too.
POINTS: Final[dict[str, tuple[Any, str, int]]] = {
    "before the write": (RawWriter, "append", 3),
    "after the data files": (raw_writer, "_commit", 5),
    "after the commit": (RawWriter, "record_taken", 3),
    "before the offset commit": (Reader, "tell", 3),
}


def run(root: Path, topic: Topic, limit: int) -> None:
    """Ingest what the topic has."""
    take_topic(Catalog(root), topic, limit=limit)


def run_killed(root: Path, topic: Topic, limit: int, point: str) -> None:
    """Ingest, and be killed by kill -9 when the third batch is at the point."""
    owner, name, calls = POINTS[point]
    with mock.patch.object(owner, name, _killing(getattr(owner, name), calls)):
        run(root, topic, limit)


def peaks_of_an_ingest(root: Path, topic: Topic) -> list[int]:
    """Ingest; gives the most memory that this process ever had, in bytes, after each batch."""
    peaks: list[int] = []

    def note(_: IngestReport) -> None:
        peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)

    take_topic(empty_lake(root), topic, after_batch=note)
    return peaks


def _killing(original: Callable[..., Any], calls: int) -> Callable[..., Any]:
    left = calls

    def call(*arguments: Any, **named: Any) -> Any:
        nonlocal left
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)
        return original(*arguments, **named)

    return call
