"""Files to raw: lines decoded once, starts resolved, each batch written; then handed to mediation as `batch`."""

from collections.abc import Iterator
from typing import Final

import duckdb
import numpy as np
import pyarrow as pa

from benchmarks.common.lines import Batch, read_batches
from benchmarks.common.work import FIRST_MONTH, TIMEZONE, Work
from benchmarks.with_duckdb.database import ZSTD, Writer
from telecom_cdr.sources.local_time import FIRST_MICROSECOND, LAST_MICROSECOND, zone_rules
from telecom_cdr.tables.raw import CDRS, FIELDS, FILES

_BATCH_BYTES: Final = 128 * 2**20
_OFFSET: Final = "(?:[Zz]|[+-](?:[01][0-9]|2[0-3])(?::?[0-5][0-9])?)"
_TIMESTAMP: Final = (
    "[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])[Tt ]"
    f"(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:[.][0-9]{{1,9}})?)?{_OFFSET}?"
)
_PATHS: Final = "[" + ", ".join(f"'$.{name}'" for name in FIELDS) + "]"
_PLAIN_SIZE: Final = len("2026-01-01T00:00:00")
_DAY: Final = 86_400_000_000


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Tables of zone rules and of files."""
    rules = zone_rules(TIMEZONE)
    local = pa.table(
        {
            "segment": pa.array(range(len(rules.local_from)), pa.int32()),
            "shift": rules.local_shift,
            "zone_offset": rules.local_offset,
            "is_ambiguous": rules.is_ambiguous,
            "is_shifted": rules.is_shifted,
        }
    )
    instants = pa.table({"segment": pa.array(range(len(rules.utc_from)), pa.int32()), "zone_offset": rules.utc_offset})
    for name, rows in {"local_segments": local, "utc_segments": instants}.items():
        connection.register("arrived", rows)
        connection.execute(f"CREATE TABLE {name} AS SELECT * FROM arrived")
        connection.unregister("arrived")
    connection.execute(
        "CREATE TABLE files (file_no INTEGER, source_id VARCHAR, name VARCHAR, byte_count BIGINT, line_count BIGINT,"
        " longest_line BIGINT, is_complete BOOLEAN, malformed_count BIGINT, first_us BIGINT, last_us BIGINT)"
    )


def ingest(connection: duckdb.DuckDBPyConnection, work: Work, writer: Writer) -> Iterator[None]:
    """Write raw batch by batch; while the caller holds the iterator, the table `batch` is the newest."""
    query = _decoded(int(work.now.timestamp() * 1_000_000))
    for batch in read_batches(work.source, _BATCH_BYTES):
        connection.register("lines", batch.lines)
        connection.execute(f"CREATE OR REPLACE TEMP TABLE batch AS {query}")
        connection.unregister("lines")
        _take_files(connection, batch)
        months = connection.execute("SELECT DISTINCT billing_month FROM batch ORDER BY 1").fetchall()
        for (month,) in months:
            writer.add(CDRS, month, _raw_rows(month), codec=ZSTD)
        yield
    writer.commit(CDRS)
    writer.add(
        FILES,
        None,
        f"""SELECT source_id, 0 AS source_partition, 0 AS first_offset, line_count AS next_offset, name, byte_count,
            line_count AS record_count, 0 AS blank_line_count, malformed_count,
            longest_line AS longest_record_bytes, make_timestamptz(first_us) AS first_event_utc,
            make_timestamptz(last_us) AS last_event_utc,
            CASE WHEN line_count = 0 THEN 'empty' WHEN is_complete THEN 'complete' ELSE 'truncated' END AS state,
            TIMESTAMPTZ '{work.now.isoformat()}' AS ingested_utc
        FROM files""",
    )
    writer.commit(FILES)


def _take_files(connection: duckdb.DuckDBPyConnection, batch: Batch) -> None:
    facts = {
        row[0]: row[1:]
        for row in connection.execute(
            "SELECT file_no, count(*) FILTER (NOT is_well_formed), min(start_us), max(start_us) FROM batch GROUP BY 1"
        ).fetchall()
    }
    for file in batch.files:
        connection.execute(
            "INSERT INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                *(file.number, file.source_id, file.name, file.byte_count, file.line_count, file.longest_line),
                *(file.is_complete, *facts.get(file.number, (0, None, None))),
            ],
        )


def _raw_rows(month: str) -> str:
    return f"""
        SELECT batch.*, source_id, 0 AS source_partition, line_no AS source_offset, 1 AS ingest_commit,
            file_no AS source_sequence, NULL AS message_key, NULL AS broker_utc
        FROM batch JOIN files USING (file_no) WHERE billing_month = '{month}'
    """


def _decoded(now: int) -> str:
    """One row a line: fields as text, the start as an instant, both months."""
    rules = zone_rules(TIMEZONE)
    arrival = np.datetime64(now + int(rules.offset_at(np.array([now]))[0]) * 1_000_000, "us")
    texts = ", ".join(f"texts[{number}] AS {column.name}" for number, column in enumerate(FIELDS.values(), start=1))
    local_segment = _tree("clock_us", rules.local_from.tolist())
    utc_segment = _tree("clock_us - written::BIGINT * 1000000", rules.utc_from.tolist())
    return f"""
        WITH parsed AS (
            SELECT file_no, line_no, payload, line,
                CASE WHEN json_valid(line) AND (line[1] = '{{' OR json_type(line) = 'OBJECT')
                    THEN json_extract_string(line, {_PATHS}) END AS found
            FROM lines
        ), typed AS (
            SELECT *, CASE WHEN found IS NOT NULL AND regexp_matches(line, ':\\s*[\\[{{tf]')
                THEN json_type(line, {_PATHS}) END AS types
            FROM parsed
        ), judged AS (
            SELECT *, CASE WHEN types IS NOT NULL THEN {_mistyped()} END AS mistyped_fields FROM typed
        ), fields AS (
            SELECT file_no, line_no, payload, found IS NOT NULL AS is_well_formed, mistyped_fields,
                CASE WHEN mistyped_fields IS NULL THEN found ELSE {_without_mistyped()} END AS texts
            FROM judged
        ), texts AS (
            SELECT * EXCLUDE (texts), {texts} FROM fields
        ), written AS (
            SELECT *,
                CASE WHEN NOT regexp_full_match(timestamp_text, '{_TIMESTAMP}') THEN NULL
                    WHEN len(timestamp_text) = {_PLAIN_SIZE} THEN ''
                    ELSE regexp_extract(timestamp_text[17:], '[Zz+-].*$') END AS zone
            FROM texts
        ), clocks AS (
            SELECT * EXCLUDE (zone),
                epoch_us(TRY_CAST(replace(timestamp_text[:len(timestamp_text) - len(zone)], 't', 'T') AS TIMESTAMP))
                    AS clock_us,
                CASE WHEN zone = '' THEN NULL WHEN zone IN ('Z', 'z') THEN 0 ELSE
                    (CASE WHEN zone[1] = '-' THEN -1 ELSE 1 END) * (3600 * zone[2:3]::INTEGER
                    + 60 * CASE WHEN len(zone) > 3 THEN zone[-2:]::INTEGER ELSE 0 END) END AS written
            FROM written
        ), placed AS (
            SELECT *, CASE WHEN written IS NULL THEN {local_segment} END AS local_segment,
                CASE WHEN written IS NOT NULL THEN {utc_segment} END AS utc_segment
            FROM clocks
        ), resolved AS (
            SELECT placed.*,
                clock_us - coalesce(written, l.shift)::BIGINT * 1000000 AS instant,
                coalesce(l.zone_offset, u.zone_offset) AS zone_offset,
                coalesce(l.is_ambiguous, false) AS is_ambiguous, coalesce(l.is_shifted, false) AS is_shifted
            FROM placed
            LEFT JOIN local_segments AS l ON local_segment = l.segment
            LEFT JOIN utc_segments AS u ON utc_segment = u.segment
        ), readable AS (
            SELECT *, coalesce(
                least(clock_us, instant, instant + zone_offset * 1000000) >= {FIRST_MICROSECOND}
                AND greatest(clock_us, instant, instant + zone_offset * 1000000) <= {LAST_MICROSECOND}, false)
                AS is_readable
            FROM resolved
        ), dated AS (
            SELECT *, CASE WHEN is_readable THEN make_timestamp(instant + zone_offset * 1000000)::DATE END AS usage_date
            FROM readable
        ), of_month AS (
            SELECT * , strftime(usage_date, '%Y-%m') AS usage_month FROM dated
        )
        SELECT file_no, line_no, make_timestamptz({now}::BIGINT) AS ingested_utc, payload, is_well_formed,
            mistyped_fields, {", ".join(column.name for column in FIELDS.values())},
            CASE WHEN is_readable THEN instant END AS start_us,
            CASE WHEN is_readable THEN make_timestamptz(instant::BIGINT) END AS event_start_utc,
            CASE WHEN is_readable THEN zone_offset END AS utc_offset_seconds, usage_date,
            is_readable AND is_ambiguous AS is_ambiguous_time, is_readable AND is_shifted AS is_shifted_time,
            usage_month,
            CASE WHEN is_readable AND usage_month >= '{FIRST_MONTH}' AND instant <= {now + _DAY}
                THEN usage_month ELSE '{arrival.astype("datetime64[M]")}' END AS billing_month
        FROM of_month
    """


def _mistyped() -> str:
    """Names of the declared fields that hold an object, an array or a boolean where none belongs."""
    named = []
    for number, name in enumerate(FIELDS, start=1):
        wrong = "'OBJECT', 'ARRAY'" if name == "is_final" else "'OBJECT', 'ARRAY', 'BOOLEAN'"
        named.append(f"CASE WHEN types[{number}] IN ({wrong}) THEN '{name}' END")
    return f"nullif(concat_ws(',', {', '.join(named)}), '')"


def _without_mistyped() -> str:
    return (
        "["
        + ", ".join(
            f"CASE WHEN NOT contains(',' || mistyped_fields || ',', ',{name},') THEN found[{number}] END"
            for number, name in enumerate(FIELDS, start=1)
        )
        + "]"
    )


def _tree(value: str, edges: list[int], first: int = 0) -> str:
    """Number of the segment that a value lies in, as nested choices: few comparisons, and no sorting join."""
    if len(edges) == 1:
        return str(first)
    middle = len(edges) // 2
    below, above = _tree(value, edges[:middle], first), _tree(value, edges[middle:], first + middle)
    return f"CASE WHEN {value} < {edges[middle]} THEN {below} ELSE {above} END"
