"""How far ingest is behind a topic: records, seconds, and the time left before the broker deletes what was not read.

Here: measuring it. Not here: positions (`lakehouse.kafka_positions`), where it is shown (`defs.raw`, `cli.ingest`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from telecom_cdr.sources.kafka.reader import Limits, OutOfRangeError, Reader
from telecom_cdr.sources.kafka.stream import Bounds, Identity, Stream


@dataclass(frozen=True)
class PartitionLag:
    """One partition: where ingest is, what the broker has, and the timestamp of the first record not read."""

    partition: int
    position: int
    bounds: Bounds
    oldest: datetime | None

    @property
    def record_count(self) -> int:
        """Offsets not read that the broker has; markers are among them."""
        return max(0, self.bounds.end - max(self.position, self.bounds.first))

    @property
    def lost_count(self) -> int:
        """Offsets not read that the broker no longer has."""
        return max(0, self.bounds.first - self.position)


@dataclass(frozen=True)
class Lag:
    """A topic at one moment. `seconds`: age of the oldest record not read, 0 where all are.

    `seconds_left`: until the broker may delete it; None where nothing waits, or no time limits it.
    """

    identity: Identity
    partitions: tuple[PartitionLag, ...]
    seconds: float
    seconds_left: float | None

    @property
    def record_count(self) -> int:
        """Offsets not read that the broker has."""
        return sum(each.record_count for each in self.partitions)

    @property
    def lost_count(self) -> int:
        """Offsets not read that the broker no longer has."""
        return sum(each.lost_count for each in self.partitions)

    def in_words(self) -> str:
        """The same for people, in one line."""
        words = f"{self.identity.name}: {self.record_count:,} records behind"
        if self.seconds:
            words += f", the oldest {_duration(self.seconds)} old"
        if self.seconds_left is not None:
            words += f", kept for another {_duration(self.seconds_left)} at least"
        return words + (f"; {self.lost_count:,} were deleted before they were read" if self.lost_count else "")


def measure_lag(
    stream: Stream, reader: Reader, positions: Mapping[int, int], bounds: Mapping[int, Bounds], now: datetime
) -> Lag:
    """Compare positions with bounds; reads one record of each partition that has some to read."""
    partitions = tuple(
        PartitionLag(partition, positions[partition], bound, _oldest(reader, partition, positions[partition], bound))
        for partition, bound in sorted(bounds.items())
    )
    waiting = [each.oldest for each in partitions if each.oldest is not None]
    if not waiting:
        return Lag(stream.identity, partitions, 0.0, None)
    age = max(0.0, (now - min(waiting)).total_seconds())
    kept = stream.retention_seconds()
    return Lag(stream.identity, partitions, age, None if kept is None else max(0.0, kept - age))


def _oldest(reader: Reader, partition: int, position: int, bound: Bounds) -> datetime | None:
    first = max(position, bound.first)
    if first >= bound.end:
        return None
    reader.go_to(partition, first)
    try:
        times = reader.take(bound.end, Limits(record_count=1)).times()
    except OutOfRangeError:
        # Deleted just now: the next look finds another one.
        return None
    oldest: datetime | None = times[0].as_py() if len(times) else None
    return oldest


def _duration(seconds: float) -> str:
    for unit, size in (("days", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.0f} s"
