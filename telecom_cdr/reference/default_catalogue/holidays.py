"""Public holidays of Morocco in the default catalogue.

Those of the moon's calendar are declared a day ahead: years to come hold the expected days.
"""

from collections.abc import Iterator
from typing import Final

_YEARS: Final = range(2023, 2028)
# Month and day, first year, name.
_EVERY_YEAR: Final = (
    ("01-01", 0, "New Year"),
    ("01-11", 0, "Independence Manifesto"),
    ("01-14", 2024, "Amazigh New Year"),
    ("05-01", 0, "Labour Day"),
    ("07-30", 0, "Throne Day"),
    ("08-14", 0, "Oued Ed-Dahab Day"),
    ("08-20", 0, "Revolution of the King and the People"),
    ("08-21", 0, "Youth Day"),
    ("10-31", 2025, "Unity Day"),
    ("11-06", 0, "Green March"),
    ("11-18", 0, "Independence Day"),
)
_BY_THE_MOON: Final = (
    ("Eid al-Fitr", "2023-04-22 2023-04-23 2024-04-10 2024-04-11 2025-03-31 2025-04-01 2026-03-20 2026-03-21"),
    ("Eid al-Fitr", "2027-03-10 2027-03-11"),
    ("Eid al-Adha", "2023-06-29 2023-06-30 2024-06-17 2024-06-18 2025-06-07 2025-06-08 2026-05-27 2026-05-28"),
    ("Eid al-Adha", "2027-05-17 2027-05-18"),
    ("Hijri New Year", "2023-07-19 2024-07-08 2025-06-27 2026-06-17 2027-06-06"),
    ("Birth of the Prophet", "2023-09-28 2023-09-29 2024-09-16 2024-09-17 2025-09-05 2025-09-06 2026-08-26 2026-08-27"),
    ("Birth of the Prophet", "2027-08-15 2027-08-16"),
)


def holidays() -> Iterator[dict[str, str]]:
    """Rows of holidays.csv, by date."""
    fixed = [(f"{year}-{day}", name) for year in _YEARS for day, first, name in _EVERY_YEAR if year >= first]
    moving = [(day, name) for name, days in _BY_THE_MOON for day in days.split()]
    for day, name in sorted(fixed + moving):
        yield {"date": day, "name": name}
