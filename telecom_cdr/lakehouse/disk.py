"""A disk without room: how it is recognised among the errors of many libraries, and what a person is told."""

import errno
from typing import Final

DISK_FULL: Final = (
    "the disk is full or fails; every table keeps its last version: make room and run the same command again"
)
# Of the system, in what engines and `deltalake` say; of SQLite, which keeps the run history.
_SIGNS: Final = ("no space left on device", "database or disk is full", "disk i/o error")


def is_disk_full(error: BaseException) -> bool:
    """Whether an error, or one that it came from, says that nothing more can be written."""
    found: BaseException | None = error
    while found is not None:
        if isinstance(found, OSError) and found.errno == errno.ENOSPC:
            return True
        if any(sign in str(found).lower() for sign in _SIGNS):
            return True
        found = found.__cause__ or found.__context__
    return False
