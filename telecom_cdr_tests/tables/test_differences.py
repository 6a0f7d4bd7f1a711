"""A stored schema that is not the declared one is described."""

import pyarrow as pa
import pytest

from telecom_cdr.tables.assurance import RECONCILIATION
from telecom_cdr.tables.differences import schema_differences

_DECLARED = RECONCILIATION.arrow_schema


def _without(name: str) -> pa.Schema:
    return _DECLARED.remove(_DECLARED.get_field_index(name))


def _with(field: pa.Field) -> pa.Schema:
    return _DECLARED.set(_DECLARED.get_field_index(field.name), field)


@pytest.mark.parametrize(
    ("actual", "differences"),
    [
        (_DECLARED, []),
        (_DECLARED.remove_metadata(), []),
        (_without("measure"), ["measure is missing"]),
        (_DECLARED.append(pa.field("note", pa.string())), ["note is not declared"]),
        (
            _with(pa.field("difference", pa.decimal128(38, 2), nullable=False)),
            ["difference is decimal128(38, 2), declared decimal128(38, 6)"],
        ),
        (_with(pa.field("stage", pa.string())), ["stage is nullable, declared not null"]),
        (pa.schema(list(reversed(list(_DECLARED)))), []),
    ],
)
def test_each_difference_is_one_sentence(actual: pa.Schema, differences: list[str]) -> None:
    assert schema_differences(RECONCILIATION, actual) == differences
