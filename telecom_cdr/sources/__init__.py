"""Where CDRs come in. Each source yields batches of `Records`: Arrow arrays of payloads with their source positions.

Here: what a source gives to ingest. Not here: one source (`files`, `kafka`, `generator`), what the bytes mean
(`decode`), how rows and positions become a commit (`lakehouse.ingest`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

import pyarrow as pa

# What is named instead of a directory when records come from the topic; a directory of this name is `./kafka`.
KAFKA: Final = "kafka"
_TOPIC: Final = "kafka:"


def topic_source_id(cluster_id: str, name: str, topic_id: str = "") -> str:
    """The `source_id` of a topic; without a topic id, what those of all topics of this name begin with."""
    return f"{_TOPIC}{cluster_id}/{name}/{topic_id}"


def topic_of(source_id: str) -> tuple[str, str] | None:
    """Cluster id and name of the topic that a `source_id` stands for; None where it is a file's."""
    if not source_id.startswith(_TOPIC):
        return None
    cluster_id, name, _ = source_id.removeprefix(_TOPIC).rsplit("/", 2)
    return cluster_id, name


class RangeState(StrEnum):
    """What the end of a file or topic range looks like."""

    COMPLETE = "complete"
    TRUNCATED = "truncated"
    EMPTY = "empty"


@dataclass(frozen=True)
class TakenRange:
    """What is known about a file or topic range once its last record was read."""

    name: str
    first_offset: int
    byte_count: int
    is_truncated: bool


@dataclass(frozen=True)
class Records:
    """Consecutive records of one partition of a source.

    `position_key` names the position that the commit moves to `next_offset`; positions only grow. `offsets` are
    ascending and below `next_offset`, with gaps where the source holds no record (blank lines, control records).
    `is_text_start`: a byte order mark before the first payload is not part of its text.
    `completed` stands on the last records of a file or range.
    `is_stream`: the partition has no end, so that each of these is a range of its own, told by what its commit took of
    it, and its position moves even where it holds no record.
    `message_keys` and `broker_times` are a broker's, one a payload; None where the source has none.
    """

    source_id: str
    source_partition: int
    position_key: str
    first_offset: int
    next_offset: int
    offsets: pa.Int64Array
    payloads: pa.BinaryArray
    is_text_start: bool = False
    completed: TakenRange | None = None
    is_stream: bool = False
    message_keys: pa.BinaryArray | None = None
    broker_times: pa.TimestampArray | None = None


@dataclass(frozen=True)
class Problem:
    """Something that was not taken, and why."""

    name: str
    reason: str


class Source(Protocol):
    """A place that CDRs come from."""

    @property
    def problems(self) -> list[Problem]:
        """What could not be taken so far."""
        ...

    @property
    def known(self) -> list[str]:
        """Names whose content was taken before."""
        ...

    def batches(self) -> Iterator[list[Records]]:
        """Records in order; each batch is one commit and fits in memory."""
        ...
