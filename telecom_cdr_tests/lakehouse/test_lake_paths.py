"""A lake works wherever a directory can be, or says at once that it cannot."""

import gc
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from telecom_cdr.errors import LakeError
from telecom_cdr.lakehouse.catalog import Catalog
from telecom_cdr.lakehouse.lake import Lake
from telecom_cdr.tables.assurance import RECONCILIATION
from telecom_cdr.tables.invoices import BILLING_PERIODS
from telecom_cdr_tests.lakehouse.test_lake import rows_of

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@pytest.mark.parametrize("name", ["mes documents", "téléchargé", "a#b", "a?b*", "a[1]{2}", "l'an (2026), +1 = 2"])
def test_a_month_is_written_and_read_below_a_directory_of_any_name(
    engine: "SparkSession", tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    links = tmp_path / "links"
    links.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(links))
    catalog = Catalog(tmp_path / name / "lake")
    catalog.create_tables((RECONCILIATION, BILLING_PERIODS))
    lake = Lake(catalog, engine)
    for count in (2, 3):
        version = lake.replace_month(RECONCILIATION, "2026-01", rows_of(engine, "2026-01", count), write_id="a")
        assert version.record_count == count
        assert lake.frame(RECONCILIATION, "2026-01", version.version).count() == count
        assert catalog.read(RECONCILIATION, "2026-01").num_rows == count
    assert len(list(links.iterdir())) == 1
    del lake
    gc.collect()
    assert list(links.iterdir()) == []
    assert catalog.read(RECONCILIATION).num_rows == 3


def test_a_directory_that_delta_cannot_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LakeError, match="Delta takes % for a quoted character"):
        Catalog(tmp_path / "100%").create_tables()
