"""Names of the systems that are compared, and where the checkout is."""

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
PRODUCT: Final = "telecom_cdr"
DUCKDB: Final = "duckdb"
POLARS: Final = "polars"
SYSTEMS: Final = (PRODUCT, DUCKDB, POLARS)
