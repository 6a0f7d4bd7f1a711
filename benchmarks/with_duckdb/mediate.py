"""Raw rows to judged rows, batch by batch, and the five mediated tables of a month from all of them.

`judged` keeps what the outputs need and no payload but of the records refused.
"""

from typing import Final

import duckdb

from benchmarks.common.work import Work
from benchmarks.with_duckdb.database import Writer
from benchmarks.with_duckdb.numbers import unusual_query
from benchmarks.with_duckdb.rules import judged_query
from telecom_cdr.tables.mediated import DATA, DUPLICATES, QUARANTINE, SMS, VOICE

# What a copy must share with the record kept.
_COMPARED: Final = (
    *("record_type", "served_msisdn", "called_number", "duration_seconds", "volume_bytes", "technology", "cell_id"),
    *("product_code", "session_id", "sequence_number", "is_final", "imsi", "imei", "serving_plmn", "cause"),
    "event_start_utc",
)
_POSITIONED: Final = """
    judged.*, files.source_id, 0 AS source_partition, line_no AS source_offset, 1 AS ingest_commit,
    file_no AS source_sequence
"""


def judge_batch(connection: duckdb.DuckDBPyConnection, work: Work) -> None:
    """Judge and normalise the newest raw rows of the months to bill."""
    months = ", ".join(f"'{month}'" for month in work.months)
    rows = f"(SELECT * FROM batch WHERE billing_month IN ({months}))"
    connection.execute(f"CREATE OR REPLACE TEMP TABLE unusual AS {unusual_query(rows)}")
    query = judged_query(rows)
    exists = connection.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = 'judged'").fetchone()
    connection.execute(f"INSERT INTO judged {query}" if exists else f"CREATE TABLE judged AS {query}")


def mediate(connection: duckdb.DuckDBPyConnection, work: Work, writer: Writer) -> None:
    """Write the five tables of each month; `judged` loses nothing, `copies` tells which rows are no events."""
    # Nearly every identity is single: a hash finds the few that may not be, and only those are sorted.
    connection.execute(
        """
        CREATE TABLE suspects AS
        SELECT * FROM judged WHERE reasons IS NULL AND hash(cdr_id) IN (
            SELECT identity FROM (SELECT hash(cdr_id) AS identity FROM judged WHERE reasons IS NULL)
            GROUP BY identity HAVING count(*) > 1
        )
        """
    )
    kept = ", ".join(f"first({name}) OVER received AS kept_{name}" for name in ("file_no", "line_no"))
    differs = " OR ".join(f"{name} IS DISTINCT FROM first({name}) OVER received" for name in _COMPARED)
    connection.execute(
        f"""
        CREATE TABLE copies AS
        SELECT file_no, line_no, kept_file_no, kept_line_no, is_conflicting FROM (
            SELECT file_no, line_no, {kept}, {differs} AS is_conflicting, row_number() OVER received AS copy_number
            FROM suspects WINDOW received AS (PARTITION BY billing_month, cdr_id ORDER BY file_no, line_no)
        ) WHERE copy_number > 1
        """
    )
    connection.execute("DROP TABLE suspects")
    for month in work.months:
        _write_month(writer, month)
    writer.commit(VOICE, SMS, DATA, QUARANTINE, DUPLICATES)


def _write_month(writer: Writer, month: str) -> None:
    of_month = f"judged JOIN files USING (file_no) WHERE judged.billing_month = '{month}'"
    events = f"SELECT {_POSITIONED} FROM {of_month} AND reasons IS NULL AND NOT {is_copy('judged')}"
    writer.add(VOICE, month, f"{events} AND record_type = 'voice'")
    writer.add(SMS, month, f"SELECT *, 1 AS message_count FROM ({events} AND record_type = 'sms')")
    writer.add(
        DATA, month, f"SELECT *, duration_seconds AS session_duration_seconds FROM ({events} AND record_type = 'data')"
    )
    writer.add(QUARANTINE, month, f"SELECT {_POSITIONED} FROM {of_month} AND reasons IS NOT NULL")
    writer.add(
        DUPLICATES,
        month,
        f"""
        SELECT {_POSITIONED}, kept.source_id AS kept_source_id, 0 AS kept_source_partition,
            kept_line_no AS kept_source_offset, is_conflicting
        FROM copies
        JOIN judged USING (file_no, line_no)
        JOIN files USING (file_no)
        JOIN files AS kept ON kept.file_no = kept_file_no
        WHERE judged.billing_month = '{month}'
        """,
    )


def is_copy(rows: str) -> str:
    """Condition: the row repeats another."""
    return f"(({rows}.file_no, {rows}.line_no) IN (SELECT (file_no, line_no) FROM copies))"
