"""Two computations of a month are compared exactly: the last digit, the microsecond, nulls, copies, stored types."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from telecom_cdr.lakehouse.catalog import MARKER, Catalog
from telecom_cdr.lakehouse.verify_compare import NUMBER_OF_ROWS, Comparison, Difference, compare
from telecom_cdr.tables.mediated import DATA
from telecom_cdr.tables.model import Table
from telecom_cdr.tables.rated import USAGE
from telecom_cdr_tests.table_rows import MONTH, row_of

_WHEN: Final = datetime(2026, 1, 15, 12, tzinfo=UTC)


def empty_lake(root: Path, table: Table, *rows: dict[str, Any]) -> Catalog:
    catalog = Catalog(root)
    catalog.create_tables([table])
    (root / MARKER).touch()
    made = [row_of(table, **row) for row in rows]
    catalog.append(table, pa.Table.from_pylist(made, schema=table.arrow_schema))
    return catalog


def compared(root: Path, table: Table, lake: list[dict[str, Any]], computed: list[dict[str, Any]]) -> Comparison:
    one, other = empty_lake(root / "lake", table, *lake), empty_lake(root / "scratch", table, *computed)
    return compare(one, other, table, MONTH, one.delta(table).version(), spill=root / "spill", examples=9)


@pytest.mark.parametrize(
    ("column", "in_lake", "computed"),
    [
        ("charge_amount", Decimal("999999999999.999999"), Decimal("999999999999.999998")),
        ("charge_amount", None, Decimal("0.000000")),
        ("price", Decimal("0.000000001"), Decimal("0.000000002")),
        ("event_start_utc", _WHEN, _WHEN + timedelta(microseconds=1)),
        ("zone", "", None),
        ("zone", "e\u0301", "\u00e9"),
        ("zone", "A", "A "),
        ("usage_units", 2**63 - 1, 2**63 - 2),
    ],
)
def test_the_smallest_difference_is_told(tmp_path: Path, column: str, in_lake: object, computed: object) -> None:
    found = compared(tmp_path, USAGE, [{column: in_lake}], [{column: computed}])
    assert found.examples == (Difference("cdr_id=a cdr_id", column, in_lake, computed),)
    assert (found.missing_row_count, found.surplus_row_count, found.differing_row_count) == (0, 0, 1)
    assert not found.is_equal


def test_equal_rows_in_another_order_and_in_other_files_are_equal(tmp_path: Path) -> None:
    rows = [{"cdr_id": str(number), "zone": None} for number in range(5)]
    one, other = empty_lake(tmp_path / "lake", USAGE, *rows), empty_lake(tmp_path / "scratch", USAGE, *rows[:1:-1])
    for row in rows[:2]:
        other.append(USAGE, pa.Table.from_pylist([row_of(USAGE, **row)], schema=USAGE.arrow_schema))
    found = compare(one, other, USAGE, MONTH, one.delta(USAGE).version(), spill=tmp_path / "spill", examples=9)
    assert found == Comparison(USAGE, 5, 5)
    assert found.is_equal


def test_rows_of_one_side_and_copies_are_counted(tmp_path: Path) -> None:
    rows = [{"cdr_id": name} for name in "abc"]
    found = compared(tmp_path, USAGE, [rows[0], rows[1], rows[1]], [rows[1], rows[2]])
    told = [(example.key, example.column, example.in_lake, example.computed) for example in found.examples]
    assert told == [
        ("cdr_id=a", NUMBER_OF_ROWS, 1, 0),
        ("cdr_id=b", NUMBER_OF_ROWS, 2, 1),
        ("cdr_id=c", NUMBER_OF_ROWS, 0, 1),
    ]
    assert (found.missing_row_count, found.surplus_row_count, found.differing_row_count) == (1, 2, 0)


def test_other_months_are_not_compared(tmp_path: Path) -> None:
    found = compared(tmp_path, USAGE, [{}], [{}, {"cdr_id": "other", "billing_month": "2026-02"}])
    assert found.is_equal


def test_other_types_in_a_data_file_are_told(tmp_path: Path) -> None:
    one, other = (empty_lake(tmp_path / name, DATA, {}) for name in ("lake", "scratch"))
    (file,) = Path(other.path(DATA)).rglob("*.parquet")
    rows = pq.ParquetFile(file).read()
    column = rows.schema.get_field_index("volume_bytes")
    pq.write_table(rows.set_column(column, "volume_bytes", rows["volume_bytes"].cast(pa.int32())), file)
    found = compare(one, other, DATA, MONTH, one.delta(DATA).version(), spill=tmp_path / "spill", examples=9)
    assert [difference.partition(": ")[0] for difference in found.type_differences] == ["computed"]
    assert found.type_differences[0].endswith("volume_bytes is int32")
    assert not found.is_equal
