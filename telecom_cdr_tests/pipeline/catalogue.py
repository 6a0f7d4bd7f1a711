"""Where the default reference data is."""

from pathlib import Path
from typing import Final

CATALOGUE: Final = Path(__file__).parents[2] / "sql" / "reference"
