"""The key of a message: the number that a record is charged to, as it stands in the record.

One key goes to one partition, so that a subscriber's records keep their order. Not here: whether the number is valid.
"""

from collections.abc import Sequence
from typing import Self

import pyarrow as pa
import pyarrow.compute as pc

from telecom_cdr.sources import Records
from telecom_cdr.sources.decode import Decoder
from telecom_cdr.tables.raw import FIELDS, ORIGINATING, TERMINATING
from telecom_cdr.vocabulary import HOME_MCC, RecordType


class KeyReader:
    """Reads keys out of payloads, as ingest reads them. Use it in a `with`."""

    def __init__(self) -> None:
        self._decoder = Decoder()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._decoder.__exit__()

    def keys(self, records: Sequence[Records]) -> pa.StringArray:
        """The key of each record in order; null where there is no number: its partition is then anyone."""
        decoded = self._decoder.decode(records)
        reaching, reached = _number(decoded, ORIGINATING), _number(decoded, TERMINATING)
        served = pc.if_else(_is_reversed(decoded), reached, reaching)
        is_blank = pc.equal(pc.utf8_trim_whitespace(served), "")
        return pc.if_else(is_blank, pa.scalar(None, pa.string()), served)


def _number(decoded: pa.Table, fields: dict[RecordType, str]) -> pa.StringArray:
    """The text of the field that the record's type has for this."""
    kinds = _column(decoded, "record_type")
    found = pa.nulls(len(kinds), pa.string())
    for kind, name in fields.items():
        is_of_kind = pc.fill_null(pc.equal(kinds, kind.value), False)
        found = pc.if_else(is_of_kind, _column(decoded, name), found)
    return found


def _is_reversed(decoded: pa.Table) -> pa.BooleanArray:
    """Whether the number reached is charged: a terminating leg abroad, of a type that reaches one."""
    place = _column(decoded, "serving_plmn")
    is_abroad = pc.and_not(pc.not_equal(pc.utf8_trim_whitespace(place), ""), pc.starts_with(place, HOME_MCC))
    is_terminating = pc.equal(pc.utf8_lower(_column(decoded, "direction")), "mt")
    reaches = pc.is_in(_column(decoded, "record_type"), pa.array([kind.value for kind in TERMINATING]))
    return pc.fill_null(pc.and_(pc.and_(is_abroad, is_terminating), reaches), False)


def _column(decoded: pa.Table, name: str) -> pa.StringArray:
    return decoded[FIELDS[name].name].combine_chunks()
