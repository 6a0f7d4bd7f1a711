"""Records as a source gives them, made from payloads."""

import pyarrow as pa

from telecom_cdr.sources import Records
from telecom_cdr.sources.lines import split_lines


def records_of(*payloads: bytes) -> Records:
    """One file whose lines are the payloads."""
    lines = split_lines(b"".join(payload + b"\n" for payload in payloads))
    return Records(
        source_id="file",
        source_partition=0,
        position_key="file",
        first_offset=0,
        next_offset=lines.line_count,
        offsets=pa.array(lines.line_numbers),
        payloads=lines.payloads,
        is_text_start=True,
    )
