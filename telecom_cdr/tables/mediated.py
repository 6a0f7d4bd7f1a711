"""The mediated layer: valid, normalised, unique usage events, and what was set aside."""

from dataclasses import replace
from typing import Final

from telecom_cdr.tables.model import BINARY, BOOLEAN, INTEGER, LONG, STRING, TIMESTAMP, Column, Table
from telecom_cdr.tables.shared import ARRIVAL, BILLING_MONTH, CLOCK_FLAGS, POSITION, RECORD_ID, START, USAGE_MONTH
from telecom_cdr.vocabulary import Disposition, RecordType, Technology, TrafficClass

CDR_ID: Final = Column(
    "cdr_id", STRING, "Identity of the event: SHA-256 of source node, record ID and usage month.", nullable=False
)
SOURCE_NODE: Final = Column("source_node", STRING, "Network element that wrote the record.")
SERVED_MSISDN: Final = Column(
    "served_msisdn", STRING, "Charged subscriber, E.164 digits.", nullable=False, personal=True
)

_IDENTITY: Final = (CDR_ID, RECORD_ID, SOURCE_NODE, *POSITION, *ARRIVAL)
_CONTEXT: Final = (
    Column("technology", STRING, "Radio generation.", nullable=False, allowed=Technology),
    Column("cell_id", STRING, "Cell, `CITY_NN`, or UNKNOWN.", nullable=False),
    Column("session_id", STRING, "Session that a partial record belongs to."),
    Column("sequence_number", LONG, "Order of a partial record in its session."),
    Column("is_final", BOOLEAN, "Whether a partial record is its session's last."),
    Column("imsi", STRING, "Subscriber identity on the SIM.", personal=True),
    Column("imei", STRING, "Device identity.", personal=True),
    Column("serving_plmn", STRING, "Network that served the event: MCC and MNC digits, as received when unreadable."),
    Column("is_roaming", BOOLEAN, "Served by a network outside the home country.", nullable=False),
    Column("cause", STRING, "Cause of release."),
    Column("warnings", STRING, "Rules of severity warn that the record failed, comma-separated."),
)
_CALLED: Final = (
    Column("called_number", STRING, "E.164 digits, or a short code as dialled.", nullable=False, personal=True),
    Column("is_short_code", BOOLEAN, "The called number is a short code.", nullable=False),
    Column("traffic_class", STRING, "Kind of destination.", nullable=False, allowed=TrafficClass),
    Column("number_range", STRING, "Prefix of the numbering plan that decided the class.", nullable=False),
)
_DURATION: Final = Column("duration_seconds", LONG, "Answer to release.", nullable=False, unit="s", minimum=1)
_VOLUME: Final = Column("volume_bytes", LONG, "Bytes moved, both ways.", nullable=False, unit="bytes", minimum=0)


def _events(name: str, grain: str, *specific: Column) -> Table:
    return Table(
        layer="mediated",
        name=name,
        grain=grain,
        key=("cdr_id",),
        retention_days=90,
        columns=(
            *_IDENTITY,
            SERVED_MSISDN,
            *START,
            *CLOCK_FLAGS,
            *specific,
            *_CONTEXT,
            USAGE_MONTH,
            BILLING_MONTH,
        ),
    )


VOICE: Final = _events("voice", "One billable voice call.", *_CALLED, _DURATION)
SMS: Final = _events(
    "sms",
    "One billable text message.",
    *_CALLED,
    Column("message_count", LONG, "Messages; always 1.", nullable=False, unit="messages", minimum=1),
)
DATA: Final = _events(
    "data",
    "One billable data session, or part of one.",
    replace(_DURATION, name="session_duration_seconds", description="Length of the session.", minimum=0),
    _VOLUME,
    Column("product_code", STRING, "Data product as reported by the network."),
)

QUARANTINE: Final = Table(
    layer="mediated",
    name="quarantine",
    grain="One record refused or not billable, with every reason and its payload.",
    key=("source_id", "source_partition", "source_offset"),
    retention_days=90,
    columns=(
        *POSITION,
        *ARRIVAL,
        replace(RECORD_ID, nullable=True),
        Column("record_type", STRING, "Kind of record as received."),
        Column("disposition", STRING, "refused or not_billable.", nullable=False, allowed=Disposition),
        Column("reasons", STRING, "Every reason, comma-separated, in the order of the rules.", nullable=False),
        Column("payload", BINARY, "The bytes of the record as received.", nullable=False, personal=True),
        replace(START[0], nullable=True),
        Column("ingested_utc", TIMESTAMP, "When the record was taken.", nullable=False),
        replace(USAGE_MONTH, nullable=True),
        BILLING_MONTH,
    ),
)

DUPLICATES: Final = Table(
    layer="mediated",
    name="duplicates",
    grain="One record already seen, pointing at the record kept.",
    key=("source_id", "source_partition", "source_offset"),
    retention_days=90,
    columns=(
        CDR_ID,
        RECORD_ID,
        SOURCE_NODE,
        *POSITION,
        *ARRIVAL,
        Column("record_type", STRING, "Kind of record.", nullable=False, allowed=RecordType),
        Column("kept_source_id", STRING, "Source of the record kept.", nullable=False),
        Column("kept_source_partition", INTEGER, "Partition of the record kept.", nullable=False),
        Column("kept_source_offset", LONG, "Position of the record kept.", nullable=False),
        Column("is_conflicting", BOOLEAN, "Its normalised fields differ from the record kept.", nullable=False),
        START[0],
        USAGE_MONTH,
        BILLING_MONTH,
    ),
)

EVENT_TABLES: Final = {RecordType.VOICE: VOICE, RecordType.SMS: SMS, RecordType.DATA: DATA}
TABLES: Final = (VOICE, SMS, DATA, QUARANTINE, DUPLICATES)
