"""What a payload says: JSON decoded once by DuckDB's reader into text columns, and the start as it is written.

Here: well-formedness, declared fields as text, fields of a wrong type, timestamps by lexical form.
Not here: whether a value is valid (`mediation`), which instant a local time is (`starts`).
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from telecom_cdr.sources import Records
from telecom_cdr.tables.raw import FIELDS

_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
# DuckDB gives each thread a slice; one long array would be decoded by one core.
_SLICE_ROWS: Final = 16_384
# Nothing is fetched from anywhere: the reader of JSON is built in, and no zone function is used.
_CONFIG: Final[dict[str, str | bool | int | float | list[str]]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}
_OFFSET: Final = "(?:[Zz]|[+-](?:[01][0-9]|2[0-3])(?::?[0-5][0-9])?)"
_TIMESTAMP: Final = (
    "[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])[Tt ]"
    f"(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:[.][0-9]{{1,9}})?)?{_OFFSET}?"
)
_WRONG: Final = "('OBJECT', 'ARRAY', 'BOOLEAN')"
_WRONG_FOR_FLAGS: Final = "('OBJECT', 'ARRAY')"
# Where no value begins like an object, an array or a boolean, no declared field can be mistyped.
_SUSPICIOUS: Final = ":\\s*[\\[{tf]"


def decode(batch: Sequence[Records]) -> pa.Table:
    """Decode payloads, one row a record in order.

    Columns: `is_well_formed`, `mistyped_fields`, each declared field as text, `start_clock_us` (the date and time as
    written, microseconds since 1970, null when unreadable) and `start_offset_seconds` (null when none is written).
    """
    texts = pa.concat_arrays([_text(records) for records in batch])
    slices = [texts.slice(first, _SLICE_ROWS) for first in range(0, len(texts), _SLICE_ROWS)] or [texts]
    with duckdb.connect(config=_CONFIG) as connection:
        connection.register("lines", pa.table({"line": pa.chunked_array(slices)}))
        decoded = connection.sql(_fields_query()).to_arrow_table()
        suspects = pc.fill_null(decoded["is_suspicious"].combine_chunks(), False)
        mistyped = pa.nulls(len(texts), pa.string())
        if pc.any(suspects).as_py():
            connection.register("suspects", pa.table({"line": texts.filter(suspects)}))
            found = connection.sql(_types_query()).to_arrow_table()["mistyped_fields"].combine_chunks()
            mistyped = pc.replace_with_mask(mistyped, suspects, found)
    decoded = decoded.drop_columns("is_suspicious").append_column("mistyped_fields", mistyped)
    return _without_mistyped(decoded) if mistyped.null_count < len(mistyped) else decoded


def _without_mistyped(decoded: pa.Table) -> pa.Table:
    """Null for the text of each field that is an object, an array or a boolean where none belongs."""
    listed = pc.split_pattern(decoded["mistyped_fields"].combine_chunks(), ",")
    for name in set(listed.flatten().to_pylist()):
        column = FIELDS[name].name
        is_mistyped = pc.match_substring_regex(decoded["mistyped_fields"], f"(^|,){name}(,|$)")
        texts = pc.if_else(pc.fill_null(is_mistyped, False), pa.scalar(None, pa.string()), decoded[column])
        decoded = decoded.set_column(decoded.schema.get_field_index(column), column, texts)
    return decoded


def _text(records: Records) -> pa.StringArray:
    """Payloads as JSON text; null where the bytes are not UTF-8, without a byte order mark at the source's start."""
    payloads = records.payloads
    if records.is_text_start and len(payloads) and payloads[0].as_py().startswith(_BYTE_ORDER_MARK):
        first = pa.array([payloads[0].as_py().removeprefix(_BYTE_ORDER_MARK)], pa.binary())
        payloads = pa.concat_arrays([first, payloads.slice(1)])
    text = payloads.view(pa.string())
    try:
        text.validate(full=True)
    except pa.ArrowInvalid:
        readable = pa.array([_is_utf8(payload) for payload in payloads.to_pylist()])
        text = pc.if_else(readable, payloads, pa.scalar(None, pa.binary())).view(pa.string())
    return text


def _is_utf8(payload: bytes) -> bool:
    try:
        payload.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


@lru_cache(maxsize=1)
def _fields_query() -> str:
    fields = ", ".join(f"texts[{i}] AS {column.name}" for i, column in enumerate(FIELDS.values(), start=1))
    return f"""
        WITH parsed AS (
            SELECT line,
                CASE WHEN json_valid(line) AND (line[1] = '{{' OR json_type(line) = 'OBJECT')
                    THEN json_extract_string(line, {_paths()}) END AS texts
            FROM lines
        ), fields AS (
            SELECT texts IS NOT NULL AS is_well_formed,
                texts IS NOT NULL AND regexp_matches(line, '{_SUSPICIOUS}') AS is_suspicious,
                {fields},
                len(timestamp_text) AS size,
                regexp_extract(timestamp_text[17:], '[Zz+-].*$') AS zone,
                regexp_full_match(timestamp_text, '{_TIMESTAMP}') AS is_timestamp
            FROM parsed
        )
        SELECT * EXCLUDE (size, zone, is_timestamp),
            CASE WHEN is_timestamp THEN epoch_us(TRY_CAST(
                CASE WHEN timestamp_text[11] = 't' THEN replace(timestamp_text, 't', 'T') ELSE timestamp_text END
                    [:size - len(zone)] AS TIMESTAMP
            )) END AS start_clock_us,
            CASE WHEN is_timestamp AND zone != '' THEN
                (CASE WHEN zone[1] = '-' THEN -1 ELSE 1 END) * (
                    3600 * coalesce(TRY_CAST(zone[2:3] AS INTEGER), 0)
                    + 60 * CASE WHEN len(zone) > 3 THEN coalesce(TRY_CAST(zone[-2:] AS INTEGER), 0) ELSE 0 END
                )
            END AS start_offset_seconds
        FROM fields
    """


@lru_cache(maxsize=1)
def _types_query() -> str:
    wrong = ", ".join(
        f"CASE WHEN types[{i}] IN {_WRONG_FOR_FLAGS if name == 'is_final' else _WRONG} THEN '{name}' END"
        for i, name in enumerate(FIELDS, start=1)
    )
    return f"""
        SELECT nullif(concat_ws(',', {wrong}), '') AS mistyped_fields
        FROM (SELECT json_type(line, {_paths()}) AS types FROM suspects)
    """


def _paths() -> str:
    return "[" + ", ".join(f"'$.{name}'" for name in FIELDS) + "]"
