"""Delta tables from their declarations: made where they are missing, widened where they are older.

Not here: which tables a lake has (`catalog`), nor what they hold.
"""

from typing import Final

import pyarrow as pa
from deltalake import DeltaTable, Schema

from telecom_cdr.errors import LakeError
from telecom_cdr.lakehouse.retry import on_conflict
from telecom_cdr.tables.model import Table

# The default of 10 has a reader meet a checkpoint that was not there a moment ago: see `engines.capabilities`.
_COMMITS_A_CHECKPOINT: Final = 200


def create_table(path: str, table: Table) -> None:
    """Create one Delta table from its declaration; nothing happens where it exists.

    Statistics are kept off personal data and payloads: their minimum and maximum would stand in the log.
    """
    DeltaTable.create(
        path,
        schema=Schema.from_arrow(table.arrow_schema),
        mode="ignore",
        partition_by=list(table.partition_by),
        name=table.path,
        description=table.grain,
        configuration={
            "delta.dataSkippingStatsColumns": ",".join(table.statistics_columns),
            "delta.checkpointInterval": str(_COMMITS_A_CHECKPOINT),
        },
    )


@on_conflict
def add_columns(path: str, table: Table) -> None:
    """Add the declared columns that a table lacks; they are null in its rows. Nothing happens where none is missing.

    Raises LakeError for one that may not be null: its rows would have to be made anew.
    """
    handle = DeltaTable(path)
    there = {field.name for field in handle.schema().fields}
    missing = [column for column in table.columns if column.name not in there]
    required = [column.name for column in missing if not column.nullable]
    if required:
        raise LakeError(
            f"{table.path} at {path} is of an older version, without {', '.join(required)}: make a new lake"
        )
    if missing:
        added = pa.schema([table.arrow_schema.field(column.name) for column in missing])
        handle.alter.add_columns(Schema.from_arrow(added).fields)
