"""The raw layer: what was received, as it came."""

from dataclasses import replace
from typing import Final

from telecom_cdr.tables.model import BINARY, BOOLEAN, LONG, STRING, TIMESTAMP, Column, Table
from telecom_cdr.tables.shared import ARRIVAL, BILLING_MONTH, CLOCK_FLAGS, POSITION, START, USAGE_MONTH
from telecom_cdr.vocabulary import GapReason, RecordType


def _text(name: str, description: str, *, personal: bool = False) -> Column:
    return Column(name, STRING, f"{description}, text as received.", personal=personal)


# JSON name of each declared field of a CDR -> its text column in raw/cdrs.
FIELDS: Final[dict[str, Column]] = {
    "record_ID": _text("record_id", "Sender's identity of the record"),
    "record_type": _text("record_type", "Kind of record: voice, sms or data"),
    "timestamp": _text("timestamp_text", "Start time, ISO 8601"),
    "cell_id": _text("cell_id", "Cell, `CITY_NN`"),
    "technology": _text("technology", "Radio technology"),
    "caller_id": _text("caller_id", "Calling number", personal=True),
    "callee_id": _text("callee_id", "Called number", personal=True),
    "duration_sec": _text("duration_sec", "Duration of a call in seconds"),
    "sender_id": _text("sender_id", "Sending number", personal=True),
    "receiver_id": _text("receiver_id", "Receiving number", personal=True),
    "user_id": _text("user_id", "Number of the data user", personal=True),
    "data_volume_mb": _text("data_volume_mb", "Volume in MB of 1,000,000 bytes"),
    "session_duration_sec": _text("session_duration_sec", "Duration of a data session in seconds"),
    "product_code": _text("product_code", "Data product"),
    "session_id": _text("session_id", "Session that a partial record belongs to"),
    "sequence_number": _text("sequence_number", "Order of a partial record in its session"),
    "is_final": _text("is_final", "Whether a partial record is its session's last"),
    "imsi": _text("imsi", "Subscriber identity on the SIM", personal=True),
    "imei": _text("imei", "Device identity", personal=True),
    "serving_plmn": _text("serving_plmn", "Network that served the event, MCC and MNC"),
    "direction": _text("direction", "Originating (mo) or terminating (mt) leg"),
    "cause": _text("cause", "Cause of release"),
    "source_node": _text("source_node", "Network element that wrote the record"),
}

# Who is charged: the number that reaches out, abroad on a terminating leg the number reached.
ORIGINATING: Final[dict[RecordType, str]] = {
    RecordType.VOICE: "caller_id",
    RecordType.SMS: "sender_id",
    RecordType.DATA: "user_id",
}
TERMINATING: Final[dict[RecordType, str]] = {RecordType.VOICE: "callee_id", RecordType.SMS: "receiver_id"}

CDRS: Final = Table(
    layer="raw",
    name="cdrs",
    grain="One record received, lossless: the payload as it came, with its position.",
    key=("source_id", "source_partition", "source_offset"),
    retention_days=90,
    columns=(
        *POSITION,
        *ARRIVAL,
        Column("ingested_utc", TIMESTAMP, "When the record was taken.", nullable=False),
        Column("message_key", BINARY, "Key of the Kafka message; null for files.", personal=True),
        Column("broker_utc", TIMESTAMP, "Timestamp of the Kafka message; null for files."),
        Column(
            "payload",
            BINARY,
            "The bytes of the record as received; none for a Kafka message without a value.",
            nullable=False,
            personal=True,
        ),
        Column("is_well_formed", BOOLEAN, "Whether the payload is one JSON object.", nullable=False),
        Column("mistyped_fields", STRING, "Declared fields that hold an object, array or boolean, comma-separated."),
        *FIELDS.values(),
        *(replace(column, nullable=True) for column in START),
        *CLOCK_FLAGS,
        replace(USAGE_MONTH, nullable=True, description=USAGE_MONTH.description + " Null when it is unreadable."),
        BILLING_MONTH,
    ),
)

FILES: Final = Table(
    layer="raw",
    name="files",
    grain="One file or topic range taken.",
    key=("source_id", "source_partition", "first_offset"),
    retention_days=365,
    is_monthly=False,
    columns=(
        Column(
            "source_id",
            STRING,
            "SHA-256 of the file's content, or the topic (`source_id` in raw/cdrs).",
            nullable=False,
        ),
        Column("source_partition", LONG, "Partition in the source; 0 for files.", nullable=False),
        Column("first_offset", LONG, "First position taken.", nullable=False),
        Column("next_offset", LONG, "Position after the last one taken.", nullable=False),
        Column(
            "name", STRING, "Name of the file, relative to the directory given, or `topic[partition]`.", nullable=False
        ),
        Column(
            "byte_count",
            LONG,
            "Size of the content, unpacked; of the payloads for a topic.",
            nullable=False,
            unit="bytes",
        ),
        Column("record_count", LONG, "Records in the file or range.", nullable=False),
        Column("blank_line_count", LONG, "Lines, or offsets of a topic, without a record.", nullable=False),
        Column("malformed_count", LONG, "Records that are not one JSON object.", nullable=False),
        Column("longest_record_bytes", LONG, "Size of the longest record.", nullable=False, unit="bytes"),
        Column("first_event_utc", TIMESTAMP, "Earliest readable start."),
        Column("last_event_utc", TIMESTAMP, "Latest readable start."),
        Column("state", STRING, "complete, truncated (last line without an end) or empty.", nullable=False),
        Column("ingested_utc", TIMESTAMP, "When the file or range was taken.", nullable=False),
    ),
)

GAPS: Final = Table(
    layer="raw",
    name="gaps",
    grain="One range of a topic that was never taken, and that somebody accepted or nobody can take any more.",
    key=("source_id", "source_partition", "first_offset"),
    is_monthly=False,
    columns=(
        Column("source_id", STRING, "The topic (`source_id` in raw/cdrs).", nullable=False),
        Column("source_partition", LONG, "Partition of the topic.", nullable=False),
        Column("first_offset", LONG, "First position that was not taken.", nullable=False),
        Column("last_offset", LONG, "Last position that was not taken; null where nobody knows."),
        Column("name", STRING, "`topic[partition]`.", nullable=False),
        Column("reason", STRING, "Why it was not taken.", nullable=False, allowed=GapReason),
        Column("recorded_utc", TIMESTAMP, "When the gap was recorded.", nullable=False),
    ),
)

TABLES: Final = (CDRS, FILES, GAPS)
