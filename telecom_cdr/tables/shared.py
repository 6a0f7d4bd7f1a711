"""Columns that several layers carry unchanged: months, positions, instants."""

from typing import Final

from telecom_cdr.tables.model import BOOLEAN, DATE, INTEGER, LONG, STRING, TIMESTAMP, Column

BILLING_MONTH: Final = Column(
    "billing_month", STRING, "Month that bills the row, `YYYY-MM`; the partition.", nullable=False
)
USAGE_MONTH: Final = Column(
    "usage_month", STRING, "Operator's local month of the event's start, `YYYY-MM`.", nullable=False
)
RECORD_ID: Final = Column("record_id", STRING, "The sender's identity of the record (`record_ID`).", nullable=False)

POSITION: Final = (
    Column(
        "source_id",
        STRING,
        "Where the record came from: SHA-256 of a file's content, or `kafka:cluster id/topic/topic id`.",
        nullable=False,
    ),
    Column("source_partition", INTEGER, "Partition in the source; 0 for files.", nullable=False),
    Column("source_offset", LONG, "Position in the partition; for files the line, from 0.", nullable=False),
)
ARRIVAL: Final = (
    Column("ingest_commit", LONG, "Number of the ingest commit; grows with time.", nullable=False),
    Column("source_sequence", INTEGER, "Order of the source within its ingest commit.", nullable=False),
)
START: Final = (
    Column("event_start_utc", TIMESTAMP, "Start (answer) time.", nullable=False),
    Column("utc_offset_seconds", INTEGER, "Offset of local time from UTC at the start.", nullable=False, unit="s"),
    Column("usage_date", DATE, "Operator's local date of the start.", nullable=False),
)
CLOCK_FLAGS: Final = (
    Column("is_ambiguous_time", BOOLEAN, "Local time fell in a repeated hour; the first was taken.", nullable=False),
    Column("is_shifted_time", BOOLEAN, "Local time fell in a missing hour; shifted forward.", nullable=False),
)
