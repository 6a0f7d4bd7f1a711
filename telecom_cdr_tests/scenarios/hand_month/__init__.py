"""A month in Ramadan and a month after the clock was set for good, with every rule at least once.

`reference/` and `cdrs/` are the input as files, `expected` what they must come to, worked out by hand.
"""

from pathlib import Path
from typing import Final

REFERENCE: Final = Path(__file__).parent / "reference"
CDRS: Final = Path(__file__).parent / "cdrs"
