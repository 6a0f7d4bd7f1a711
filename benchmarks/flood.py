"""A flood of messages: sent to a broker on this machine, and taken from it into Delta by the product's own commands.

The broker is the one that the settings name, or else one of its own, made for this and removed afterwards.
"""

import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from uuid import uuid4

from benchmarks.compare import tell
from benchmarks.machine import describe
from benchmarks.measure import Measured
from benchmarks.names import ROOT
from benchmarks.systems import load_reference, telecom_cdr
from telecom_cdr.cli.demo import last_complete_months
from telecom_cdr.lakehouse.catalog import Catalog
from telecom_cdr.settings import Settings
from telecom_cdr.tables.raw import CDRS

GOAL: Final = 100_000


def flood(work: Path, message_count: int, *, seed: int = 1) -> bool:
    """Print rate, processor seconds and peak memory of sending and of taking; False when a record is missing."""
    lake = work / "lakes" / "flood"
    shutil.rmtree(lake, ignore_errors=True)
    (month,) = last_complete_months(Settings(lake=lake), 1)
    send = ("produce", "--generate", str(message_count), "--month", month, "--seed", str(seed))
    with _broker() as environment:
        parts = {"reference": load_reference(lake)}
        for name, command in {
            "topic": ("topic", "create"),
            "produce": send,
            "ingest": ("ingest", "--from", "kafka"),
            "ingest, nothing new": ("ingest", "--from", "kafka"),
        }.items():
            parts[name] = telecom_cdr(lake, *command, **environment)
            tell(f"{name}: {parts[name].wall_seconds:.1f} s")
            if not parts[name].is_done:
                tell(parts[name].last_words)
                return False
    catalog = Catalog(lake)
    taken = sum(catalog.month_version(CDRS, each).record_count for each in catalog.months(CDRS))
    shutil.rmtree(lake, ignore_errors=True)
    sys.stdout.write(f"{as_markdown(message_count, parts)}\n")
    if taken != message_count:
        tell(f"{taken:,} records are in raw/cdrs, and not {message_count:,}")
    return taken == message_count


def as_markdown(message_count: int, parts: Mapping[str, Measured]) -> str:
    """A row a command; the last one is what an ingest costs before its first message."""
    lines = [
        f"| {message_count:,} messages | s | messages/s | processor s | processor µs a message | peak MB |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for name in ("produce", "ingest", "ingest, nothing new"):
        part = parts[name]
        row = f"| {name} | {part.wall_seconds:.1f} |"
        if name == "ingest, nothing new":
            row += f" | {part.cpu_seconds:.1f} | |"
        else:
            row += f" {message_count / part.wall_seconds:,.0f} | {part.cpu_seconds:.1f} |"
            row += f" {part.cpu_seconds / message_count * 1e6:.1f} |"
        lines.append(f"{row} {part.peak_bytes / 1e6:,.0f} |")
    taking = parts["ingest"].wall_seconds - parts["ingest, nothing new"].wall_seconds
    words = "reached" if message_count / taking >= GOAL else "not reached"
    lines += [
        "",
        f"Without the time of an ingest that finds nothing new: {message_count / taking:,.0f} messages/s into Delta "
        f"(goal {GOAL:,}: {words}).",
        *(f"- {name}: {fact}" for name, fact in describe(ROOT).items()),
    ]
    return "\n".join(lines)


@contextmanager
def _broker() -> Iterator[dict[str, str]]:
    """Settings that name a broker and a topic that is not there yet."""
    topic = {"TELECOM_CDR_KAFKA_TOPIC": f"flood-{uuid4().hex[:12]}"}
    configured = Settings().kafka_bootstrap_servers
    if configured:
        yield {**topic, "TELECOM_CDR_KAFKA_BOOTSTRAP_SERVERS": configured}
        return
    # Of the tests: the product has no broker of its own.
    from telecom_cdr_tests.kafka_server import running_broker

    with running_broker() as broker:
        yield {**topic, "TELECOM_CDR_KAFKA_BOOTSTRAP_SERVERS": broker.bootstrap}
