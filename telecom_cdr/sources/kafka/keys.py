"""The key of a message: the number that a record is charged to, as it stands in the record.

One key goes to one partition, so that a subscriber's records keep their order. Not here: whether the number is valid.
"""

from collections.abc import Sequence
from typing import Final, Self

import pyarrow as pa

from telecom_cdr.sources import Records
from telecom_cdr.sources.decode import Decoder
from telecom_cdr.tables.raw import ORIGINATING, TERMINATING
from telecom_cdr.vocabulary import HOME_MCC, RecordType

_FIELDS: Final = ("record_type", "direction", "serving_plmn", *ORIGINATING.values(), *TERMINATING.values())
_PATHS: Final = ", ".join(f"'$.{name}'" for name in _FIELDS)


def _number(fields: dict[RecordType, str]) -> str:
    """SQL: the text of the field that the record's type has for this."""
    cases = " ".join(f"WHEN '{kind.value}' THEN texts[{_FIELDS.index(name) + 1}]" for kind, name in fields.items())
    return f"CASE texts[1] {cases} END"


# A terminating leg abroad is charged to the number that it reaches. An object, an array or a boolean is no number.
_QUERY: Final = f"""
    WITH read AS (
        SELECT CASE WHEN json_valid(line) THEN json_extract_string(line, [{_PATHS}]) END AS texts FROM lines
    ),
    charged AS (
        SELECT CASE
            WHEN lower(texts[2]) = 'mt' AND trim(texts[3]) <> '' AND NOT starts_with(texts[3], '{HOME_MCC}')
                AND texts[1] IN ({", ".join(f"'{kind.value}'" for kind in TERMINATING)})
            THEN {_number(TERMINATING)} ELSE {_number(ORIGINATING)}
        END AS number
        FROM read
    )
    SELECT CASE
        WHEN trim(number, ' ' || chr(9) || chr(160)) <> '' AND number NOT IN ('true', 'false')
            AND NOT starts_with(number, '{{') AND NOT starts_with(number, '[')
        THEN number
    END AS key
    FROM charged
"""


class KeyReader:
    """Reads keys out of payloads. Use it in a `with`."""

    def __init__(self) -> None:
        self._decoder = Decoder()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._decoder.__exit__()

    def keys(self, records: Sequence[Records]) -> pa.ChunkedArray:
        """The key of each record in order; null where there is no number: its partition is then anyone."""
        return self._decoder.ask(_QUERY, records)["key"]
