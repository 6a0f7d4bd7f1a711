"""The assurance tables: what was checked, what reconciles with what, what another engine computed alike."""

from typing import Final

from telecom_cdr.tables.model import BOOLEAN, LONG, STRING, TIMESTAMP, Column, Table, decimal
from telecom_cdr.tables.shared import BILLING_MONTH
from telecom_cdr.vocabulary import Measure

QUANTITY: Final = decimal(38, 6)

VERDICTS: Final = Table(
    layer="assurance",
    name="verdicts",
    grain="One blocking check of one table, month and version.",
    key=("table_name", "billing_month", "month_fingerprint", "check_name", "recorded_utc"),
    columns=(
        Column("table_name", STRING, "Table, `layer/name`.", nullable=False),
        Column("delta_version", LONG, "Delta version that wrote the month.", nullable=False),
        Column("month_fingerprint", STRING, "SHA-256 of the month's data files: its exact content.", nullable=False),
        Column("write_id", STRING, "Identity of the write; tables written together share it.", nullable=False),
        Column("check_name", STRING, "Name of the check.", nullable=False),
        Column("is_passed", BOOLEAN, "Whether the check passed.", nullable=False),
        Column("figures", STRING, "What was measured, as JSON.", nullable=False),
        Column("recorded_utc", TIMESTAMP, "When the check ran.", nullable=False),
        BILLING_MONTH,
    ),
)

RECONCILIATION: Final = Table(
    layer="assurance",
    name="reconciliation",
    grain="One stage and one measure: in, out, difference.",
    key=("stage", "measure", "billing_month"),
    columns=(
        Column("stage", STRING, "Which layers are compared.", nullable=False),
        Column("measure", STRING, "What is counted.", nullable=False, allowed=Measure),
        Column("quantity_in", QUANTITY, "What the stage received.", nullable=False),
        Column("quantity_out", QUANTITY, "What the stage passed on.", nullable=False),
        Column("difference", QUANTITY, "quantity_in - quantity_out; 0 but for money_rounding.", nullable=False),
        BILLING_MONTH,
    ),
)

VERIFICATIONS: Final = Table(
    layer="assurance",
    name="verifications",
    grain="One table of one month, computed again on an engine and compared with what the lake holds.",
    key=("verification_id", "table_name", "billing_month"),
    description="Rows of one verification share verification_id; the newest says what is known of a month.",
    columns=(
        Column("verification_id", STRING, "Identity of the verification.", nullable=False),
        Column("table_name", STRING, "Table, `layer/name`.", nullable=False),
        Column("delta_version", LONG, "Delta version that was compared.", nullable=False),
        Column("month_fingerprint", STRING, "SHA-256 of the month's data files: its exact content.", nullable=False),
        Column("write_id", STRING, "Identity of the write that made the month.", nullable=False),
        Column("raw_version", LONG, "Delta version of raw/cdrs that both were made from; null: no record.", minimum=0),
        Column("reference_load", STRING, "Load of the reference data that both were made from.", nullable=False),
        Column("made_on", STRING, "Engine that made the month, with its version; empty: unknown.", nullable=False),
        Column("verified_on", STRING, "Engine that computed it again, with its version.", nullable=False),
        Column("row_count", LONG, "Rows of the month in the lake.", nullable=False, minimum=0),
        Column("computed_row_count", LONG, "Rows that were computed again.", nullable=False, minimum=0),
        Column("missing_row_count", LONG, "Keys that only the second computation has.", nullable=False, minimum=0),
        Column("surplus_row_count", LONG, "Keys that only the lake has.", nullable=False, minimum=0),
        Column("differing_row_count", LONG, "Keys that both have, with other values.", nullable=False, minimum=0),
        Column("type_differences", STRING, "Columns whose types differ; empty: none.", nullable=False),
        Column("is_equal", BOOLEAN, "Whether every row and every type is equal.", nullable=False),
        Column("software_version", STRING, "Version of telecom_cdr that verified.", nullable=False),
        Column("verified_utc", TIMESTAMP, "When it was compared.", nullable=False),
        BILLING_MONTH,
    ),
)

TABLES: Final = (VERDICTS, RECONCILIATION, VERIFICATIONS)
