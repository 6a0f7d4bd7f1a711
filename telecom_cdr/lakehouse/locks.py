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


@contextmanager
def process_lock(root: Path, name: str) -> Iterator[None]:
    """Show other processes, for as long as it is held, that this one is alive."""
    try:
        with FileLock(_process_file(root, name)):
            yield
    finally:
        _process_file(root, name).unlink(missing_ok=True)


@contextmanager
def setup_lock(root: Path) -> Iterator[None]:
    """Let one process at a time make what all of them share; the others find it made."""
    folder = root / LOCKS
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / "setup.lock"):
        yield


def is_alive(root: Path, name: str) -> bool:
    """Whether a process still holds its lock of this name."""
    file = _process_file(root, name)
    if not file.exists():
        return False
    lock = FileLock(file)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        return True
    lock.release()
    return False


def users(root: Path) -> list[str]:
    """Names of the processes' locks that are held. Files whose holder died are removed."""
    held = []
    for file in sorted((root / LOCKS).glob("process-*.lock")):
        name = file.stem.removeprefix("process-")
        if is_alive(root, name):
            held.append(name)
        else:
            file.unlink(missing_ok=True)
    return held


def _process_file(root: Path, name: str) -> Path:
    folder = root / LOCKS
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"process-{name}.lock"
