"""A snapshot in the lake: written whole, and recognised when it is not."""

from pathlib import Path

import pytest

from telecom_cdr.errors import LakeError
from telecom_cdr.lakehouse.catalog import Catalog
from telecom_cdr.reference.database import load, read_snapshot
from telecom_cdr.reference.snapshot import Commit, agreed_versions, write_id_of, write_snapshot
from telecom_cdr.tables import reference
from telecom_cdr_tests.reference.catalogue import Catalogue


def test_a_snapshot_is_written_to_every_table(catalogue: Catalogue, sqlite_url: str, tmp_path: Path) -> None:
    load(catalogue.directory, sqlite_url)
    snapshot = read_snapshot(sqlite_url)
    lake = Catalog(tmp_path / "lake")
    lake.create_tables(reference.TABLES)
    versions = write_snapshot(lake, snapshot)
    assert set(versions) == {table.name for table in reference.TABLES}
    for table in reference.TABLES:
        rows = lake.read(table)
        assert rows.to_pylist() == snapshot.tables[table.name].to_pylist()
        assert set(rows["reference_version"].to_pylist()) <= {1}


def test_a_new_database_that_counts_from_one_again_has_another_write_id(catalogue: Catalogue, sqlite_url: str) -> None:
    load(catalogue.directory, sqlite_url)
    first = read_snapshot(sqlite_url)
    catalogue.add("holidays", "2024-07-30,Throne Day")
    other = sqlite_url.replace("reference.sqlite", "other.sqlite")
    load(catalogue.directory, other)
    second = read_snapshot(other)
    assert first.version == second.version == 1
    assert write_id_of(first) != write_id_of(second)


def test_readers_take_the_newest_snapshot_that_every_table_has() -> None:
    compacted, created = Commit(9, None), Commit(0, None)
    histories = {
        "rates": [Commit(3, "b"), Commit(2, "a"), created],
        "products": [compacted, Commit(8, "a"), created],
    }
    assert agreed_versions(histories) == {"rates": 2, "products": 8}
    histories["products"].insert(0, Commit(10, "b"))
    assert agreed_versions(histories) == {"rates": 3, "products": 10}


def test_a_lake_without_a_whole_snapshot_says_so() -> None:
    with pytest.raises(LakeError, match="no whole snapshot"):
        agreed_versions({"rates": [Commit(1, "a")], "products": [Commit(0, None)]})
