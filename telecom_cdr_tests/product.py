"""The product as its users meet it: the command line on a lake of its own, inside this process or in another."""

import contextlib
import csv
import io
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import pyarrow as pa

from telecom_cdr import tables
from telecom_cdr.lakehouse.catalog import Catalog


@dataclass(frozen=True)
class Result:
    """How a command ended."""

    exit_code: int
    output: str
    errors: str

    @property
    def rows(self) -> list[dict[str, str]]:
        """Standard output read as CSV."""
        return list(csv.DictReader(io.StringIO(self.output)))


@dataclass(frozen=True)
class Product:
    """A lake directory and the settings that commands get."""

    root: Path
    settings: Mapping[str, str]

    @classmethod
    def at(cls, root: Path, **settings: str) -> "Product":
        """A product whose lake, database and Dagster home are all below `root`."""
        return cls(root, {"TELECOM_CDR_LAKE": str(root / "lake"), "DAGSTER_HOME": str(root / "dagster"), **settings})

    @property
    def lake(self) -> Path:
        """Directory of the lake."""
        return Path(self.settings["TELECOM_CDR_LAKE"])

    @property
    def catalog(self) -> Catalog:
        """The lake's tables."""
        return Catalog(self.lake)

    def run(self, *arguments: str) -> Result:
        """Run a command inside this process."""
        from telecom_cdr.cli.main import main

        out, err = io.StringIO(), io.StringIO()
        code = 0
        with (
            self._environment(),
            mock.patch.object(sys, "argv", ["telecom-cdr", *arguments]),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            try:
                main()
            except SystemExit as exit_:
                code = exit_.code if isinstance(exit_.code, int) else 1
        return Result(code, out.getvalue(), err.getvalue())

    def done(self, *arguments: str) -> Result:
        """Run a command that must succeed."""
        result = self.run(*arguments)
        assert result.exit_code == 0, f"{arguments}: {result.exit_code}\n{result.output}\n{result.errors}"
        return result

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """Start a command as a process of its own."""
        return subprocess.Popen(
            [sys.executable, "-c", "from telecom_cdr.cli.process import command; command()", *arguments],
            env={**os.environ, **self.settings, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def rows(self, path: str, month: str | None = None, *without: str) -> pa.Table:
        """Rows of a table in the order of its key, less the columns named."""
        table = tables.BY_PATH[path]
        found = self.catalog.read(table, month)
        kept = [name for name in table.column_names if name not in without]
        return found.select(kept).sort_by([(name, "ascending") for name in table.key if name in kept])

    @contextlib.contextmanager
    def _environment(self) -> Iterator[None]:
        with mock.patch.dict(os.environ, self.settings):
            yield
