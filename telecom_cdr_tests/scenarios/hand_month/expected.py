"""What the hand-calculated months must come to: no number here was computed by a program.

The data is in `reference/` and `cdrs/`, every record called by its record_ID. 2026-02 has most of it: until 02-15
02:00Z the local time is UTC+1, then (Ramadan) UTC+0. 2026-10 lies after 2026-09-20, when UTC+0 came for good; its tax
is that of its last day, 10 %. Records without a credible start belong to the month in which they are ingested:
`INGEST`, which is neither, as both have to be over by then (else their records would be of the future).
Charges and invoices stand in `expected_charges` and `expected_invoices`.
"""

from typing import Final, NamedTuple

INGEST: Final = "the month of ingest"
MONTHS: Final = ("2026-02", "2026-10")

A: Final = "a_february.jsonl"
B: Final = "b_copies_and_faults.jsonl"
C: Final = "c_october.jsonl"

Position = tuple[str, int]


class Place(NamedTuple):
    """Where a record ends, in which billing month, and why when it is refused or not billable."""

    table: str
    billing_month: str = "2026-02"
    reasons: str = ""
    disposition: str = ""


def _refused(reasons: str, month: str = "2026-02") -> Place:
    return Place("quarantine", month, reasons, "refused")


def _not_billable(reasons: str) -> Place:
    return Place("quarantine", "2026-02", reasons, "not_billable")


PLACES: Final[dict[Position, Place]] = {
    **{(A, line): Place("voice") for line in (*range(11), 19, 20, 21, 23, 24, 25, 26, 27, 29, 30, 31, 32)},
    **{(A, line): Place("sms") for line in (11, 12, 13, 28, 33)},
    **{(A, line): Place("data") for line in (14, 15, 16, 17, 18, 34)},
    # H22: midnight of 1 March, local.
    (A, 22): Place("voice", "2026-03"),
    (B, 0): Place("duplicates"),
    (B, 1): Place("duplicates"),
    (B, 2): Place("duplicates"),
    # Q01 to Q24. A truncated object has no start; neither has a missing or impossible one.
    (B, 3): _refused("MALFORMED_JSON", INGEST),
    # Of an unknown type nothing else is known, so a called number of 12 and a duration of -1 are no faults.
    (B, 4): _refused("UNKNOWN_RECORD_TYPE"),
    (B, 5): _refused("MISSING_RECORD_ID"),
    (B, 6): _refused("MISSING_TIMESTAMP", INGEST),
    (B, 7): _refused("INVALID_TIMESTAMP", INGEST),
    # Readable, but 2099 is more than a day after any ingest, and 2019 is before FIRST_MONTH.
    (B, 8): _refused("FUTURE_TIMESTAMP", INGEST),
    (B, 9): _refused("TOO_OLD", INGEST),
    (B, 10): _refused("MISSING_SERVED_NUMBER"),
    # 0799 is allotted to nobody.
    (B, 11): _refused("INVALID_SERVED_NUMBER"),
    (B, 12): _refused("MISSING_CALLED_NUMBER"),
    # Two digits are neither a number nor a short code.
    (B, 13): _refused("INVALID_CALLED_NUMBER"),
    (B, 14): _refused("MISSING_DURATION"),
    (B, 15): _refused("NEGATIVE_DURATION"),
    # 24 h = 86,400 s.
    (B, 16): _refused("EXCESSIVE_DURATION"),
    (B, 17): _refused("MISSING_VOLUME"),
    (B, 18): _refused("NEGATIVE_VOLUME"),
    # 1 TB = 1,000,000 MB.
    (B, 19): _refused("EXCESSIVE_VOLUME"),
    (B, 20): _refused("INVALID_FIELD_TYPE"),
    # A duration that is an array is there, so it is not missing.
    (B, 21): _refused("INVALID_FIELD_TYPE"),
    (B, 22): _not_billable("UNANSWERED"),
    (B, 23): _not_billable("TERMINATING_LEG"),
    (B, 24): _not_billable("UNANSWERED,TERMINATING_LEG"),
    (B, 25): _refused("MISSING_SERVED_NUMBER,INVALID_CALLED_NUMBER,NEGATIVE_DURATION"),
    (B, 26): _refused("INVALID_CALLED_NUMBER,UNANSWERED"),
    # A faulty copy of H01 is refused: only valid records are duplicates.
    (B, 27): _refused("NEGATIVE_DURATION"),
    # O01: 23:30Z is 23:30 local, still October. O02: the last microsecond of October.
    (C, 0): Place("voice", "2026-10"),
    (C, 1): Place("voice", "2026-10"),
    # O03: 23:30Z on 30 September is 23:30 local; by the rules before 2026 it would have been October.
    (C, 2): Place("voice", "2026-09"),
    (C, 3): Place("voice", "2026-10"),
}

# The record kept, and whether the copy conflicts with it.
KEPT: Final[dict[Position, tuple[Position, bool]]] = {
    # H01 again, byte by byte.
    (B, 0): ((A, 0), False),
    # H02 again in other words: LTE is 4G, 23:59:59+01:00 is 22:59:59Z, "6e1" is 60.
    (B, 1): ((A, 1), False),
    # H03 again, with 90 seconds for 60.
    (B, 2): ((A, 2), True),
}

# Normalised fields worth a look, by record_ID: column, value.
NORMALISED: Final[dict[str, tuple[tuple[str, object], ...]]] = {
    # 2G 3G 4G 5G and each alias.
    "H01": (("technology", "2G"), ("duration_seconds", 61), ("served_msisdn", "212661000001")),
    "H02": (("technology", "4G"), ("duration_seconds", 60), ("served_msisdn", "212661000001")),
    "H03": (("technology", "5G"), ("duration_seconds", 60), ("called_number", "212612345678")),
    "H04": (("technology", "3G"), ("traffic_class", "fixed"), ("served_msisdn", "212661000001")),
    "H05": (("technology", "3G"), ("traffic_class", "onnet"), ("served_msisdn", "212661000001")),
    "H06": (("technology", "2G"), ("duration_seconds", 1), ("served_msisdn", "212661000001")),
    "H07": (("technology", "2G"), ("traffic_class", "special"), ("is_short_code", True), ("called_number", "150")),
    "H09": (("technology", "5G"), ("traffic_class", "international"), ("called_number", "33142685300")),
    "H10": (("technology", "4G"), ("called_number", "33612345678")),
    "H11": (("technology", "UNKNOWN"), ("warnings", "UNKNOWN_TECHNOLOGY")),
    "H14": (("volume_bytes", 100_000),),
    "H15": (("volume_bytes", 1_000_500), ("session_duration_seconds", 0)),
    "H16": (("volume_bytes", 0),),
    "H17": (("volume_bytes", 1),),
    "H19": (("is_roaming", True), ("traffic_class", "roaming")),
    # 02:30 came twice on 15 February: the first one, 01:30Z, is taken.
    "H29": (("is_ambiguous_time", True), ("utc_offset_seconds", 3600)),
    "H20": (("utc_offset_seconds", 0), ("usage_month", "2026-02")),
    "H21": (("utc_offset_seconds", 3600), ("usage_month", "2026-02")),
    "O01": (("utc_offset_seconds", 0), ("usage_month", "2026-10")),
}
