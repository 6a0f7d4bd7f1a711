"""The files of a month: JSONL, the sidecar table and `truth.json`.

At the end they replace those of an earlier generation; until then they have names that `ingest` does not take.
Other months in the directory are left as they are.
"""

import json
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Final, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from telecom_cdr.errors import InputError
from telecom_cdr.sources.generator.batch import Batch
from telecom_cdr.sources.generator.truth import SCHEMA, Summary

TRUTH_FILE: Final = "truth.json"
_UNFINISHED: Final = ".unfinished"


class MonthWriter:
    """Writes one month into a directory; `finish` puts all in place, leaving without it removes what was made."""

    def __init__(self, directory: Path, month: str, record_count: int, records_per_file: int) -> None:
        file_count = max(1, -(-record_count // records_per_file))
        self.files = [f"cdrs-{month}-{number:03d}.jsonl" for number in range(1, file_count + 1)]
        self.truth_table = f"truth-{month}.parquet"
        self.byte_count = 0
        self.position = 0
        self._directory, self._month, self._records_per_file = directory, month, records_per_file
        self._record_counts = dict.fromkeys(self.files, 0)
        self._open: tuple[int, BinaryIO] | None = None
        self._truth: pq.ParquetWriter | None = None
        self._summary = Summary()

    def __enter__(self) -> Self:
        try:
            self._directory.mkdir(parents=True, exist_ok=True)
            for name in self.files:
                self._unfinished(name).write_bytes(b"")
            self._truth = pq.ParquetWriter(self._unfinished(self.truth_table), SCHEMA, compression="zstd")
        except OSError as error:
            raise InputError(f"{self._directory} cannot be written: {error}; choose another directory") from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()
        for name in (*self.files, self.truth_table, TRUTH_FILE):
            self._unfinished(name).unlink(missing_ok=True)

    def write(self, batch: Batch) -> None:
        """Append a batch in order of arrival."""
        rows = batch.truth.rows(batch.order, self.files, self.position, self._records_per_file)
        self._write_lines(batch.lines.take(pa.array(batch.order)))
        if self._truth is not None:
            self._truth.write_table(rows)
        self._summary.add(rows)

    def _write_lines(self, lines: pa.BinaryArray) -> None:
        """Binary arrays hold their values one after the other: what is written is a piece of the buffer."""
        offsets = np.frombuffer(lines.buffers()[1], np.int32)[lines.offset : lines.offset + len(lines) + 1]
        content = memoryview(lines.buffers()[2] or b"")
        written = 0
        while written < len(lines):
            index, line = divmod(self.position, self._records_per_file)
            size = min(len(lines) - written, self._records_per_file - line)
            part = content[offsets[written] : offsets[written + size]]
            self._file(index).write(part)
            self._record_counts[self.files[index]] += size
            self.byte_count += len(part)
            self.position += size
            written += size

    def finish(self, description: dict[str, Any]) -> Summary:
        """Put the files in place of the month's earlier ones, and enter the month in `truth.json`."""
        self._close()
        entry = description | {
            "files": [{"name": name, "records": count} for name, count in self._record_counts.items()],
            "records": self.truth_table,
            **self._summary.as_json(),
        }
        months = read_truth(self._directory) | {self._month: entry}
        self._unfinished(TRUTH_FILE).write_text(_as_text(months), encoding="utf-8")
        for old in self._directory.glob(f"cdrs-{self._month}-*.jsonl"):
            old.unlink()
        for name in (*self.files, self.truth_table, TRUTH_FILE):
            self._unfinished(name).rename(self._directory / name)
        return self._summary

    def _unfinished(self, name: str) -> Path:
        return self._directory / f"{name}{_UNFINISHED}"

    def _file(self, index: int) -> BinaryIO:
        if self._open is None or self._open[0] != index:
            if self._open is not None:
                self._open[1].close()
            self._open = (index, self._unfinished(self.files[index]).open("ab"))
        return self._open[1]

    def _close(self) -> None:
        if self._open is not None:
            self._open[1].close()
            self._open = None
        if self._truth is not None:
            self._truth.close()
            self._truth = None


def read_truth(directory: Path) -> dict[str, Any]:
    """The months that `truth.json` of a directory describes; none when there is no such file."""
    path = directory / TRUTH_FILE
    if not path.exists():
        return {}
    try:
        months = json.loads(path.read_text(encoding="utf-8"))["months"]
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path} is no truth of generated records; remove it or choose another directory") from error
    return dict(months)


def _as_text(months: dict[str, Any]) -> str:
    """JSON for people: indented, but one line for each injected fault."""
    texts = []
    for month in sorted(months):
        entry = months[month]
        summary = json.dumps({key: value for key, value in entry.items() if key != "injected"}, indent=2)
        injected = ",\n".join(f"  {json.dumps(row, ensure_ascii=False)}" for row in entry["injected"])
        texts.append(f'{json.dumps(month)}: {summary[:-2]},\n  "injected": [\n{injected}\n]}}')
    return '{"months": {\n' + ",\n".join(texts) + "\n}}\n"
