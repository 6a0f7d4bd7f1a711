"""The truth and the mediated tables agree, record by record: table, reasons, usage month, and the record kept."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from telecom_cdr import mediation
from telecom_cdr.lakehouse.ingest import ingest_directory
from telecom_cdr.lakehouse.lake import Lake
from telecom_cdr.settings import Settings
from telecom_cdr.sources.generator import FaultRates
from telecom_cdr.tables.mediated import DATA, DUPLICATES, QUARANTINE, SMS, VOICE
from telecom_cdr.tables.raw import CDRS
from telecom_cdr.tables.staging import NORMALISED
from telecom_cdr_tests.sources.generator.made import Made, make, subscribers

_INGESTED = datetime(2026, 11, 23, 9, tzinfo=UTC)
# Nearly a quarter of the records has a fault.
_MANY = FaultRates.of({fault: 8 * rate for fault, rate in FaultRates().by_fault().items()})

Place = tuple[str, int]


def _expected(made: Made) -> dict[Place, tuple[Any, ...]]:
    return {
        (row["file"], row["line"]): (
            *(row["table"], row["reasons"], row["usage_month"]),
            *(row["kept_file"], row["kept_line"], row["is_conflicting"]),
        )
        for row in made.truth
    }


def _found(lake: Lake, made: Made) -> dict[Place, tuple[Any, ...]]:
    """What mediation makes of the files; each record once."""
    settings = Settings(lake=lake.catalog.root)
    report = ingest_directory(lake.catalog, settings, made.result.directory, now=lambda: _INGESTED)
    content = {name: (made.result.directory / name).read_bytes() for name in made.result.files}
    name_of = {hashlib.sha256(text).hexdigest(): name for name, text in content.items()}
    found: dict[Place, tuple[Any, ...]] = {}
    for month in report.months:
        raw = lake.frame(CDRS, month)
        normalised = mediation.normalise(raw, first_month="2024-01", home_operator="Maroc Telecom")
        with lake.staged(NORMALISED, month, f"truth-{month}", normalised) as staged:
            copies = mediation.copies(staged)
            outputs = {
                VOICE: mediation.voice(staged, copies),
                SMS: mediation.sms(staged, copies),
                DATA: mediation.data(staged, copies),
                QUARANTINE: mediation.quarantine(staged, raw),
                DUPLICATES: mediation.duplicates(staged, copies),
            }
            for table, frame in outputs.items():
                for row in frame.toArrow().to_pylist():
                    place = (name_of[row["source_id"]], row["source_offset"])
                    assert place not in found
                    kept = (
                        name_of.get(row.get("kept_source_id", "")),
                        row.get("kept_source_offset"),
                        row.get("is_conflicting"),
                    )
                    found[place] = (table.path, row.get("reasons") or "", row["usage_month"], *kept)
    return found


@pytest.mark.parametrize(("seed", "month"), [(1, "2024-02"), (2, "2026-02"), (3, "2026-10")])
def test_truth_and_tables_agree(lake: Lake, tmp_path: Path, seed: int, month: str) -> None:
    made = make(tmp_path / "cdrs", 3_000, seed=seed, month=month, fault_rates=_MANY, records_per_file=800)
    assert _found(lake, made) == _expected(made)


@pytest.mark.parametrize("count", [0, 1])
def test_truth_and_tables_agree_on_next_to_nothing(lake: Lake, tmp_path: Path, count: int) -> None:
    made = make(tmp_path / "cdrs", count)
    assert _found(lake, made) == _expected(made)


@pytest.mark.slow
def test_truth_and_tables_agree_on_a_hundred_thousand(lake: Lake, tmp_path: Path) -> None:
    made = make(tmp_path / "cdrs", 100_000, subscriptions=subscribers(2_000))
    assert _found(lake, made) == _expected(made)
