"""Ingest stopped anywhere, run twice at once, beside a compaction: every record is in raw once."""

import multiprocessing
import random
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from telecom_cdr.lakehouse import compaction
from telecom_cdr.lakehouse.catalog import Catalog
from telecom_cdr.lakehouse.compaction import compact_month
from telecom_cdr.lakehouse.ingest import IngestProgress, ingest_directory
from telecom_cdr.lakehouse.raw_writer import RawWriter
from telecom_cdr.tables.raw import CDRS
from telecom_cdr_tests.lakehouse.raw_inputs import (
    INGESTED,
    empty_lake,
    file_rows,
    lasting,
    many_files,
    raw_rows,
    run,
    seconds_of_a_run,
    settings_of,
    take,
)

BLOCK_BYTES = 2000


@pytest.fixture(scope="module")
def processes() -> Any:
    """Where processes come from: a server that has the modules loaded already, so that they start at once."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["telecom_cdr_tests.lakehouse.raw_inputs"])
    return context


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    return many_files(tmp_path / "in", count=6, records=60)


@pytest.fixture
def undisturbed(tmp_path: Path, inbox: Path) -> Catalog:
    catalog = empty_lake(tmp_path / "undisturbed")
    take(catalog, inbox, block_bytes=BLOCK_BYTES)
    return catalog


def assert_same(catalog: Catalog, expected: Catalog) -> None:
    """Equal rows, received in the same order, and equal files."""
    assert lasting(raw_rows(catalog)) == lasting(raw_rows(expected))
    assert file_rows(catalog) == file_rows(expected)


class StoppedError(Exception):
    pass


def stop_after(commits: int) -> Callable[[IngestProgress], None]:
    left = [commits]

    def hook(_: IngestProgress) -> None:
        left[0] -= 1
        if not left[0]:
            raise StoppedError

    return hook


@pytest.mark.parametrize("commits", [1, 4])
def test_a_file_that_was_taken_in_part_goes_on_where_it_stopped(
    tmp_path: Path, inbox: Path, undisturbed: Catalog, commits: int
) -> None:
    catalog = empty_lake(tmp_path / "lake")
    with pytest.raises(StoppedError):
        ingest_directory(
            catalog,
            settings_of(catalog),
            inbox,
            now=lambda: INGESTED,
            on_progress=stop_after(commits),
            block_bytes=BLOCK_BYTES,
        )
    before = len(raw_rows(catalog))
    assert 0 < before < 360
    assert take(catalog, inbox).record_count == 360 - before
    assert_same(catalog, undisturbed)


def test_a_crash_between_the_two_commits_is_mended_by_the_next_ingest(
    tmp_path: Path, inbox: Path, undisturbed: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog = empty_lake(tmp_path / "lake")

    def crash(*_: object) -> list[str]:
        raise StoppedError

    with monkeypatch.context() as patched:
        patched.setattr(RawWriter, "record_taken", crash)
        with pytest.raises(StoppedError):
            take(catalog, inbox)
    assert len(raw_rows(catalog)) == 360
    assert not file_rows(catalog)
    version = catalog.delta(CDRS).version()
    report = take(catalog, inbox)
    assert (report.record_count, len(report.files_taken)) == (0, 6)
    assert catalog.delta(CDRS).version() == version
    assert_same(catalog, undisturbed)


def test_a_batch_built_on_old_positions_is_built_anew(
    tmp_path: Path, inbox: Path, undisturbed: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog = empty_lake(tmp_path / "lake")
    build = RawWriter._rows
    attempts = []

    def overtaken(writer: RawWriter, batch: Any, commit: int) -> Any:
        attempts.append(commit)
        if len(attempts) == 1:
            take(catalog, inbox)
        return build(writer, batch, commit)

    monkeypatch.setattr(RawWriter, "_rows", overtaken)
    report = take(catalog, inbox, block_bytes=BLOCK_BYTES)
    assert report.record_count == 0
    assert report.files_taken == []
    assert_same(catalog, undisturbed)
    assert {row["ingest_commit"] for row in raw_rows(catalog)} == {1}


@pytest.mark.slow
def test_kill_9_at_random_moments_loses_and_doubles_nothing(
    tmp_path: Path, inbox: Path, undisturbed: Catalog, processes: Any
) -> None:
    seed = random.randrange(10**6)
    chance = random.Random(seed)
    longest = seconds_of_a_run(tmp_path / "timed", processes, run, inbox, BLOCK_BYTES)
    killed = 0
    for round_number in range(10):
        catalog = empty_lake(tmp_path / f"lake-{round_number}")
        process = processes.Process(target=run, args=(catalog.root, inbox, BLOCK_BYTES))
        process.start()
        time.sleep(chance.uniform(0, longest))
        process.kill()
        process.join()
        killed += process.exitcode != 0
        take(catalog, inbox)
        assert_same(catalog, undisturbed)
    print(f"seed {seed}: {killed} of 10 runs were killed before their end")
    assert killed, f"seed {seed}"


@pytest.mark.slow
@pytest.mark.parametrize("share", ["the same files", "different files", "files of which some are the same"])
def test_two_ingests_at_once_take_every_record_once(tmp_path: Path, processes: Any, share: str) -> None:
    first = many_files(tmp_path / "first", count=4, records=60)
    other = {"the same files": 0, "different files": 4, "files of which some are the same": 2}[share]
    second = many_files(tmp_path / "second", count=4, records=60, first=other)
    seed = random.randrange(10**6)
    chance = random.Random(seed)
    for round_number in range(2):
        catalog = empty_lake(tmp_path / f"lake-{round_number}")
        running = [processes.Process(target=run, args=(catalog.root, inbox, BLOCK_BYTES)) for inbox in (first, second)]
        for process in running:
            process.start()
            time.sleep(chance.uniform(0, 0.3))
        for process in running:
            process.join()
        assert [process.exitcode for process in running] == [0, 0], f"seed {seed}"
        rows = raw_rows(catalog)
        assert len({(row["source_id"], row["source_offset"]) for row in rows}) == len(rows) == (4 + other) * 60
        assert len(file_rows(catalog)) == 4 + other
        _assert_commits_are_true(catalog, rows)


def _assert_commits_are_true(catalog: Catalog, rows: list[dict[str, Any]]) -> None:
    """Each row carries the version that committed it: so many rows were added by it."""
    added: dict[int, Any] = {entry["version"]: entry.get("ingest") for entry in catalog.delta(CDRS).history()}
    for version in {row["ingest_commit"] for row in rows}:
        assert int(added[version]) == sum(row["ingest_commit"] == version for row in rows)


@pytest.fixture
def few_files_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compaction, "MANY_FILES", 4)


def files_of(catalog: Catalog, month: str) -> int:
    return sum(f"/billing_month={month}/" in uri for uri in catalog.delta(CDRS).file_uris())


def test_ingest_compacts_the_months_that_it_touched(
    tmp_path: Path, inbox: Path, undisturbed: Catalog, few_files_are_many: None
) -> None:
    catalog = empty_lake(tmp_path / "lake")
    take(catalog, inbox, block_bytes=BLOCK_BYTES)
    assert {month: files_of(catalog, month) for month in catalog.months(CDRS)} == dict.fromkeys(
        ("2026-01", "2026-02", "2026-03", "2026-04"), 1
    )
    assert files_of(undisturbed, "2026-01") > 4
    assert_same(catalog, undisturbed)
    assert take(catalog, inbox).record_count == 0
    january = catalog.month_version(CDRS, "2026-01")
    assert january.record_count == sum(row["billing_month"] == "2026-01" for row in raw_rows(catalog))


def test_a_month_of_few_files_is_left_alone(undisturbed: Catalog) -> None:
    version = undisturbed.delta(CDRS).version()
    assert not compact_month(undisturbed, "2026-01")
    assert not compact_month(undisturbed, "2031-01")
    assert undisturbed.delta(CDRS).version() == version


def test_compactions_at_once_and_beside_an_ingest_change_no_row(
    tmp_path: Path, inbox: Path, undisturbed: Catalog, few_files_are_many: None
) -> None:
    catalog = empty_lake(tmp_path / "lake")
    is_over = threading.Event()
    done: list[bool] = []

    def compact() -> None:
        while not is_over.is_set():
            done.append(compact_month(catalog, "2026-01"))

    threads = [threading.Thread(target=compact) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        take(catalog, inbox, block_bytes=BLOCK_BYTES)
    finally:
        is_over.set()
        for thread in threads:
            thread.join()
    assert any(done)
    assert_same(catalog, undisturbed)
    files = {Path(uri).name for uri in catalog.delta(CDRS).file_uris()}
    compacted = set(Path(catalog.path(CDRS)).rglob("*-compacted*"))
    removed = {path for path in compacted if path.name not in files}
    assert len(removed) < len(done)
