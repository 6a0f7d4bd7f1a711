"""The staging tables of mediation: what stands between the one evaluation of the rules and the five outputs.

They live for one run and are no tables of the lake: they stand beside `tables.ALL`, not in it.
"""

from dataclasses import replace
from typing import Final

from telecom_cdr.tables.mediated import CDR_ID, DATA, DUPLICATES, QUARANTINE, SOURCE_NODE, VOICE
from telecom_cdr.tables.model import STRING, Column, Table
from telecom_cdr.tables.raw import FIELDS
from telecom_cdr.tables.shared import ARRIVAL, BILLING_MONTH, CLOCK_FLAGS, POSITION, RECORD_ID, START, USAGE_MONTH

_FIRST: Final = (
    *POSITION,
    *ARRIVAL,
    QUARANTINE.column("ingested_utc"),
    replace(CDR_ID, nullable=True, description=CDR_ID.description + " Null unless the record is valid."),
    replace(RECORD_ID, nullable=True),
    SOURCE_NODE,
    replace(FIELDS["record_type"], nullable=True),
    Column("reasons", STRING, "Every reason against the record, comma-separated; null when it is valid."),
    replace(QUARANTINE.column("disposition"), nullable=True),
    *(replace(column, nullable=True) for column in START),
    *CLOCK_FLAGS,
)
_LAST: Final = (replace(USAGE_MONTH, nullable=True), BILLING_MONTH)
# One duration serves calls and sessions; what an output states as a constant is not staged.
_NOT_STAGED: Final = {column.name for column in (*_FIRST, *_LAST)} | {"session_duration_seconds", "message_count"}
_FIELDS: Final = {
    column.name: replace(column, nullable=True, minimum=None)
    for table in (VOICE, DATA)
    for column in table.columns
    if column.name not in _NOT_STAGED
}

NORMALISED: Final = Table(
    layer="_staging",
    name="normalised",
    grain="One raw record of a month: its normalised fields and the reasons against it.",
    key=("source_id", "source_partition", "source_offset"),
    columns=(*_FIRST, *_FIELDS.values(), *_LAST),
)

COPIES: Final = Table(
    layer="_staging",
    name="copies",
    grain="One record of a month that repeats another: its position, and that of the record kept.",
    key=("source_id", "source_partition", "source_offset"),
    columns=(
        *POSITION,
        *(DUPLICATES.column(f"kept_{column.name}") for column in POSITION),
        DUPLICATES.column("is_conflicting"),
        BILLING_MONTH,
    ),
)
