"""The assurance tables: what was checked, and what reconciles with what."""

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

TABLES: Final = (VERDICTS, RECONCILIATION)
