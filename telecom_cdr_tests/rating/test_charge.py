"""The charge: exact, rounded once."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from random import Random
from typing import TYPE_CHECKING

from telecom_cdr_tests.table_rows import rows

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

SCHEMA = (
    "id int, charged_units bigint, price decimal(18,9), unit_size bigint, connect_fee decimal(18,6), "
    "minimum_charge decimal(18,6), maximum_charge decimal(18,6)"
)
Case = tuple[int | None, str | None, int | None, str | None, str | None, str | None, str | None]

CASES: list[Case] = [
    # units, price, unit size, connect fee, minimum, maximum, charge
    (24, "0.05", 60, "0.15", None, None, "0.170000"),
    (180, "0.1", 60, "0", None, None, "0.300000"),
    (36, "0.006", 60, "0", None, None, "0.003600"),
    (0, "1", 1, "5", "2", None, "0.000000"),
    (1, "0", 1, "0", "2", None, "2.000000"),
    (1, "0", 1, "1.5", "2", None, "2.000000"),
    (1, "1", 1, "1.5", "2", None, "2.500000"),
    (1800, "1", 1, "0", None, "10", "10.000000"),
    (1800, "1", 1, "20", None, "10", "10.000000"),
    (1, "1", 1, "0", "12", "10", "10.000000"),
    (5, "1", 1, "0", None, "0", "0.000000"),
    # Ties of the seventh decimal go up, whatever stands before them.
    (1, "0.0000005", 1, "0", None, None, "0.000001"),
    (3, "0.0000005", 1, "0", None, None, "0.000002"),
    (1, "0.0000004", 1, "0", None, None, "0.000000"),
    (1, "0.000000499", 1, "0", None, None, "0.000000"),
    (1, "1", 3, "0", None, None, "0.333333"),
    (2, "1", 3, "0", None, None, "0.666667"),
    (1, "0.000001", 2, "0.1", None, None, "0.100001"),
    # 0.4999995 rounded to 7 decimals and then to 6 would be 0.5.
    (1, "0.49999949", 1, "0", None, None, "0.499999"),
    (999_999_999_999, "0.000000001", 1, "0", None, None, "1000.000000"),
    (1_000_000_000_000, "999999.999999999", 10_000_000_000, "0", None, None, "100000000.000000"),
    (None, None, None, None, None, None, None),
]


def _charges(engine: "SparkSession", cases: list[Case]) -> list[Decimal | None]:
    """What flat rates without allowances cost."""
    from pyspark.sql import functions as F

    from telecom_cdr.expressions import text, units
    from telecom_cdr.rating.charge import settle, with_charge, with_flat_costs

    def money(text: str | None) -> Decimal | None:
        return None if text is None else Decimal(text)

    frame = engine.createDataFrame(
        [
            (number, units, money(price), size, money(fee), money(least), money(most))
            for number, (units, price, size, fee, least, most, _) in enumerate(cases)
        ],
        SCHEMA,
    )
    nothing_before = {"_paid_before": units(0), "_money_used_up": F.lit(None), "_money_json": text(None)}
    of_rate = {"rate_model": text("flat"), "_flat_opening": text(""), "_flat_closing": text("")}
    costed = with_flat_costs(frame.withColumns({**nothing_before, **of_rate}), has_parts=False)
    found = {row["id"]: row["charge_amount"] for row in rows(with_charge(settle(costed, has_limits=True)))}
    return [found[number] for number in range(len(cases))]


def test_charges_are_exact_and_rounded_once(engine: "SparkSession") -> None:
    expected = [None if case[6] is None else Decimal(case[6]) for case in CASES]
    assert _charges(engine, CASES) == expected


def test_random_charges_equal_fractions(engine: "SparkSession") -> None:
    random = Random(20260101)
    cases: list[Case] = []
    for _ in range(2000):
        units, size = (
            random.randrange(1, 10 ** random.randrange(1, 12)),
            random.randrange(1, 10 ** random.randrange(1, 8)),
        )
        price = Decimal(random.randrange(10 ** random.randrange(1, 11))).scaleb(-9)
        fee = Decimal(random.randrange(10**7)).scaleb(-6)
        exact = Fraction(fee) + units * Fraction(price) / size
        if exact < 10**11:
            scaled = exact * 10**6
            charge = Decimal((2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)).scaleb(-6)
            cases.append((units, str(price), size, str(fee), None, None, str(charge)))
    assert len(cases) > 1000
    expected = [Decimal(case[6] or 0).quantize(Decimal("0.000001"), ROUND_HALF_UP) for case in cases]
    assert _charges(engine, cases) == expected
