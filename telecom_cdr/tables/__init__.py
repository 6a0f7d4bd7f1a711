"""Every table of the lake, declared once: one module a layer.

All schemas come from here; a layer's module holds its `TABLES`.
"""

from typing import Final

from telecom_cdr.tables import assurance, invoices, mediated, rated, raw, reference, reports
from telecom_cdr.tables.model import Table

ALL: Final[tuple[Table, ...]] = (
    *raw.TABLES,
    *mediated.TABLES,
    *rated.TABLES,
    *invoices.TABLES,
    *reports.TABLES,
    *assurance.TABLES,
    *reference.TABLES,
)
BY_PATH: Final[dict[str, Table]] = {table.path: table for table in ALL}
