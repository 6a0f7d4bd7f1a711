"""A disk that refuses a write in the middle: nothing half-way is read, and running again mends it."""

import os
import random
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from telecom_cdr.lakehouse.orphans import leftover_staging
from telecom_cdr.lakehouse.reference_snapshot import newest_load, reference_version
from telecom_cdr.tables import reference
from telecom_cdr.tables.mediated import QUARANTINE, VOICE
from telecom_cdr.tables.rated import USAGE
from telecom_cdr_tests.faults.lakes import BESIDE, MONTH, assert_same, contents, copy_of, with_settings
from telecom_cdr_tests.product import Product, Result
from telecom_cdr_tests.reference.catalogue import Catalogue
from telecom_cdr_tests.requirements import miss

pytestmark = pytest.mark.slow

DISK_BYTES = 64 * 2**20
# Less than any table needs; and what a month needs several times over.
TOO_LITTLE = 16 * 2**10
ROOM_FOR_SOME_TABLES = (32 * 2**10, 320 * 2**10)


@dataclass(frozen=True)
class SmallDisk:
    """A file system of its own, which is filled until little is left."""

    folder: Path

    @property
    def _filler(self) -> Path:
        return self.folder / "filler"

    def leave(self, byte_count: int) -> None:
        """Fill it until no more than so many bytes can be written."""
        self.make_room()
        status = os.statvfs(self.folder)
        with self._filler.open("wb") as filler:
            os.posix_fallocate(filler.fileno(), 0, status.f_bavail * status.f_frsize - byte_count)

    def make_room(self) -> None:
        """Give back what was filled."""
        self._filler.unlink(missing_ok=True)

    def copy_of(self, product: Product, **settings: str) -> Product:
        """The same lake on this disk; its history of runs and its database beside it, unless settings say otherwise."""
        root = self.folder.parent / "product"
        shutil.copytree(product.root, root, ignore=shutil.ignore_patterns("lake"))
        shutil.copytree(product.lake, self.folder / "lake")
        return with_settings(Product.at(root), TELECOM_CDR_LAKE=str(self.folder / "lake"), **settings)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    """A small disk in memory. Where it may not be mounted: skipped, but with CI=true a failure."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(folder)]
    mounted = subprocess.run(command, capture_output=True, text=True) if shutil.which("mount") else None
    if mounted is None or mounted.returncode:
        miss("a small tmpfs cannot be mounted: run the tests as root to fill a disk")
    yield SmallDisk(folder)
    # A run that failed on it may still hold a file of its history open.
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def assert_told(result: Result) -> None:
    """It failed, in lines for people."""
    assert result.exit_code == 1, result.errors
    assert "Traceback" not in result.errors
    errors = [line.lower() for line in result.errors.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1, result.errors
    assert "no space left on device" in errors[0] or "the disk is full" in errors[0]


def test_a_table_that_cannot_be_written_stops_the_month_until_it_can(
    tmp_path: Path, ingested: Product, billed: Product
) -> None:
    product = copy_of(ingested, tmp_path / "product")
    before = contents(product, [BESIDE])
    # A file where the directory of the month must be, so that the fourth of five tables fails even for root.
    in_the_way = Path(product.catalog.path(QUARANTINE)) / f"billing_month={MONTH}"
    in_the_way.touch()
    result = product.run("run", "--month", MONTH)
    assert result.exit_code == 1
    assert len([line for line in result.errors.splitlines() if line.startswith(f"error: {MONTH}: ")]) == 1
    assert "Traceback" not in result.errors
    assert product.rows(VOICE.path, MONTH).num_rows
    assert not product.rows(USAGE.path, MONTH).num_rows
    assert leftover_staging(product.catalog) == []
    assert all(rows.equals(before[name]) for name, rows in contents(product, [BESIDE]).items())

    in_the_way.unlink()
    product.done("run", "--month", MONTH)
    assert_same(product, billed, [MONTH])


def test_a_run_on_a_full_disk_leaves_every_table_whole_and_goes_on_when_there_is_room(
    disk: SmallDisk, grown: Product, rebilled: Product
) -> None:
    product = disk.copy_of(grown)
    old, new = contents(grown, [MONTH]), contents(rebilled, [MONTH])
    disk.leave(TOO_LITTLE)
    assert_told(product.run("run", "--month", MONTH))
    assert all(rows.equals(old[name]) for name, rows in contents(product, [MONTH]).items())
    assert leftover_staging(product.catalog) == []

    seed = random.randrange(10**6)
    left = random.Random(seed).randrange(*ROOM_FOR_SOME_TABLES)
    print(f"seed {seed}: {left:,} bytes left")
    disk.leave(left)
    product.run("run", "--month", MONTH)
    for name, rows in contents(product, [MONTH]).items():
        assert rows.equals(old[name]) or rows.equals(new[name]), f"{name} is neither what it was nor what it was to be"

    disk.make_room()
    product.done("run", "--month", MONTH)
    assert_same(product, rebilled)


def test_an_ingest_on_a_full_disk_takes_nothing_and_everything_when_there_is_room(
    disk: SmallDisk, billed: Product, grown: Product, inbox: Path
) -> None:
    product = disk.copy_of(billed)
    disk.leave(TOO_LITTLE)
    assert_told(product.run("ingest", "--from", str(inbox / "later")))
    assert all(rows.equals(contents(billed)[name]) for name, rows in contents(product).items())
    disk.make_room()
    product.done("ingest", "--from", str(inbox / "later"))
    assert_same(product, grown)


def test_a_disk_without_room_for_the_history_of_runs_is_told_in_one_line(disk: SmallDisk, billed: Product) -> None:
    product = disk.copy_of(billed, DAGSTER_HOME=str(disk.folder / "dagster"))
    shutil.copytree(billed.root / "dagster", disk.folder / "dagster")
    disk.leave(TOO_LITTLE)
    assert_told(product.run("run", "--month", MONTH))
    disk.make_room()
    assert_same(product, billed)


def test_a_snapshot_on_a_full_disk_leaves_the_old_load_to_read(disk: SmallDisk, tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path / "csv")
    database = f"sqlite:///{tmp_path / 'reference.sqlite'}"
    product = Product.at(
        tmp_path / "product", TELECOM_CDR_LAKE=str(disk.folder / "lake"), TELECOM_CDR_DATABASE_URL=database
    )
    product.done("reference", "load", str(catalogue.directory))
    before = newest_load(product.catalog)
    catalogue.add("holidays", "2024-07-30,Throne Day")
    disk.leave(TOO_LITTLE)
    assert_told(product.run("reference", "load", str(catalogue.directory)))
    assert newest_load(product.catalog) == before
    disk.make_room()
    product.done("reference", "load", str(catalogue.directory))
    assert reference_version(product.catalog) == 2
    assert product.rows(reference.HOLIDAYS.path).num_rows == 2
