"""Bytes to lines: payloads as an Arrow array, with their line numbers.

Here: where a record begins and ends in a file. Not here: which files (`files`), what a line means (`decode`).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

_NEWLINE: Final = 10
_WHITESPACE: Final = np.frombuffer(b" \t\n\v\f\r", np.uint8)


@dataclass(frozen=True)
class Lines:
    """The records of a piece of text: payloads without line end, and the index of each line in the piece.

    Lines that are empty or only ASCII whitespace are counted in `line_count` and are no records.
    """

    payloads: pa.BinaryArray
    line_numbers: NDArray[np.int64]
    line_count: int


def split_lines(text: bytes) -> Lines:
    """Split a piece of text, below 2 GiB, at each newline; a last line may lack it. A carriage return stays."""
    if text and text[-1] != _NEWLINE:
        text += b"\n"
    content = np.frombuffer(text, np.uint8)
    ends = np.flatnonzero(content == _NEWLINE)
    starts = np.zeros(len(ends) + 1, np.int32)
    starts[1:] = ends + 1
    buffers = [None, pa.py_buffer(starts), pa.py_buffer(text)]
    lines = pa.Array.from_buffers(pa.binary(), len(ends), buffers)
    numbers = np.arange(len(ends), dtype=np.int64)
    # A record begins with a brace: only lines that begin with whitespace can be blank.
    candidates = np.flatnonzero(np.isin(content[starts[:-1]], _WHITESPACE))
    blank = [row for row in candidates.tolist() if lines[row].as_py().isspace()]
    if blank:
        numbers = np.delete(numbers, blank)
        lines = lines.take(pa.array(numbers))
    return Lines(pc.binary_slice(lines, 0, -1), numbers, len(ends))
