"""When a Delta commit lost to another writer, and how it is tried again."""

from typing import Final

from tenacity import retry, retry_if_exception, stop_after_attempt, wait_random_exponential

ATTEMPTS: Final = 12
_SIGNS: Final = (
    "conflict",
    "concurrent",
    "version already exists",
    "already exists in the log",
    "commit failed",
    "failed to commit",
    # The embedded engine, where a checkpoint was written between two of its looks at the log.
    "missing commit file",
)


def is_conflict(error: BaseException) -> bool:
    """Whether an error of an engine or of `deltalake` says that another commit came first."""
    text = f"{type(error).__name__} {error}".lower()
    return any(sign in text for sign in _SIGNS)


on_conflict = retry(
    retry=retry_if_exception(is_conflict),
    wait=wait_random_exponential(multiplier=0.05, max=2),
    stop=stop_after_attempt(ATTEMPTS),
    reraise=True,
)
