"""What can be wrong with reference data or its database, told to users.

Here: the errors, and how one refused cell is worded. Not here: the rules that refuse (`cells`, `rules_*`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from telecom_cdr.errors import InputError, TelecomCdrError

_SHOWN: Final = 20
_LONGEST_VALUE: Final = 60


@dataclass(frozen=True)
class Refusal:
    """One reason why a file is not loaded.

    `line` counts from 1, the header; 0 means the whole file. `column` is empty for a whole line.
    `value` is the cell as it stands, masked if personal; None where there is none to show.
    """

    file: str
    line: int
    column: str
    value: str | None
    problem: str

    def __str__(self) -> str:
        where = f"{self.file}, line {self.line}" if self.line else self.file
        if not self.column:
            return f"{where}: {self.problem}"
        return f"{where}, column {self.column}{_shown(self.value)}: {self.problem}"


class ReferenceDataError(InputError):
    """A directory of CSV files is refused; nothing of it was loaded. `refusals` holds every reason."""

    def __init__(self, directory: Path, refusals: Sequence[Refusal]) -> None:
        self.refusals = tuple(sorted(set(refusals), key=lambda one: (one.file, one.line, one.column, one.problem)))
        super().__init__(_message(directory, self.refusals))


class DatabaseError(TelecomCdrError):
    """The operational database cannot be used: unreachable, unreadable, or without reference data."""


class DatabaseOutageError(DatabaseError):
    """The operational database cannot be used now, but may be soon: it is down, starting, lost, or busy."""


def masked(value: str) -> str:
    """A personal value that still lets its owner find it: the first four characters."""
    return value[:4] + "…" if len(value) > 4 else value


def _shown(value: str | None) -> str:
    if value is None:
        return ""
    return f' "{value[:_LONGEST_VALUE]}{"…" if len(value) > _LONGEST_VALUE else ""}"'


def _message(directory: Path, refusals: Sequence[Refusal]) -> str:
    if len(refusals) == 1:
        return f"{refusals[0]} (in {directory}; nothing was loaded)"
    lines = [f"{len(refusals)} refusals in {directory}; nothing was loaded:"]
    lines += [f"  {refusal}" for refusal in refusals[:_SHOWN]]
    if len(refusals) > _SHOWN:
        lines.append(f"  … and {len(refusals) - _SHOWN} more")
    return "\n".join(lines)
