"""Generated lines as a source would hand them to ingest."""

import pyarrow as pa

from telecom_cdr.sources import Records


def as_records(payloads: list[bytes]) -> Records:
    """One batch of records, as of one file."""
    return Records(
        source_id="0" * 64,
        source_partition=0,
        position_key="file",
        first_offset=0,
        next_offset=len(payloads),
        offsets=pa.array(range(len(payloads)), pa.int64()),
        payloads=pa.array(payloads, pa.binary()),
    )
