"""The input of a comparison: generated files and the reference tables, made once for each size, months and seed."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow.parquet as pq

from telecom_cdr.cli.demo import catalogue, last_complete_months
from telecom_cdr.reference.database import load, read_snapshot
from telecom_cdr.settings import Settings
from telecom_cdr.sources.generator.generate import generate

_MARKER: Final = "complete.json"
# A record is about 280 bytes; what the systems write about four times that at their peak, spill and all.
BYTES_A_RECORD: Final = 280
SPACE_FACTOR: Final = 6


@dataclass(frozen=True)
class Dataset:
    """Files in `source`, reference tables in `reference`; `record_count` records of `months`, each with a seed of its
    own, from `seed` on.
    """

    folder: Path
    months: tuple[str, ...]
    record_count: int
    seed: int

    @property
    def source(self) -> Path:
        """Directory of the CDR files."""
        return self.folder / "cdrs"

    @property
    def reference(self) -> Path:
        """Directory of the reference tables as Parquet."""
        return self.folder / "reference"


def dataset(work: Path, record_count: int, *, month_count: int = 1, seed: int = 1) -> Dataset:
    """The data of a size, generated unless it is there; the default catalogue's subscribers and tariff."""
    settings = Settings(lake=work / "unused")
    months = tuple(last_complete_months(settings, month_count))
    name = f"{record_count}-{months[0]}-{month_count}-{seed}"
    made = Dataset(work / "data" / name, months, record_count, seed)
    if not (made.folder / _MARKER).is_file():
        shutil.rmtree(made.folder, ignore_errors=True)
        _generate(made, settings)
    return made


def _generate(made: Dataset, settings: Settings) -> None:
    made.reference.mkdir(parents=True)
    url = f"sqlite:///{made.folder / 'reference.sqlite'}"
    load(catalogue(), url)
    tables = read_snapshot(url).tables
    for name, rows in tables.items():
        pq.write_table(rows, made.reference / f"{name}.parquet")
    share, rest = divmod(made.record_count, len(made.months))
    for number, month in enumerate(made.months):
        generate(
            subscriptions=tables["subscriptions"],
            products=tables["products"],
            rates=tables["rates"],
            month=month,
            count=share + (1 if number < rest else 0),
            out_dir=made.source,
            seed=made.seed + number,
            timezone=settings.timezone,
            first_month=settings.first_month,
            home_operator=settings.home_operator,
        )
    (made.folder / _MARKER).write_text(json.dumps({"months": made.months}), encoding="utf-8")
