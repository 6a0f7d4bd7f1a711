"""Ingest: every record once, byte for byte, and every file accounted for."""

import gzip
import hashlib
import os
import random
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from telecom_cdr.errors import InputError
from telecom_cdr.lakehouse.catalog import Catalog
from telecom_cdr.lakehouse.ingest import IngestProgress, ingest_directory
from telecom_cdr.tables.invoices import BILLING_PERIODS
from telecom_cdr.tables.raw import CDRS, FILES
from telecom_cdr_tests.lakehouse.raw_inputs import (
    INGESTED,
    cdr,
    empty_lake,
    file_rows,
    lasting,
    lines,
    many_files,
    raw_rows,
    settings_of,
    take,
    write_files,
)


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    directory = tmp_path / "in"
    directory.mkdir()
    return directory


def test_a_record_is_kept_byte_for_byte_with_its_position_and_its_fields(catalog: Catalog, inbox: Path) -> None:
    payload = cdr("r1", "2026-02-28T23:30:00Z", sender_id="0612345678", is_final=True) + b"  \r"
    content = lines(b"", payload)
    take(catalog, write_files(inbox, {"a.jsonl": content}))
    (row,) = raw_rows(catalog)
    filled = {name: value for name, value in row.items() if value is not None}
    assert filled == {
        "source_id": hashlib.sha256(content).hexdigest(),
        "source_partition": 0,
        "source_offset": 1,
        "ingest_commit": 1,
        "source_sequence": 0,
        "ingested_utc": INGESTED,
        "payload": payload,
        "is_well_formed": True,
        "record_id": "r1",
        "record_type": "sms",
        "timestamp_text": "2026-02-28T23:30:00Z",
        "sender_id": "0612345678",
        "is_final": "true",
        "event_start_utc": datetime(2026, 2, 28, 23, 30, tzinfo=UTC),
        "utc_offset_seconds": 0,
        "usage_date": date(2026, 2, 28),
        "is_ambiguous_time": False,
        "is_shifted_time": False,
        "usage_month": "2026-02",
        "billing_month": "2026-02",
    }
    assert catalog.delta(CDRS).version() == row["ingest_commit"]


def test_raw_files_tells_what_was_taken(catalog: Catalog, inbox: Path) -> None:
    content = lines(cdr("r1", "2026-04-01T10:00:00Z"), b" ", b"{", cdr("r2", "2026-03-01T10:00:00Z")) + cdr("r3", "?")
    report = take(catalog, write_files(inbox, {"sub/a.jsonl": content}))
    assert file_rows(catalog)["sub/a.jsonl"] == {
        "source_id": hashlib.sha256(content).hexdigest(),
        "source_partition": 0,
        "first_offset": 0,
        "next_offset": 5,
        "name": "sub/a.jsonl",
        "byte_count": len(content),
        "record_count": 4,
        "blank_line_count": 1,
        "malformed_count": 1,
        "longest_record_bytes": len(cdr("r1", "2026-04-01T10:00:00Z")),
        "first_event_utc": datetime(2026, 3, 1, 10, tzinfo=UTC),
        "last_event_utc": datetime(2026, 4, 1, 10, tzinfo=UTC),
        "state": "truncated",
        "ingested_utc": INGESTED,
    }
    assert (report.files_taken, report.files_truncated) == (["sub/a.jsonl"], ["sub/a.jsonl"])
    assert (report.record_count, report.malformed_count, report.blank_line_count) == (4, 1, 1)
    assert report.months == {"2026-04": 3, "2026-03": 1}
    assert not report.problems


def test_random_bytes_come_back_unchanged(catalog: Catalog, inbox: Path) -> None:
    seed = random.randrange(10**6)
    chance = random.Random(seed)
    contents = {
        f"{number}.jsonl": bytes(
            chance.choice(b'\n\r {}[]":,ab\x00\xc3\xa9\xff') for _ in range(chance.randrange(3000))
        )
        for number in range(5)
    }
    take(catalog, write_files(inbox, contents), block_bytes=chance.randrange(50, 4000))
    expected = {
        (hashlib.sha256(content).hexdigest(), offset): line
        for content in contents.values()
        for offset, line in enumerate(content.split(b"\n"))
        if line.strip()
    }
    found = {(row["source_id"], row["source_offset"]): row["payload"] for row in raw_rows(catalog)}
    assert found == expected, f"seed {seed}"


def test_the_same_content_is_taken_once_whatever_its_name_place_or_packing(catalog: Catalog, inbox: Path) -> None:
    content = lines(cdr("r1"), cdr("r2"))
    write_files(inbox, {"a.jsonl": content, "b.jsonl": content, "c/d.jsonl.gz": gzip.compress(content)})
    first = take(catalog, inbox)
    assert (first.files_taken, first.files_known) == (["a.jsonl"], ["b.jsonl", "c/d.jsonl.gz"])
    versions = [catalog.delta(table).version() for table in (CDRS, FILES)]
    second = take(catalog, inbox)
    assert (second.files_taken, second.record_count) == ([], 0)
    assert second.files_known == ["a.jsonl", "b.jsonl", "c/d.jsonl.gz"]
    assert [catalog.delta(table).version() for table in (CDRS, FILES)] == versions
    assert len(raw_rows(catalog)) == 2


def test_new_files_are_taken_by_a_later_ingest(catalog: Catalog, inbox: Path) -> None:
    take(catalog, write_files(inbox, {"b.jsonl": lines(cdr("r1"))}))
    take(catalog, write_files(inbox, {"a.jsonl": lines(cdr("r2"))}))
    assert [(row["record_id"], row["ingest_commit"]) for row in raw_rows(catalog)] == [("r1", 1), ("r2", 2)]


def test_many_small_files_make_one_commit_in_name_order(catalog: Catalog, inbox: Path) -> None:
    names = ["b.jsonl", "a/z.jsonl", "a.jsonl", "B.jsonl"]
    take(catalog, write_files(inbox, {name: lines(cdr(name)) for name in names}))
    assert catalog.delta(CDRS).version() == catalog.delta(FILES).version() == 1
    assert [(row["record_id"], row["source_sequence"]) for row in raw_rows(catalog)] == [
        (name, place) for place, name in enumerate(sorted(names))
    ]


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_a_large_file_is_taken_in_several_commits_of_the_same_rows(tmp_path: Path, suffix: str) -> None:
    whole, parts = empty_lake(tmp_path / "whole"), empty_lake(tmp_path / "parts")
    content = lines(*(cdr(str(row)) if row % 5 else b"" for row in range(300)))
    inbox = write_files(tmp_path / "in", {f"a.jsonl{suffix}": gzip.compress(content) if suffix else content})
    take(whole, inbox)
    report = take(parts, inbox, block_bytes=5000)
    assert parts.delta(CDRS).version() > 3
    assert parts.delta(FILES).version() == 1
    assert lasting(raw_rows(parts)) == lasting(raw_rows(whole))
    assert file_rows(parts) == file_rows(whole)
    assert (report.record_count, report.blank_line_count) == (240, 60)


@pytest.mark.parametrize("seed", range(3))
def test_splits_of_the_same_records_give_the_same_rows(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    payloads = [cdr(str(row), f"2026-0{row % 4 + 1}-03T10:00:00") for row in range(60)]
    kept = []
    for case in ("one", "ten"):
        catalog = empty_lake(tmp_path / case)
        inbox = tmp_path / f"in-{case}"
        for part in range(1 if case == "one" else 10):
            chosen = payloads if case == "one" else payloads[part * 6 : part * 6 + 6]
            chance.shuffle(chosen)
            take(catalog, write_files(inbox, {f"{part}.jsonl": lines(*chosen)}))
        place = {"source_id", "source_offset"}
        rows = [{name: value for name, value in row.items() if name not in place} for row in lasting(raw_rows(catalog))]
        kept.append(sorted(rows, key=lambda row: str(row["record_id"])))
    assert kept[0] == kept[1]


@pytest.mark.parametrize("content", [b"", b"\n \n"])
def test_an_empty_file_is_recorded_once(catalog: Catalog, inbox: Path, content: bytes) -> None:
    report = take(catalog, write_files(inbox, {"a.jsonl": content}))
    assert (report.files_taken, report.files_empty, report.record_count) == (["a.jsonl"], ["a.jsonl"], 0)
    row = file_rows(catalog)["a.jsonl"]
    assert (row["state"], row["record_count"], row["next_offset"]) == ("empty", 0, content.count(b"\n"))
    assert row["first_event_utc"] is None
    assert take(catalog, inbox).files_known == ["a.jsonl"]
    assert catalog.delta(CDRS).version() == 0


def test_a_line_of_ten_megabytes_is_a_record_like_any_other(catalog: Catalog, inbox: Path) -> None:
    long = cdr("long", cause="x" * 10_000_000)
    take(catalog, write_files(inbox, {"a.jsonl": lines(cdr("r1"), long, cdr("r2"))}), block_bytes=2**20)
    assert [row["payload"] == long for row in raw_rows(catalog)] == [False, True, False]
    assert file_rows(catalog)["a.jsonl"]["longest_record_bytes"] == len(long)


def test_bytes_that_are_not_utf8_are_kept_and_malformed(catalog: Catalog, inbox: Path) -> None:
    broken = b'{"record_ID": "\xff"}'
    report = take(catalog, write_files(inbox, {"a.jsonl": lines(cdr("r1"), broken, cdr("r2"))}))
    rows = raw_rows(catalog)
    assert [row["payload"] for row in rows] == [cdr("r1"), broken, cdr("r2")]
    assert [row["is_well_formed"] for row in rows] == [True, False, True]
    assert (rows[1]["usage_month"], rows[1]["billing_month"]) == (None, "2026-04")
    assert report.malformed_count == 1


@pytest.mark.parametrize("spoilt", [b"no gzip", gzip.compress(lines(cdr("r1")) * 50)[:-20], b""])
def test_a_bad_gzip_file_is_reported_and_nothing_of_it_is_taken(catalog: Catalog, inbox: Path, spoilt: bytes) -> None:
    write_files(inbox, {"a.jsonl.gz": spoilt, "b.jsonl": lines(cdr("r2"))})
    report = take(catalog, inbox, block_bytes=100)
    assert [row["record_id"] for row in raw_rows(catalog)] == ["r2"]
    if spoilt:
        assert [problem.name for problem in report.problems] == ["a.jsonl.gz"]
        assert "gzip" in report.problems[0].reason
        assert "a.jsonl.gz" not in file_rows(catalog)


def test_a_vanished_or_unreadable_file_is_reported_and_the_others_are_taken(catalog: Catalog, inbox: Path) -> None:
    write_files(inbox, {"a.jsonl": lines(cdr("r1"))})
    (inbox / "gone.jsonl").symlink_to(inbox / "nowhere")
    (inbox / "loop.jsonl").symlink_to(inbox / "loop.jsonl")
    (inbox / "folder.jsonl").mkdir()
    os.mkfifo(inbox / "pipe.jsonl")
    report = take(catalog, inbox)
    assert report.files_taken == ["a.jsonl"]
    assert {problem.name: problem.reason for problem in report.problems} == {
        "gone.jsonl": "vanished before it was read",
        "loop.jsonl": "cannot be read: Too many levels of symbolic links",
        "pipe.jsonl": "is not a regular file",
    }


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_without_permission_is_reported(catalog: Catalog, inbox: Path) -> None:
    write_files(inbox, {"a.jsonl": lines(cdr("r1")), "b.jsonl": lines(cdr("r2"))})
    (inbox / "a.jsonl").chmod(0)
    report = take(catalog, inbox)
    assert [(problem.name, problem.reason) for problem in report.problems] == [
        ("a.jsonl", "cannot be read: Permission denied")
    ]
    assert report.files_taken == ["b.jsonl"]


def test_names_that_are_not_utf8_are_shown_as_escapes(catalog: Catalog, inbox: Path) -> None:
    Path(os.fsdecode(os.fsencode(inbox) + b"/\xff.jsonl")).write_bytes(lines(cdr("r1")))
    assert take(catalog, inbox).files_taken == ["\\xff.jsonl"]


@pytest.mark.parametrize("make", ["missing", "file", "empty", "other"])
def test_a_directory_without_files_is_an_error_in_one_line(catalog: Catalog, inbox: Path, make: str) -> None:
    write_files(inbox, {"file": b"", "other/notes.txt": b"text"})
    (inbox / "empty").mkdir()
    with pytest.raises(InputError, match=r"\.jsonl") as refused:
        take(catalog, inbox / make)
    assert str(inbox / make) in str(refused.value)


def close(catalog: Catalog, *months: str) -> None:
    zero = {"invoice_count": 0, "net_amount": 0, "tax_amount": 0, "total_amount": 0, "reference_version": 1}
    text = {"state": "closed", "run_id": "r", "software_version": "v", "tzdata_version": "2026f", "table_versions": ""}
    rows = [{**zero, **text, "changed_utc": INGESTED, "billing_month": month} for month in months]
    catalog.append(BILLING_PERIODS, pa.Table.from_pylist(rows, schema=BILLING_PERIODS.arrow_schema))


def test_late_and_future_and_old_records_go_to_their_billing_months(catalog: Catalog, inbox: Path) -> None:
    close(catalog, "2026-01", "2026-02")
    starts = ("2026-01-10T00:00:00", "2026-03-10T00:00:00", "2030-01-01T00:00:00", "2023-06-01T00:00:00", "?")
    take(catalog, write_files(inbox, {"a.jsonl": lines(*(cdr(start, start) for start in starts))}))
    assert [(row["usage_month"], row["billing_month"]) for row in raw_rows(catalog)] == [
        ("2026-01", "2026-03"),
        ("2026-03", "2026-03"),
        ("2030-01", "2026-04"),
        ("2023-06", "2026-04"),
        (None, "2026-04"),
    ]


def test_progress_is_told_after_each_commit(catalog: Catalog, inbox: Path) -> None:
    told: list[IngestProgress] = []
    many_files(inbox, count=3, records=4)
    ingest_directory(
        catalog, settings_of(catalog), inbox, now=lambda: INGESTED, on_progress=told.append, block_bytes=100
    )
    assert told[-1] == IngestProgress(record_count=12, file_count=3, file_total=3)
    assert [step.record_count for step in told] == sorted(step.record_count for step in told)


def test_statistics_in_the_log_hold_nothing_personal(catalog: Catalog, inbox: Path) -> None:
    take(catalog, write_files(inbox, {"a.jsonl": lines(cdr("r1", sender_id="0612345678", imsi="604011234567890"))}))
    log = b"".join(path.read_bytes() for path in Path(catalog.path(CDRS), "_delta_log").iterdir())
    assert b"612345678" not in log
    assert b"60401" not in log
    assert b"min" in log
