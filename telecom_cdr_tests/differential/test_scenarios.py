"""The hand-calculated month, unusual and extreme values, and months of generated records: both engines agree."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from telecom_cdr.lakehouse.verify import VERIFIED
from telecom_cdr.settings import Settings
from telecom_cdr.sources.generator import FaultRates
from telecom_cdr.tables.assurance import VERIFICATIONS
from telecom_cdr_tests.builders import ReferenceRows, read_reference, write_cdrs, write_reference
from telecom_cdr_tests.differential.engines import differences, on_spark
from telecom_cdr_tests.differential.extremes import extreme_records, extreme_reference
from telecom_cdr_tests.exact_model.unusual_records import unusual_files
from telecom_cdr_tests.pipeline.catalogue import CATALOGUE
from telecom_cdr_tests.pipeline.model import differences_from_model
from telecom_cdr_tests.product import Product
from telecom_cdr_tests.scenarios import hand_month, worked_examples

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# A loaded machine takes several times as long.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

_MONTH: Final = "2026-02"
# A leap day; Ramadan begins, and the offset changes; Ramadan ends, and it changes back.
_GENERATED: Final = {"2024-02": 15_000, "2026-02": 20_000, "2026-03": 15_000}
# About a seventh of the records has a fault; each kind occurs.
_MANY_FAULTS: Final = FaultRates.of({fault: 5 * rate for fault, rate in FaultRates().by_fault().items()})


@pytest.mark.usefixtures("spark")
def test_the_hand_calculated_month_is_the_same_on_both(tmp_path: Path) -> None:
    product = _billed(tmp_path / "hand", hand_month.REFERENCE, hand_month.CDRS)
    _compare(product, read_reference(hand_month.REFERENCE))


@pytest.mark.usefixtures("spark")
def test_unusual_and_extreme_values_are_the_same_on_both(tmp_path: Path) -> None:
    reference, sent = extreme_reference(), write_cdrs(tmp_path / "in", "extreme.jsonl", extreme_records()).parent
    for name, content in unusual_files().items():
        (sent / name).write_bytes(content)
    _compare(_billed(tmp_path / "unusual", write_reference(tmp_path / "tariff", reference), sent), reference)


@pytest.mark.usefixtures("spark")
def test_the_worked_examples_of_every_model_are_the_same_on_both(tmp_path: Path) -> None:
    sent = write_cdrs(tmp_path / "in", "day.jsonl", worked_examples.records()).parent
    reference = write_reference(tmp_path / "tariff", worked_examples.reference())
    product = _billed(tmp_path / "examples", reference, sent, "2026-01")
    product.done("verify", "--month", "2026-01", "--engine", "spark")


def _compare(product: Product, reference: ReferenceRows) -> None:
    other = on_spark(product, _MONTH)
    assert differences(product, other, _MONTH) == []
    assert differences_from_model(other, reference, [_MONTH]) == []


def _billed(root: Path, reference: Path, cdrs: Path, month: str = _MONTH) -> Product:
    product = Product.at(root)
    product.done("reference", "load", str(reference))
    product.done("ingest", "--from", str(cdrs))
    product.done("run", "--month", month)
    return product


def test_three_months_with_every_fault_are_the_same_on_both(tmp_path: Path, spark: "SparkSession") -> None:
    from telecom_cdr.cli.generate import write_month

    product = Product.at(tmp_path)
    product.done("reference", "load", str(CATALOGUE))
    settings = Settings(lake=product.lake)
    for month, count in _GENERATED.items():
        write_month(settings, month, count, seed=5, out=tmp_path / "in", faults=_MANY_FAULTS)
    product.done("ingest", "--from", str(tmp_path / "in"))
    product.done("run", "--month", "2024-02")
    product.done("run", "--month", "2026-02", "--to", "2026-03")
    for month in _GENERATED:
        product.done("verify", "--month", month, "--engine", "spark")
    kept = product.rows(VERIFICATIONS.path).to_pylist()
    assert len(kept) == len(_GENERATED) * len(VERIFIED)
    assert {row["verified_on"] for row in kept} == {f"spark {spark.version}"}
    assert {row["made_on"].split(" ")[0] for row in kept} == {"embedded"}
    assert all(row["is_equal"] and row["row_count"] == row["computed_row_count"] for row in kept)
    assert differences_from_model(product, read_reference(CATALOGUE), _GENERATED) == []
