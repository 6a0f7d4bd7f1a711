"""Data files of raw/cdrs: what they look like, and what the log says of them."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake.exceptions import CommitFailedError

from telecom_cdr.lakehouse.catalog import Catalog
from telecom_cdr.lakehouse.raw_files import ROW_GROUP_ROWS, files_of_one_commit, write_file
from telecom_cdr.tables.raw import CDRS
from telecom_cdr_tests.lakehouse.raw_inputs import cdr, empty_lake, lines, take, write_files

MONTH = "2026-04"


@pytest.fixture
def ingested(tmp_path: Path) -> Catalog:
    catalog = empty_lake(tmp_path / "lake")
    payloads = [cdr("b", "2026-04-02T10:00:00.5Z"), b"{", cdr("a", "2026-04-01T10:00:00Z"), cdr("c", cause=None)]
    take(catalog, write_files(tmp_path / "in", {"x.jsonl": lines(*payloads)}))
    return catalog


def rows_of(catalog: Catalog) -> pa.Table:
    return catalog.read(CDRS).drop_columns("billing_month")


def test_the_log_says_of_a_file_what_its_rows_say(ingested: Catalog) -> None:
    (added,) = pa.table(ingested.delta(CDRS).get_add_actions(flatten=True)).to_pylist()
    assert (added["num_records"], added["partition.billing_month"]) == (4, MONTH)
    assert (added["min.source_offset"], added["max.source_offset"], added["null_count.source_offset"]) == (0, 3, 0)
    assert added["min.event_start_utc"] == datetime(2026, 4, 1, 9, tzinfo=UTC)
    assert added["max.event_start_utc"] == datetime(2026, 4, 2, 10, 0, 0, 500_000, tzinfo=UTC)
    assert (added["null_count.event_start_utc"], added["null_count.usage_month"]) == (1, 1)
    assert added["size_bytes"] == (Path(ingested.path(CDRS)) / added["path"]).stat().st_size


def test_a_file_of_unreadable_starts_has_no_least_start(tmp_path: Path, ingested: Catalog) -> None:
    rows = rows_of(ingested).slice(1, 1)
    statistics: dict[str, Any] = json.loads(write_file(tmp_path, MONTH, [rows], kind="x", is_change=True).stats or "")
    assert "event_start_utc" not in statistics["minValues"] | statistics["maxValues"]
    assert statistics["nullCount"]["event_start_utc"] == statistics["numRecords"] == 1


def test_row_groups_have_the_size_that_cores_share(tmp_path: Path, ingested: Catalog) -> None:
    many = pa.concat_tables([rows_of(ingested)] * (ROW_GROUP_ROWS // 4 + 1))
    file = pq.ParquetFile(tmp_path / write_file(tmp_path, MONTH, [many], kind="x", is_change=True).path)
    groups = [file.metadata.row_group(index).num_rows for index in range(file.num_row_groups)]
    assert groups == [ROW_GROUP_ROWS, 4]
    assert file.read()["payload"].equals(many["payload"])


def test_a_row_without_a_required_value_is_refused(tmp_path: Path, ingested: Catalog) -> None:
    rows = rows_of(ingested)
    place = rows.schema.get_field_index("payload")
    spoilt = rows.set_column(place, "payload", pa.nulls(rows.num_rows, pa.binary()))
    with pytest.raises(ValueError, match="payload"):
        write_file(tmp_path, MONTH, [spoilt], kind="x", is_change=True)


def test_the_files_of_a_lost_commit_are_removed(tmp_path: Path, ingested: Catalog) -> None:
    def lose() -> None:
        with files_of_one_commit(tmp_path) as added:
            added.append(write_file(tmp_path, MONTH, [rows_of(ingested)], kind="x", is_change=True))
            assert list(tmp_path.rglob("*-x.zstd.parquet"))
            raise CommitFailedError

    with pytest.raises(CommitFailedError):
        lose()
    assert not list(tmp_path.rglob("*-x.zstd.parquet"))
