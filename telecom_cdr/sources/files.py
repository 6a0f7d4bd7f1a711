"""CDR files: a directory of `.jsonl` and `.jsonl.gz`, each content taken once, in name order.

Here: which files, what is refused, content hashes, batches of bounded size. Not here: commits (`lakehouse.ingest`).
A file is read through one handle; every batch is compared with the hash that names it before it is given out, so
that the rows under a content hash are bytes of that content and no other.
"""

import gzip
import hashlib
import os
import stat
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Final

import pyarrow as pa

from telecom_cdr.errors import InputError
from telecom_cdr.sources import Problem, Records, TakenRange
from telecom_cdr.sources.lines import split_lines

SUFFIXES: Final = (".jsonl", ".jsonl.gz")
BLOCK_BYTES: Final = 32 * 2**20
LONGEST_RECORD_BYTES: Final = 512 * 2**20


class _RefusedError(Exception):
    """A file that is not taken, or not further; the message is the reason."""


@dataclass(frozen=True)
class _Content:
    """A file's unpacked content: its SHA-256, size, the running hash after each block, and the bytes of a small one."""

    digest: str
    byte_count: int
    block_digests: tuple[bytes, ...]
    whole: bytes | None


class FileSource:
    """The files of a directory and its subfolders, as batches of records.

    `is_taken` says whether a content hash was taken whole before. Raises InputError when there is no such directory,
    or no file in it.
    """

    def __init__(self, directory: Path, is_taken: Callable[[str], bool], *, block_bytes: int = BLOCK_BYTES) -> None:
        self._directory = directory
        self._is_taken = is_taken
        self._block_bytes = block_bytes
        self._seen: set[str] = set()
        self.known: list[str] = []
        self.problems: list[Problem] = []
        self.names = self._list()

    def batches(self) -> Iterator[list[Records]]:
        """Records in name order. A large file makes several batches, many small files make one."""
        batch: list[Records] = []
        size = 0
        for name in self.names:
            for records in self._records(name):
                batch.append(records)
                size += records.payloads.nbytes
                if size >= self._block_bytes:
                    yield batch
                    batch, size = [], 0
        if batch:
            yield batch

    def _list(self) -> list[str]:
        if not self._directory.is_dir():
            what = "is not a directory" if self._directory.exists() else "does not exist"
            raise InputError(f"{self._directory} {what}: name a directory with .jsonl or .jsonl.gz files")
        names = [
            (Path(folder) / file).relative_to(self._directory).as_posix()
            for folder, _, files in os.walk(self._directory, onerror=self._report_folder)
            for file in files
            if file.endswith(SUFFIXES)
        ]
        if not names and not self.problems:
            raise InputError(f"{self._directory} holds no .jsonl or .jsonl.gz file, nor do its subfolders")
        return sorted(names)

    def _report_folder(self, error: OSError) -> None:
        self._report(os.path.relpath(error.filename, self._directory), f"cannot be listed: {error.strerror}")

    def _report(self, name: str, reason: str) -> None:
        self.problems.append(Problem(_printable(name), reason))

    def _records(self, name: str) -> Iterator[Records]:
        try:
            with _Reader(self._directory / name, self._block_bytes) as reader:
                content = reader.inspect()
                if content.digest in self._seen or self._is_taken(content.digest):
                    self.known.append(_printable(name))
                    return
                for records in reader.records(_printable(name), content):
                    yield records
                    # A second file of the same content is known only once the first was read to its end.
                    if records.completed:
                        self._seen.add(content.digest)
        except FileNotFoundError:
            self._report(name, "vanished before it was read")
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            self._report(name, f"is no whole gzip file: {error}")
        except _RefusedError as error:
            self._report(name, str(error))
        except OSError as error:
            self._report(name, f"cannot be read: {error.strerror or error}")


class _Reader:
    """One open file: inspected first, then given out as records."""

    def __init__(self, path: Path, block_bytes: int) -> None:
        self._path = path
        self._block_bytes = block_bytes

    def __enter__(self) -> "_Reader":
        # A named pipe would block on opening.
        if not stat.S_ISREG(self._path.stat().st_mode):
            raise _RefusedError("is not a regular file")
        self._file: IO[bytes] = self._path.open("rb")
        self._state = self._file_state()
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def inspect(self) -> _Content:
        """Hash the unpacked content; refuse a file that changes meanwhile, or with a record too long."""
        running = hashlib.sha256()
        digests = []
        first = b""
        byte_count = 0
        open_record = 0
        for block in self._blocks():
            running.update(block)
            digests.append(running.copy().digest())
            first = block if not digests[1:] else b""
            byte_count += len(block)
            newline = block.rfind(b"\n")
            open_record = open_record + len(block) if newline < 0 else len(block) - newline - 1
            if open_record > LONGEST_RECORD_BYTES:
                raise _RefusedError(f"holds a record longer than {LONGEST_RECORD_BYTES >> 20} MiB")
        self._refuse_change()
        whole = first if len(digests) <= 1 else None
        return _Content(running.hexdigest(), byte_count, tuple(digests), whole)

    def records(self, name: str, content: _Content) -> Iterator[Records]:
        """The records of the inspected content, one block at a time."""
        line = 0
        ends_line = True
        for text in [content.whole] if content.whole is not None else self._lines(content):
            ends_line = text.endswith(b"\n") or not text
            records = _records_of(content.digest, line, text)
            is_last = content.whole is not None or not ends_line
            line = records.next_offset
            yield replace(records, completed=_taken(name, content, ends_line)) if is_last else records
        if content.whole is None and ends_line:
            yield replace(_records_of(content.digest, line, b""), completed=_taken(name, content, ends_line))

    def _lines(self, content: _Content) -> Iterator[bytes]:
        """Pieces of whole lines; the last may lack its end."""
        running = hashlib.sha256()
        rest = b""
        self._file.seek(0)
        for block, expected in zip(self._blocks(), (*content.block_digests, b""), strict=False):
            running.update(block)
            if running.digest() != expected:
                raise _RefusedError("changed while it was read; it is not taken further")
            self._refuse_change()
            cut = block.rfind(b"\n") + 1
            if cut:
                yield b"".join((rest, memoryview(block)[:cut]))
                rest = block[cut:]
            else:
                rest += block
        if running.hexdigest() != content.digest:
            raise _RefusedError("became shorter while it was read; it is not taken further")
        if rest:
            yield rest

    def _blocks(self) -> Iterator[bytes]:
        unpacked = gzip.GzipFile(fileobj=self._file) if self._path.suffix == ".gz" else self._file
        while block := unpacked.read(self._block_bytes):
            yield block

    def _refuse_change(self) -> None:
        if self._file_state() != self._state:
            raise _RefusedError("changed while it was read; ingest it again when it is finished")

    def _file_state(self) -> tuple[int, int]:
        now = os.fstat(self._file.fileno())
        return now.st_size, now.st_mtime_ns


def _records_of(digest: str, first_line: int, text: bytes) -> Records:
    lines = split_lines(text)
    return Records(
        source_id=digest,
        source_partition=0,
        position_key=digest,
        first_offset=first_line,
        next_offset=first_line + lines.line_count,
        offsets=pa.array(lines.line_numbers + first_line),
        payloads=lines.payloads,
        is_text_start=first_line == 0,
    )


def _taken(name: str, content: _Content, ends_line: bool) -> TakenRange:
    return TakenRange(name=name, first_offset=0, byte_count=content.byte_count, is_truncated=not ends_line)


def _printable(name: str) -> str:
    """A file name as text: bytes that are no UTF-8 are shown as escapes."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")
