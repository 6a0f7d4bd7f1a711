"""A month of worked examples in a lake: rated as by `simulate`, and each charge told from its stored pieces."""

from decimal import Decimal

import pytest

from telecom_cdr_tests.builders import cdr_lines, write_cdrs, write_reference
from telecom_cdr_tests.product import Product
from telecom_cdr_tests.scenarios import worked_examples

MONTH = "2026-01"


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Product:
    """A lake in which every worked example was rated and billed."""
    product = Product.at(tmp_path_factory.mktemp("examples"))
    write_cdrs(product.root / "in", "day.jsonl", worked_examples.records())
    directory = write_reference(product.root / "reference", worked_examples.reference())
    product.done("reference", "load", str(directory))
    product.done("ingest", "--from", str(product.root / "in"))
    product.done("run", "--month", MONTH)
    return product


def test_the_month_has_the_charges_of_the_examples(examples: Product) -> None:
    rows = examples.rows("rated/usage", MONTH).to_pylist()
    found = {row["record_id"]: row["charge_amount"] for row in rows}
    assert found == {one.record_id: Decimal(one.use.charge) for one in worked_examples.sold()}


def test_a_simulation_gives_the_same_pieces_as_the_month(examples: Product) -> None:
    events = examples.root / "events.jsonl"
    events.write_bytes(cdr_lines(worked_examples.records()))
    simulated = examples.done(
        "simulate", "--reference", str(examples.root / "reference"), "--events", str(events), "--format", "csv"
    ).rows
    stored = {row["record_id"]: row["breakdown"] for row in examples.rows("rated/usage", MONTH).to_pylist()}
    assert {row["record_ID"]: row["pieces"] for row in simulated} == stored


def _told(product: Product, record_id: str) -> list[str]:
    lines = [line.strip().split(None, 1) for line in product.done("explain", record_id).output.splitlines()[1:]]
    return [words for step, words in lines if step in {"allowance", "piece", "charge"}]


@pytest.mark.parametrize(
    ("record_id", "words"),
    [
        (
            "UNTIL_SIX-1-1",
            [
                "connect fee = 1",
                "1,800 s in UNTIL_SIX (units 1 to 1,800) x 1 per s = 1800",
                "1,800 s in FROM_SIX (units 1,801 to 3,600) x 0.5 per s = 900",
                "1 + 1800 + 900 = 2701.000000 MAD (without tax)",
            ],
        ),
        (
            "FIRST_MINUTE_AT_ONCE-2-1",
            [
                "connect fee = 0.4",
                "60 s (units 1 to 60) x 0 per s = 0",
                "flat fee of the tier that begins at unit 1, now entered = 0.2",
                "25 s (units 61 to 85) x 0.1 per 60 s = 0.041666666667",
                "rounding to 6 decimals = 0.000000333333",
                "0.4 + 0 + 0.2 + 0.041666666667 + 0.000000333333 = 0.641667 MAD (without tax)",
            ],
        ),
        (
            "THREE_ALLOWANCES-1-4",
            [
                "THIRD gave 55 s; 0 s left",
                "20 s (units 1 to 20) x 0.2 per s = 4",
                "205 s (units 21 to 225) x 0.5 per s = 102.5",
                "4 + 102.5 = 106.500000 MAD (without tax)",
            ],
        ),
        (
            "VOLUME_MONTH-4-2",
            [
                "100 s charged before, given back at their old price x 2 per s = -200",
                "flat fee of the tier that begins at unit 1, charged before, given back = -10",
                "101 s (units 1 to 101) x 1 per s = 101",
                "-200 - 10 + 101 = -109.000000 MAD (without tax)",
            ],
        ),
        (
            "PACKAGES-1-1",
            [
                "13 package(s) of 10 s begun by 121 s (units 1 to 121) x 100 = 1300",
                "1300 = 1300.000000 MAD (without tax)",
            ],
        ),
        (
            "AT_MOST-1-1",
            [
                "1,800 s (units 1 to 1,800) x 1 per s = 1800",
                "lowered to the greatest charge (least none, greatest 10) = -1790",
                "1800 - 1790 = 10.000000 MAD (without tax)",
            ],
        ),
        (
            "MONEY-1-1",
            [
                "240 s (units 1 to 240) x 0.2 per s = 48",
                "paid by the money allowance CREDIT (0 left) = -30",
                "48 - 30 = 18.000000 MAD (without tax)",
            ],
        ),
    ],
)
def test_a_charge_is_told_piece_by_piece(examples: Product, record_id: str, words: list[str]) -> None:
    assert _told(examples, record_id) == words
