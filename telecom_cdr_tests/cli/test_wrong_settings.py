"""Settings and tariffs that cannot be: told in one line, by every command that needs them."""

import shutil
from pathlib import Path

import pytest

from telecom_cdr_tests.cli.refusals import FAILED, refused
from telecom_cdr_tests.cli.small_lake import MONTH
from telecom_cdr_tests.product import Product


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("FIRST_MONTH", "2026-1", "'2026-1' is not a month; write YYYY-MM"),
        ("FIRST_MONTH", "soon", "'soon' is not a month; write YYYY-MM"),
        ("ENGINE", "abacus", "'abacus' is not an engine; use embedded, spark or sc://host:port"),
        ("TIMEZONE", "../etc", "'../etc' is not a zone"),
    ],
)
@pytest.mark.parametrize("arguments", [("doctor",), ("show", "rated/usage"), ("run", "--month", MONTH)], ids=" ".join)
def test_a_setting_that_cannot_be(
    billed: Product, name: str, value: str, words: str, arguments: tuple[str, ...]
) -> None:
    product = Product(billed.root, {**billed.settings, f"TELECOM_CDR_{name}": value})
    assert f"error: TELECOM_CDR_{name}: {words}" in refused(product, *arguments)


@pytest.mark.parametrize("arguments", [("check",), ("reconcile",), ("run",)], ids=" ".join)
def test_a_zone_that_nobody_knows(billed: Product, arguments: tuple[str, ...]) -> None:
    product = Product(billed.root, {**billed.settings, "TELECOM_CDR_TIMEZONE": "Africa/Atlantis"})
    error = refused(product, *arguments, "--month", MONTH)
    assert "'Africa/Atlantis' is not a zone" in error
    assert "TELECOM_CDR_TIMEZONE" in error


@pytest.mark.parametrize("command", ["check", "reconcile"])
def test_an_engine_that_is_not_there(billed: Product, command: str) -> None:
    product = Product(billed.root, {**billed.settings, "TELECOM_CDR_ENGINE": "sc://127.0.0.1:1/;token=secret"})
    error = refused(product, command, "--month", MONTH)
    assert "nothing answers at sc://127.0.0.1:1 (Connection refused)" in error
    assert "secret" not in error


def test_a_run_on_an_engine_that_is_not_there(billed: Product) -> None:
    product = Product(billed.root, {**billed.settings, "TELECOM_CDR_ENGINE": "sc://127.0.0.1:1/;token=secret"})
    result = product.run("run", "--month", MONTH)
    assert result.exit_code == FAILED
    assert "Traceback" not in result.errors
    assert "nothing answers at sc://127.0.0.1:1 (Connection refused)" in result.errors
    assert "secret" not in result.errors + result.output


def test_a_tariff_beyond_the_exact_range_is_refused_where_it_is_used(billed: Product, tmp_path: Path) -> None:
    shutil.copytree(billed.root / "reference", tmp_path / "reference")
    rates = tmp_path / "reference" / "rates.csv"
    header, first, *others = rates.read_text().splitlines()
    dear = dict(zip(header.split(","), first.split(","), strict=True))
    dear |= {"valid_from": "2019-01-01", "valid_to": "2020-01-01", "unit_size": "1", "price": "999999999"}
    large = {**dear, "valid_from": "2018-01-01", "valid_to": "2019-01-01", "unit_size": "1000000", "price": "1"}
    added = [",".join(row.values()) for row in (dear, large)]
    rates.write_text("\n".join([header, first, *others, *added]) + "\n")
    product = Product.at(tmp_path)
    product.done("reference", "load", str(tmp_path / "reference"))
    product.done("ingest", "--from", str(billed.root / "in"))
    result = product.run("run", "--month", MONTH)
    assert result.exit_code == FAILED
    errors = [line for line in result.errors.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1, result.errors
    assert "Traceback" not in result.errors
    assert f"error: {MONTH}: rate: " in errors[0]
    assert "rates.csv: a price too great for its unit size" in errors[0]
    assert "valid_from=2019-01-01" in errors[0]
