"""The tables of a lake, without an engine."""

from pathlib import Path

import pytest

from telecom_cdr import tables
from telecom_cdr.errors import LakeError
from telecom_cdr.lakehouse.catalog import Catalog
from telecom_cdr.tables.assurance import RECONCILIATION
from telecom_cdr.tables.model import Table


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
