"""Locks between processes that share a lake on one machine. The system frees a lock when its holder dies."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

LOCKS: Final = "_locks"


@contextmanager
def month_lock(root: Path, month: str, waiting: Callable[[str], None] | None = None) -> Iterator[None]:
    """Hold a billing month: a second run of the same month waits, and then finds it done.

    `waiting` is told when somebody else holds the month.
    """
    folder = root / LOCKS
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / f"{month}.lock")
    try:
        lock.acquire(blocking=False)
    except Timeout:
        if waiting:
            waiting(f"{month} is being materialised by another run; waiting for it to end")
        lock.acquire()
    try:
        yield
    finally:
        lock.release()
