"""CDR files as Arrow arrays of lines: payload bytes, file and line number; text where the bytes are UTF-8.

Files of the generator: no blank lines, no byte order marks, nothing compressed.
"""

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_NEWLINE: Final = 10
_SLICE_ROWS: Final = 16_384


@dataclass(frozen=True)
class SourceFile:
    """One file read: its place in name order, the hash of its content, its size, and whether its last line ends."""

    number: int
    name: str
    source_id: str
    byte_count: int
    line_count: int
    longest_line: int
    is_complete: bool


@dataclass(frozen=True)
class Batch:
    """Lines of whole files in order: `file_no`, `line_no`, `payload`, and `line`, its text, null when it is none."""

    files: list[SourceFile]
    lines: pa.Table


def read_batches(directory: Path, batch_bytes: int) -> Iterator[Batch]:
    """Batches in name order, each read in the background while the one before it is worked on."""
    groups = _groups(sorted(path for path in directory.rglob("*.jsonl")), batch_bytes)
    with ThreadPoolExecutor(max_workers=1) as background:
        first = 0
        coming = None
        for group in groups:
            following = background.submit(_read, directory, group, first)
            if coming is not None:
                yield coming.result()
            coming = following
            first += len(group)
        if coming is not None:
            yield coming.result()


def _groups(paths: list[Path], batch_bytes: int) -> Iterator[list[Path]]:
    group: list[Path] = []
    size = 0
    for path in paths:
        group.append(path)
        size += path.stat().st_size
        if size >= batch_bytes:
            yield group
            group, size = [], 0
    if group:
        yield group


def _read(directory: Path, paths: list[Path], first: int) -> Batch:
    files, tables = [], []
    for number, path in enumerate(paths, start=first):
        content = path.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        table = _lines(content, number)
        files.append(
            SourceFile(
                number=number,
                name=path.relative_to(directory).as_posix(),
                source_id=digest,
                byte_count=len(content),
                line_count=table.num_rows,
                longest_line=pc.max(pc.binary_length(table["payload"])).as_py() or 0,
                is_complete=not content or content[-1] == _NEWLINE,
            )
        )
        tables += [table.slice(start, _SLICE_ROWS) for start in range(0, table.num_rows, _SLICE_ROWS)]
    return Batch(files, pa.concat_tables(tables))


def _lines(content: bytes, number: int) -> pa.Table:
    if content and content[-1] != _NEWLINE:
        content += b"\n"
    characters = np.frombuffer(content, np.uint8)
    ends = np.flatnonzero(characters == _NEWLINE)
    starts = np.zeros(len(ends) + 1, np.int32)
    starts[1:] = ends + 1
    whole = pa.Array.from_buffers(pa.binary(), len(ends), [None, pa.py_buffer(starts), pa.py_buffer(content)])
    payload = pc.binary_slice(whole, 0, -1)
    return pa.table(
        {
            "file_no": pa.array(np.full(len(ends), number, np.int32)),
            "line_no": pa.array(np.arange(len(ends), dtype=np.int64)),
            "payload": payload,
            "line": _text(payload, characters, ends),
        }
    )


def _text(payload: pa.BinaryArray, characters: np.ndarray, ends: np.ndarray) -> pa.StringArray:
    """ASCII is UTF-8: only lines with other bytes are looked at one by one."""
    unusual = np.unique(np.searchsorted(ends, np.flatnonzero(characters > 127))).tolist()
    refused = [row for row in unusual if not _is_text(payload[row].as_py())]
    if not refused:
        return payload.view(pa.string())
    is_text = np.ones(len(payload), np.bool_)
    is_text[refused] = False
    return pc.if_else(pa.array(is_text), payload, pa.scalar(None, pa.binary())).view(pa.string())


def _is_text(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
