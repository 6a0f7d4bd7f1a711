"""Data sessions and the partial records that the network cuts them into at the quota."""

from dataclasses import dataclass

import numpy as np

from telecom_cdr.sources.generator.calendar import Flags, Ints
from telecom_cdr.sources.generator.mix import (
    LARGEST_SESSION_BYTES,
    LONGEST_SESSION_SECONDS,
    QUOTA_BYTES,
    SESSION_MU,
    SESSION_SECONDS_MU,
    SESSION_SECONDS_SIGMA,
    SESSION_SIGMA,
)


@dataclass(frozen=True)
class Sessions:
    """Records of data sessions, in order of session and part; seconds and parts are of the whole session."""

    session: Ints  # of each record, from 0
    part: Ints  # of each record, from 0
    part_count: Ints  # of each record's session
    volume_bytes: Ints  # of each record
    session_seconds: Ints  # of each session

    @property
    def is_partial(self) -> Flags:
        """Records of a session that was cut."""
        return np.greater(self.part_count, 1)

    @property
    def is_final(self) -> Flags:
        """Last records of their sessions."""
        return np.equal(self.part, self.part_count - 1)


def draw_sessions(rng: np.random.Generator, record_count: int) -> Sessions:
    """As many sessions as make exactly `record_count` records; the last one ends where the records do."""
    megabytes = rng.lognormal(SESSION_MU, SESSION_SIGMA, record_count)
    volume = np.minimum(np.maximum(megabytes * 1_000_000, 1), LARGEST_SESSION_BYTES).astype(np.int64)
    parts = -(-volume // QUOTA_BYTES)
    ends = np.cumsum(parts)
    session_count = int(np.searchsorted(ends, record_count, side="left")) + 1 if record_count else 0
    parts, volume = parts[:session_count].copy(), volume[:session_count]
    if session_count:
        parts[-1] -= ends[session_count - 1] - record_count
        volume = np.minimum(volume, parts * QUOTA_BYTES)
    session = np.repeat(np.arange(session_count), parts)
    part = np.arange(record_count) - np.repeat(np.cumsum(parts) - parts, parts)
    part_count = parts[session]
    is_last = part == part_count - 1
    seconds = rng.lognormal(SESSION_SECONDS_MU, SESSION_SECONDS_SIGMA, session_count) * np.sqrt(parts)
    return Sessions(
        session=session,
        part=part,
        part_count=part_count,
        volume_bytes=np.where(is_last, volume[session] - part * QUOTA_BYTES, QUOTA_BYTES),
        session_seconds=np.minimum(seconds, LONGEST_SESSION_SECONDS).astype(np.int64),
    )
