"""CDR files: only bytes of the content that was hashed are given out."""

import gzip
import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from telecom_cdr.sources import files
from telecom_cdr.sources.files import FileSource

CONTENT = b"".join(b'{"record_ID": "%03d"}\n' % number for number in range(200))


def taken_while(directory: Path, between: Callable[[Path], None], block_bytes: int) -> tuple[list[bytes], list[str]]:
    """Payloads given out, and problems, when something happens to the file between its hash and its reading."""

    def is_taken(_: str) -> bool:
        between(directory / "a.jsonl")
        return False

    source = FileSource(directory, is_taken, block_bytes=block_bytes)
    payloads = [payload for batch in source.batches() for part in batch for payload in part.payloads.to_pylist()]
    return payloads, [problem.reason for problem in source.problems]


def grow(path: Path) -> None:
    with path.open("ab") as file:
        file.write(CONTENT)


def rewrite_unnoticed(path: Path) -> None:
    before = path.stat()
    with path.open("r+b") as file:
        file.write(CONTENT.replace(b"00", b"99"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def replace_by_another(path: Path) -> None:
    (path.parent / "new").write_bytes(b"other\n")
    (path.parent / "new").rename(path)


@pytest.mark.parametrize("change", [grow, rewrite_unnoticed])
def test_a_large_file_that_changes_after_its_hash_is_refused(tmp_path: Path, change: Callable[[Path], None]) -> None:
    (tmp_path / "a.jsonl").write_bytes(CONTENT)
    payloads, problems = taken_while(tmp_path, change, block_bytes=1000)
    assert payloads == []
    assert len(problems) == 1
    assert "changed while it was read" in problems[0]


@pytest.mark.parametrize("change", [replace_by_another, Path.unlink])
def test_a_file_replaced_or_removed_while_it_is_read_is_taken_as_it_was(
    tmp_path: Path, change: Callable[[Path], None]
) -> None:
    (tmp_path / "a.jsonl").write_bytes(CONTENT)
    payloads, problems = taken_while(tmp_path, change, block_bytes=1000)
    assert payloads == CONTENT.splitlines()
    assert problems == []


def test_a_file_that_grows_while_it_is_hashed_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(CONTENT)
    real = hashlib.sha256

    def growing() -> object:
        grow(path)
        return real()

    monkeypatch.setattr(hashlib, "sha256", growing)
    payloads, problems = taken_while(tmp_path, lambda _: None, block_bytes=2**20)
    assert payloads == []
    assert problems == ["changed while it was read; ingest it again when it is finished"]


@pytest.mark.parametrize("block_bytes", [1, 7, 21, 22, 23, 1000, len(CONTENT) - 1, len(CONTENT), len(CONTENT) + 1])
@pytest.mark.parametrize("packed", [False, True])
def test_batches_of_any_size_give_the_same_records(tmp_path: Path, block_bytes: int, packed: bool) -> None:
    content = CONTENT[:420] if block_bytes < 100 else CONTENT
    name = "a.jsonl.gz" if packed else "a.jsonl"
    (tmp_path / name).write_bytes(gzip.compress(content) if packed else content)
    source = FileSource(tmp_path, lambda _: False, block_bytes=block_bytes)
    parts = [part for batch in source.batches() for part in batch]
    assert [payload for part in parts for payload in part.payloads.to_pylist()] == content.splitlines()
    assert [offset for part in parts for offset in part.offsets.to_pylist()] == list(range(content.count(b"\n")))
    assert [part.first_offset for part in parts[1:]] == [part.next_offset for part in parts[:-1]]
    assert [part.completed is not None for part in parts] == [False] * (len(parts) - 1) + [True]
    assert [part.is_text_start for part in parts] == [True] + [False] * (len(parts) - 1)


def test_a_record_that_is_too_long_is_refused_before_anything_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "LONGEST_RECORD_BYTES", 2**20)
    (tmp_path / "a.jsonl").write_bytes(CONTENT + b"x" * 2**21)
    payloads, problems = taken_while(tmp_path, lambda _: None, block_bytes=1000)
    assert payloads == []
    assert problems == ["holds a record longer than 1 MiB"]
