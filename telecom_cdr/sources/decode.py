"""What a payload says: JSON decoded once by DuckDB's reader into text columns.

Here: well-formedness, declared fields as text, fields of a wrong type.
Not here: timestamps by lexical form (`timestamps`), whether a value is valid (`mediation`), which instant a local time
is (`starts`).
"""

import json
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final, Self

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from telecom_cdr.sources import Records
from telecom_cdr.sources.timestamps import read_timestamps
from telecom_cdr.tables.raw import FIELDS

_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
# DuckDB gives each thread a slice; one long array would be decoded by one core.
_SLICE_ROWS: Final = 16_384
# Nothing is fetched from anywhere: the reader of JSON is built in, and no zone function is used.
_CONFIG: Final[dict[str, str | bool | int | float | list[str]]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}
_WRONG: Final = "('OBJECT', 'ARRAY', 'BOOLEAN')"
_WRONG_FOR_FLAGS: Final = "('OBJECT', 'ARRAY')"
# Where no value begins like an object, an array or a boolean, no declared field can be mistyped. A number that is very
# small, very large or has an exponent has another text by `json_transform`; that of `json_extract_string` is kept.
_SUSPICIOUS: Final = ":\\s*(?:[\\[{tf]|-?(?:0[.]000|[0-9.]*[eE]|[0-9]{15}))"


class Decoder:
    """Decodes batches with one DuckDB connection, which keeps its memory from batch to batch. Use it in a `with`."""

    def __init__(self) -> None:
        self._connection = duckdb.connect(config=_CONFIG)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def decode(self, batch: Sequence[Records]) -> pa.Table:
        """Decode payloads, one row a record in order.

        Columns: `is_well_formed`, `mistyped_fields`, each declared field as text, `start_clock_us` (the date and time
        as written, microseconds since 1970, null when unreadable) and `start_offset_seconds` (null when none is
        written).
        """
        lines = _lines(batch)
        decoded = self._query(_all_fields(), lines)
        suspects = decoded["is_suspicious"].combine_chunks()
        unnamed = pa.nulls(len(lines), pa.string())
        decoded = decoded.drop_columns("is_suspicious").append_column("mistyped_fields", unnamed)
        if pc.any(suspects).as_py():
            decoded = _replaced(decoded, suspects, self._query(_suspects_fields(), lines.filter(suspects)))
        clock, offset = read_timestamps(decoded["timestamp_text"].combine_chunks(), self._query)
        return decoded.append_column("start_clock_us", clock).append_column("start_offset_seconds", offset)

    def ask(self, query: str, batch: Sequence[Records]) -> pa.Table:
        """The result of a query on a table `lines` of one column `line`: the payloads, null where they are no UTF-8."""
        return self._query(query, _lines(batch))

    def _query(self, query: str, lines: pa.ChunkedArray | pa.Array) -> pa.Table:
        """The result of a query on a table `lines` of one column `line`."""
        self._connection.register("lines", pa.table({"line": lines}))
        try:
            return self._connection.sql(query).to_arrow_table()
        finally:
            self._connection.unregister("lines")


def _replaced(decoded: pa.Table, rows: pa.BooleanArray, found: pa.Table) -> pa.Table:
    """The table with other values in some rows; columns that stay the same are not copied."""
    for name in found.column_names:
        values = found[name].combine_chunks()
        if not values.equals(decoded[name].filter(rows).combine_chunks()):
            column = pc.replace_with_mask(decoded[name].combine_chunks(), rows, values)
            decoded = decoded.set_column(decoded.schema.get_field_index(name), name, column)
    return decoded


def _lines(batch: Sequence[Records]) -> pa.ChunkedArray:
    return pa.chunked_array([part for records in batch for part in _slices(_text(records))], pa.string())


def _slices(text: pa.StringArray) -> Iterator[pa.StringArray]:
    for first in range(0, len(text), _SLICE_ROWS):
        yield text.slice(first, _SLICE_ROWS)


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
        is_readable = np.ones(len(payloads), np.bool_)
        for row in _rows_beyond_ascii(payloads):
            is_readable[row] = _is_utf8(payloads[row].as_py())
        text = pc.if_else(pa.array(is_readable), payloads, pa.scalar(None, pa.binary())).view(pa.string())
    return text


def _rows_beyond_ascii(payloads: pa.BinaryArray) -> list[int]:
    """Rows that hold a byte above 127: only they can be no UTF-8."""
    _, offsets, content = payloads.buffers()
    ends = np.frombuffer(offsets, np.int32)[payloads.offset + 1 : payloads.offset + len(payloads) + 1]
    start = int(np.frombuffer(offsets, np.int32)[payloads.offset])
    found = np.flatnonzero(np.frombuffer(content, np.int8)[start : ends[-1]] < 0) + start
    rows: list[int] = np.unique(np.searchsorted(ends, found, side="right")).tolist()
    return rows


def _is_utf8(payload: bytes) -> bool:
    try:
        payload.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


@lru_cache(maxsize=1)
def _all_fields() -> str:
    """Every line, its declared fields read in one pass; null fields where it is no JSON object."""
    declared = json.dumps(dict.fromkeys(FIELDS, "VARCHAR"))
    fields = ", ".join(f'fields."{name}" AS {column.name}' for name, column in FIELDS.items())
    # One CASE in the other: a function that refuses text which is no JSON is never asked about such a line.
    return f"""
        WITH parsed AS (
            SELECT line,
                CASE WHEN json_valid(line) THEN
                    CASE WHEN starts_with(line, '{{') OR json_type(line) = 'OBJECT'
                        THEN json_transform(line, '{declared}') END
                END AS fields
            FROM lines
        )
        SELECT fields IS NOT NULL AS is_well_formed,
            fields IS NOT NULL AND regexp_matches(line, '{_SUSPICIOUS}') AS is_suspicious,
            {fields}
        FROM parsed
    """


@lru_cache(maxsize=1)
def _suspects_fields() -> str:
    """Lines that are JSON objects, with the type of each declared field; no text where the type is wrong."""
    wrong = {
        name: f"types[{i}] IN {_WRONG_FOR_FLAGS if name == 'is_final' else _WRONG}"
        for i, name in enumerate(FIELDS, start=1)
    }
    listed = ", ".join(f"CASE WHEN {is_wrong} THEN '{name}' END" for name, is_wrong in wrong.items())
    fields = ", ".join(
        f"CASE WHEN {is_wrong} THEN NULL ELSE texts[{i}] END AS {FIELDS[name].name}"
        for i, (name, is_wrong) in enumerate(wrong.items(), start=1)
    )
    paths = "[" + ", ".join(f"'$.{name}'" for name in FIELDS) + "]"
    return f"""
        SELECT nullif(concat_ws(',', {listed}), '') AS mistyped_fields, {fields}
        FROM (SELECT json_type(line, {paths}) AS types, json_extract_string(line, {paths}) AS texts FROM lines)
    """
