"""The tables of a lake, without an engine."""

from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from telecom_cdr import tables
from telecom_cdr.errors import LakeError
from telecom_cdr.lakehouse.catalog import Catalog
from telecom_cdr.lakehouse.creation import create_table
from telecom_cdr.tables.assurance import RECONCILIATION
from telecom_cdr.tables.model import Table
from telecom_cdr.tables.rated import USAGE
from telecom_cdr_tests.table_rows import row_of


def test_a_lake_that_is_not_there_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(LakeError, match="there is no lake at"):
        Catalog(tmp_path / "nowhere").read(RECONCILIATION)


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """Every declared table, empty."""
    catalog = Catalog(tmp_path_factory.mktemp("catalog") / "lake")
    catalog.create_tables()
    return catalog


@pytest.mark.parametrize("table", tables.ALL, ids=lambda table: table.path)
def test_the_log_keeps_no_statistics_of_personal_data(catalog: Catalog, table: Table) -> None:
    kept = catalog.delta(table).metadata().configuration["delta.dataSkippingStatsColumns"].split(",")
    assert not {column.name for column in table.columns if column.personal} & set(kept)


def test_a_table_of_an_older_version_is_read_with_nulls_and_widened(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path / "lake")
    later = ("session_id", "breakdown")
    older = replace(USAGE, columns=tuple(column for column in USAGE.columns if column.name not in later))
    create_table(catalog.path(USAGE), older)
    row = pa.Table.from_pylist([row_of(older, record_id="R")], schema=older.arrow_schema)
    write_deltalake(catalog.path(USAGE), row, mode="append")
    (read,) = catalog.read(USAGE).to_pylist()
    assert (read["record_id"], read["session_id"], read["breakdown"]) == ("R", None, None)
    assert catalog.read(USAGE).column_names == list(USAGE.column_names)
    assert catalog.read(USAGE, columns=("breakdown",)).to_pylist() == [{"breakdown": None}]
    catalog.create_tables()
    assert {field.name for field in catalog.delta(USAGE).schema().fields} == set(USAGE.column_names)
    assert catalog.read(USAGE).to_pylist() == [read]
