"""Reference data while it is drawn."""

from calendar import monthrange
from dataclasses import dataclass, field
from random import Random

from telecom_cdr_tests.builders import Cells


@dataclass
class Draft:
    """Rows by table, and chance."""

    random: Random
    month: str
    rows: dict[str, list[Cells]] = field(default_factory=dict)

    def add(self, table: str, **cells: str) -> None:
        self.rows.setdefault(table, []).append(cells)

    def maybe(self, probability: float) -> bool:
        return self.random.random() < probability

    def day(self, earliest: int = 2) -> str:
        """A day of the month, so that something changes within it."""
        year, month = (int(part) for part in self.month.split("-"))
        return f"{self.month}-{self.random.randint(earliest, monthrange(year, month)[1]):02d}"
