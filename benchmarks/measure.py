"""One command as a process of its own: wall seconds, CPU seconds and peak memory of it and everything it starts.

Not here: what is run (`systems`), what is made of the figures (`results`).
"""

import os
import resource
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

_SAMPLE_SECONDS: Final = 0.05
_SHOWN_BYTES: Final = 2_000


@dataclass(frozen=True)
class Measured:
    """What a command took: `peak_bytes` is the greatest resident memory of the process tree at one moment."""

    exit_code: int
    wall_seconds: float
    cpu_seconds: float
    peak_bytes: int
    last_words: str = ""

    @property
    def is_done(self) -> bool:
        """Whether it ended well."""
        return self.exit_code == 0


def measure(command: Sequence[str], *, cwd: Path, environment: Mapping[str, str] | None = None) -> Measured:
    """Run a command to its end. One at a time: CPU is counted over all children of this process."""
    before = _cpu_of_children()
    started = time.perf_counter()
    with subprocess.Popen(
        list(command),
        cwd=cwd,
        env={**os.environ, **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        sampler = _PeakSampler(process.pid)
        sampler.start()
        output, _ = process.communicate()
        wall = time.perf_counter() - started
        sampler.stop()
    return Measured(
        exit_code=process.returncode,
        wall_seconds=wall,
        cpu_seconds=_cpu_of_children() - before,
        peak_bytes=sampler.peak_bytes,
        last_words=output.decode("utf-8", "replace")[-_SHOWN_BYTES:].strip(),
    )


def together(parts: Sequence[Measured]) -> Measured:
    """Commands that ran one after the other, as one."""
    failed = next((part for part in parts if not part.is_done), None)
    return Measured(
        exit_code=failed.exit_code if failed else 0,
        wall_seconds=sum(part.wall_seconds for part in parts),
        cpu_seconds=sum(part.cpu_seconds for part in parts),
        peak_bytes=max((part.peak_bytes for part in parts), default=0),
        last_words=failed.last_words if failed else "",
    )


def _cpu_of_children() -> float:
    """User and system seconds of all children that ended, with theirs."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


class _PeakSampler(threading.Thread):
    """Adds up the resident memory of a process tree, again and again, and keeps the greatest sum.

    The kernel's own high-water mark of each process is used too: a short peak between samples is not missed in the
    process that has it.
    """

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self._is_over = threading.Event()
        self.peak_bytes = 0

    def run(self) -> None:
        while not self._is_over.wait(_SAMPLE_SECONDS):
            self._sample()

    def stop(self) -> None:
        """End sampling."""
        self._is_over.set()
        self.join()

    def _sample(self) -> None:
        try:
            root = psutil.Process(self._pid)
            members = [root, *root.children(recursive=True)]
        except psutil.Error:
            return
        total = 0
        for member in members:
            try:
                total += member.memory_info().rss
            except psutil.Error:
                # It ended between the listing and the question.
                continue
        self.peak_bytes = max(self.peak_bytes, total, _high_water_mark(self._pid))


def _high_water_mark(pid: int) -> int:
    """The most resident memory that one process has had, in bytes; 0 where the system does not say."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), 0)
