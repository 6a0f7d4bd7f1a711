"""The whole chain gives the same rows wherever the machine's clock stands and whatever its zone files say."""

from importlib import resources
from pathlib import Path

import pytest

from telecom_cdr_tests import scenarios
from telecom_cdr_tests.faults.lakes import assert_same, copy_of, finished, with_settings
from telecom_cdr_tests.product import Product

pytestmark = pytest.mark.slow

HAND_MONTH = Path(scenarios.__file__).parent / "hand_month"
FEBRUARY, OCTOBER = "2026-02", "2026-10"


def outdated_zone_files(directory: Path) -> Path:
    """A directory in which Morocco has the clocks of Tokyo."""
    target = directory / "Africa" / "Casablanca"
    target.parent.mkdir(parents=True)
    target.write_bytes(resources.files("tzdata").joinpath("zoneinfo", "Asia", "Tokyo").read_bytes())
    return directory


def test_a_month_is_the_same_in_every_time_zone_and_with_old_or_no_zone_files(tmp_path: Path) -> None:
    without = tmp_path / "without"
    without.mkdir()
    environments = {
        "utc": {"TZ": "UTC"},
        "tokyo": {"TZ": "Asia/Tokyo", "PYTHONTZPATH": str(outdated_zone_files(tmp_path / "outdated"))},
        "new-york": {"TZ": "America/New_York", "PYTHONTZPATH": str(without)},
    }
    loaded = Product.at(tmp_path / "loaded")
    loaded.done("reference", "load", str(HAND_MONTH / "reference"))
    products = {
        name: with_settings(copy_of(loaded, tmp_path / name), **environment)
        for name, environment in environments.items()
    }
    for command in (("ingest", "--from", str(HAND_MONTH / "cdrs")), ("run", "--month", FEBRUARY)):
        for process in [product.start(*command) for product in products.values()]:
            finished(process)
    expected = products.pop("utc")
    for name, product in products.items():
        assert_same(product, expected, [FEBRUARY], why=f"in {name}")
        raw = product.rows("raw/cdrs", OCTOBER, "ingested_utc")
        assert raw.equals(expected.rows("raw/cdrs", OCTOBER, "ingested_utc")), name
        assert raw.num_rows
