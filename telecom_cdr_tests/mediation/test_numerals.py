"""Numbers in text: which forms are numbers, their exact value, and what does not fit."""

from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

import pytest
from pyspark.sql import functions as F

from telecom_cdr.mediation.numerals import rounded_number, whole_number, with_numbers

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

LARGEST = 2**63 - 1
Read = tuple[int | None, int | None, bool | None]

# text -> (whole number or None, the number times 10^6 to the nearest whole, is negative); None all three: no number.
CASES: dict[str, Read] = {
    "10": (10, 10_000_000, False),
    "10.0": (10, 10_000_000, False),
    "1e1": (10, 10_000_000, False),
    "1E+1": (10, 10_000_000, False),
    "100e-1": (10, 10_000_000, False),
    "1.0e1": (10, 10_000_000, False),
    "0010": (10, 10_000_000, False),
    "-10": (-10, -10_000_000, True),
    "0": (0, 0, False),
    "-0": (0, 0, False),
    "-0.000e5": (0, 0, False),
    "0e9999": (0, 0, False),
    "0e-9999": (0, 0, False),
    "0.1": (None, 100_000, False),
    "10.5": (None, 10_500_000, False),
    "1e-6": (None, 1, False),
    "1e-06": (None, 1, False),
    "5e-7": (None, 1, False),
    "-5e-7": (None, -1, True),
    "4.99999999999999e-7": (None, 0, False),
    "4e-7": (None, 0, False),
    "9e-8": (None, 0, False),
    "9.5e-7": (None, 1, False),
    "-1e-300": (None, 0, True),
    "0.0000015": (None, 2, False),
    "-0.0000015": (None, -2, True),
    "1.25e-5": (None, 13, False),
    "123456789012345": (123456789012345, LARGEST, False),
    "1234567890123456": (None, None, None),
    "0.123456789012345": (None, 123457, False),
    "0.1234567890123456": (None, None, None),
    "123456789012345000000": (LARGEST, LARGEST, False),
    "12345.6789012345": (None, 12345678901, False),
    "000000000000000000000000000001": (1, 1_000_000, False),
    "1.00000000000000000000000000000": (1, 1_000_000, False),
    "9223372036854": (9223372036854, 9223372036854000000, False),
    "9223372036855": (9223372036855, LARGEST, False),
    "9.2e18": (9200000000000000000, LARGEST, False),
    "9.3e18": (LARGEST, LARGEST, False),
    "-9.3e18": (-LARGEST, -LARGEST, True),
    "1e9999": (LARGEST, LARGEST, False),
    "-1e9999": (-LARGEST, -LARGEST, True),
    "1e-9999": (None, 0, False),
    "1" + "0" * 1_000_000: (LARGEST, LARGEST, False),
    "0" * 1_000_000 + "7": (7, 7_000_000, False),
    "0." + "0" * 1_000_000 + "7": (None, 0, False),
    "9" * 1_000_000: (None, None, None),
} | dict.fromkeys(
    (
        *("", " ", " 10", "10 ", "10\n", "+10", "1,5", "1_000", "1.", ".5", "1e", "e5", "1e+", "--1", "1-", "0x10"),
        *(
            "1e10000",
            "1e-10000",
            "NaN",
            "Infinity",
            "-",
            "ten",
            "\uff11\uff10",
            "\u0661\u0660",
            "1\u00a0000",
            "10e1.5",
            "true",
        ),
        *("1" * 1_000_000 + "x", "1e" + "9" * 1_000_000),
    ),
    (None, None, None),
)


def _name(text: str) -> str:
    return text if len(text) < 40 else f"{text[:10]}…{len(text)} characters"


@pytest.fixture(scope="module")
def read(engine: "SparkSession") -> dict[str, Read]:
    return _read(engine, list(CASES))


def _read(engine: "SparkSession", texts: list[str]) -> dict[str, Read]:
    frame = engine.createDataFrame([(number, text) for number, text in enumerate(texts)], "number int, n_text string")
    rows = with_numbers(frame.withColumn("d_text", F.col("n_text")), {"n": 0, "d": 6}).select(
        "number",
        whole_number("n").alias("whole"),
        rounded_number("d", places=6).alias("millionths"),
        F.col("d_negative").alias("is_negative"),
    )
    found = rows.orderBy("number").toArrow().to_pylist()
    return {text: (row["whole"], row["millionths"], row["is_negative"]) for text, row in zip(texts, found, strict=True)}


@pytest.mark.parametrize("text", CASES, ids=_name)
def test_a_number_is_read_by_its_form_and_exactly(read: dict[str, Read], text: str) -> None:
    assert read[text] == CASES[text]


def test_random_numbers_are_read_as_decimal_reads_them(engine: "SparkSession") -> None:
    texts = [
        f"{sign}{whole}.{fraction}e{exponent}"
        for sign in ("", "-")
        for whole in ("0", "7", "12", "5000", "99999")
        for fraction in ("0", "5", "49", "500", "000001", "4999999999")
        for exponent in range(-14, 6, 1)
    ]
    expected = {}
    for text in texts:
        value = Decimal(text)
        millionths = int((value * 10**6).quantize(Decimal(1), ROUND_HALF_UP))
        expected[text] = (int(value) if value == int(value) else None, millionths, value < 0)
    assert _read(engine, texts) == expected
