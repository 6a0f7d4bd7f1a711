"""The safe forms give on each engine what exact arithmetic and Python give, on thousands of random values."""

import hashlib
import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from random import Random
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pytest
from pyspark.errors import PySparkException
from pyspark.sql import Column
from pyspark.sql import functions as F

from telecom_cdr import expressions as safe
from telecom_cdr.tables.model import AMOUNT, CHARGE, CHARGE_SUM

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_ROWS: Final = 3_000
# Exact: no engine's numbers have more than 38 digits.
_EXACT: Final = Context(prec=80, rounding=ROUND_HALF_UP)
_NO_ROOM: Final = r"(?i)overflow|out of range|out_of_range"
_WIDE: Final = pa.decimal128(38, 0)


def frame(engine: "SparkSession", **columns: pa.Array) -> "DataFrame":
    count = len(next(iter(columns.values())))
    return engine.createDataFrame(pa.table({"row": pa.array(range(count)), **columns}))


def evaluated(rows: "DataFrame", value: Column) -> list[Any]:
    found: list[Any] = rows.select("row", value.alias("value")).toArrow().sort_by("row")["value"].to_pylist()
    return found


def half_up(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), context=_EXACT)


def decimals(random: Random, digits: int, scale: int, count: int = _ROWS) -> list[Decimal]:
    """Decimals of every size, a third of them with halves in the last places; both signs, and zero."""
    made = [Decimal(0), Decimal(10**digits - 1).scaleb(-scale), Decimal(1 - 10**digits).scaleb(-scale)]
    while len(made) < count:
        whole = random.randrange(10 ** random.randint(1, digits))
        if random.random() < 1 / 3:
            unit = 10 ** random.randint(1, digits - 1)
            whole = whole // unit * unit + unit // 2
        made.append(Decimal(random.choice((1, -1)) * whole).scaleb(-scale))
    return made


def test_division_rounds_half_up_and_exactly(each_engine: "SparkSession") -> None:
    random = Random(1)
    top = decimals(random, 32, 0)
    bottom = [abs(value) or Decimal(1) for value in decimals(random, 18, 0)]
    # Halves, exactly.
    top[:1000] = [(2 * (value % 10**15) + 1) * Decimal(7) for value in top[:1000]]
    bottom[:1000] = [Decimal(14)] * 1000
    rows = frame(each_engine, top=pa.array(top, _WIDE), bottom=pa.array(bottom, _WIDE))
    found = evaluated(rows, safe.divide_half_up(F.col("top"), F.col("bottom")))
    assert found == [half_up(_EXACT.divide(a, b), 0) for a, b in zip(top, bottom, strict=True)]


def test_a_quotient_without_room_fails_and_is_never_cut_off(each_engine: "SparkSession") -> None:
    rows = frame(each_engine, top=pa.array([Decimal(10**36)], _WIDE))
    with pytest.raises(PySparkException, match=_NO_ROOM):
        evaluated(rows, safe.divide_half_up(F.col("top"), F.lit(1).cast("decimal(1,0)")))


@pytest.mark.parametrize(("scale_in", "scale_out", "kind"), [(6, 2, AMOUNT), (12, 6, CHARGE), (9, 6, CHARGE)])
def test_amounts_are_rounded_half_up(each_engine: "SparkSession", scale_in: int, scale_out: int, kind: Any) -> None:
    values = decimals(Random(2), 18, scale_in)
    rows = frame(each_engine, value=pa.array(values, pa.decimal128(18, scale_in)))
    rounded = safe.round_half_up(F.col("value"), kind, scale_in=scale_in, scale_out=scale_out)
    assert evaluated(rows, rounded) == [half_up(value, scale_out) for value in values]


def test_a_price_times_units_through_whole_numbers_is_exact(each_engine: "SparkSession") -> None:
    """Multiply first, divide last, once: the form of every charge."""
    random = Random(3)
    prices = [abs(value) for value in decimals(random, 12, 9)]
    used = [random.randrange(10 ** random.randint(1, 7)) for _ in prices]
    sizes = [random.choice((1, 60, 1000, 1_000_000)) for _ in prices]
    rows = frame(each_engine, price=pa.array(prices, pa.decimal128(18, 9)), used=pa.array(used), size=pa.array(sizes))
    product = safe.whole(F.col("price"), 9) * F.col("used").cast("decimal(12,0)")
    divisor = F.col("size").cast("decimal(12,0)") * F.lit(10**3).cast("decimal(4,0)")
    charge = safe.from_whole(
        safe.divide_half_up(product.cast("decimal(38,0)"), divisor.cast("decimal(38,0)")), CHARGE, 6
    )
    expected = [half_up(_EXACT.divide(p * u, Decimal(s)), 6) for p, u, s in zip(prices, used, sizes, strict=True)]
    assert evaluated(rows, charge) == expected


def test_units_are_rounded_up_to_whole_steps(each_engine: "SparkSession") -> None:
    random = Random(4)
    values = [random.randrange(10 ** random.randint(1, 15)) for _ in range(_ROWS)]
    steps = [random.choice((1, 6, 20, 60, 1024, 10**6)) for _ in values]
    rows = frame(each_engine, value=pa.array(values), step=pa.array(steps))
    found = evaluated(rows, safe.round_up_to(F.col("value"), F.col("step")))
    assert found == [-(-value // step) * step for value, step in zip(values, steps, strict=True)]


def test_only_whole_steps_count(each_engine: "SparkSession") -> None:
    random = Random(6)
    values = [0, 2**63 - 1, *(random.randrange(10 ** random.randint(1, 18)) for _ in range(_ROWS))]
    steps = [random.choice((1, 6, 20, 60, 1024, 10**6)) for _ in values]
    rows = frame(each_engine, value=pa.array(values), step=pa.array(steps))
    found = evaluated(rows, safe.whole_steps(F.col("value"), F.col("step")))
    assert found == [value // step for value, step in zip(values, steps, strict=True)]


def test_sums_are_exact_and_of_the_declared_type(each_engine: "SparkSession") -> None:
    money = decimals(Random(5), 18, 6)
    big = [2**62, 2**62 - 1, -(2**61)]
    rows = frame(each_engine, money=pa.array(money, CHARGE.arrow))
    total = rows.agg(safe.sum_money(F.col("money"), CHARGE_SUM).alias("value")).toArrow()
    assert (total["value"].type, total["value"].to_pylist()) == (CHARGE_SUM.arrow, [sum(money)])
    units = frame(each_engine, value=pa.array(big))
    assert units.agg(safe.sum_units(F.col("value")).alias("value")).toArrow()["value"].to_pylist() == [sum(big)]


def test_a_sum_that_leaves_its_type_fails_and_never_wraps(each_engine: "SparkSession") -> None:
    units = frame(each_engine, value=pa.array([2**63 - 1, 1]))
    with pytest.raises(PySparkException, match=_NO_ROOM):
        units.agg(safe.sum_units(F.col("value")).alias("value")).toArrow()


def test_groups_and_conditions_are_counted(each_engine: "SparkSession") -> None:
    rows = frame(each_engine, value=pa.array([1, 1, 2, None]))
    counted = rows.groupBy("value").agg(safe.count_rows().alias("n"), safe.count_where(F.col("value") > 1).alias("m"))
    assert {(row["value"], row["n"], row["m"]) for row in counted.toArrow().to_pylist()} == {
        (1, 2, 0), (2, 1, 1), (None, 1, 0)
    }  # fmt: skip
    assert rows.limit(0).agg(safe.count_rows().alias("n")).toArrow()["n"].to_pylist() == [0]


_TEXTS: Final = (
    *(
        "",
        " ",
        "a",
        " a ",
        "\t\n",
        "é",
        "\u00a0a\u00a0",
        "\u3000",
        "\u200b",
        "a b",
        "\x1fa",
        "😀 ",
        "\u0130",
        "ß",
        "+",
        "-",
    ),
    *("x" * 100_000, "\u0e01" * 1000, "\u202ea", "a\x00b", "'\"\\", "%_", "\ufeff", "e\u0301", None),
)


_FORMS: Final = (
    "trimmed present joined substring length rlike upper lower replace translate split_part rpad left regexp_replace "
    "digest"
)


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        (safe.trimmed, lambda value: value.strip()),
        (safe.present, lambda value: value if value.strip() else None),
        (lambda column: safe.joined("\x1f", column, column), lambda value: f"{value}\x1f{value}"),
        (lambda column: F.substring(column, 2, 3), lambda value: value[1:4]),
        (lambda column: F.length(column).cast("bigint"), len),
        (lambda column: column.rlike(r"\A[0-9]{1,3}\z"), lambda _: False),
        (F.upper, str.upper),
        (F.lower, str.lower),
        (lambda column: F.replace(column, F.lit("a"), F.lit("bc")), lambda value: value.replace("a", "bc")),
        (lambda column: F.translate(column, "a+", "é"), lambda value: value.translate({97: 233, 43: None})),
        (lambda column: F.split_part(column, F.lit(" "), F.lit(1)), lambda value: value.split(" ")[0]),
        (lambda column: F.rpad(column, 3, "0"), lambda value: value[:3].ljust(3, "0")),
        (lambda column: F.left(column, F.lit(2)), lambda value: value[:2]),
        (lambda column: F.regexp_replace(column, "[ .-]", ""), lambda value: re.sub("[ .-]", "", value)),
        (safe.digest_of, lambda value: hashlib.sha256(f"+{value}".encode()).hexdigest()),
    ],
    ids=_FORMS.split(),
)
def test_texts_are_read_alike(
    each_engine: "SparkSession", form: Callable[[Column], Column], expected: Callable[[str], object]
) -> None:
    rows = frame(each_engine, value=pa.array(_TEXTS, pa.string()))
    found = evaluated(rows, F.when(F.col("value").isNotNull(), form(F.col("value"))))
    assert found == [None if value is None else expected(value) for value in _TEXTS]


_NUMERALS: Final = (
    "1",
    "-1",
    "1e3",
    "1E3",
    " 1",
    "1 ",
    "+1",
    "1.5",
    "",
    "-",
    "٣",
    "\uff11",
    "\u00a01",
    "0x1",
    "1_0",
    "NaN",
    "9" * 40,
)


def test_hashes_of_texts_agree(engine: "SparkSession", spark: "SparkSession") -> None:
    hashes = [evaluated(frame(on, value=pa.array(_TEXTS)), F.xxhash64("value")) for on in (engine, spark)]
    assert hashes[0] == hashes[1]


def test_numerals_are_judged_by_their_form_before_they_are_cast(each_engine: "SparkSession") -> None:
    rows = frame(each_engine, value=pa.array(_NUMERALS))
    is_number = F.col("value").rlike(r"\A-?[0-9]{1,15}(\.[0-9]{1,9})?\z")
    number = F.when(is_number, F.col("value").try_cast("decimal(24,9)")).cast("decimal(24,9)")
    assert evaluated(rows, number) == [Decimal(1), Decimal(-1), *[None] * 5, Decimal("1.5"), *[None] * 9]


def test_days_and_instants_are_kept_to_the_microsecond(each_engine: "SparkSession") -> None:
    instants = [
        datetime(1900, 3, 1, tzinfo=UTC),
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(2024, 2, 29, 23, 59, 59, 999_999, UTC),
        datetime(2026, 2, 15, 2, tzinfo=UTC),
        datetime(2026, 3, 22, 2, 0, 0, 1, UTC),
        datetime(9999, 12, 31, tzinfo=UTC),
    ]
    rows = frame(each_engine, value=pa.array(instants, pa.timestamp("us", tz="UTC")))
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    assert evaluated(rows, F.col("value")) == instants
    assert evaluated(rows, safe.micros(F.col("value"))) == [
        (it - epoch) // timedelta(microseconds=1) for it in instants
    ]
    assert evaluated(rows, F.to_date("value")) == [it.date() for it in instants]
    assert evaluated(rows, F.dayofweek("value").cast("bigint")) == [it.isoweekday() % 7 + 1 for it in instants]


def test_a_day_is_in_a_half_open_range(each_engine: "SparkSession") -> None:
    day, after = date(2024, 2, 29), date(2024, 3, 1)
    ranges: Sequence[tuple[date | None, date | None]] = ((day, after), (after, None), (None, day), (None, None))
    rows = frame(
        each_engine,
        low=pa.array([low for low, _ in ranges], pa.date32()),
        high=pa.array([high for _, high in ranges], pa.date32()),
    )
    on = F.lit("2024-02-29").cast("date")
    assert evaluated(rows, safe.is_valid_on(on, F.col("low"), F.col("high"))) == [True, False, False, True]
    nothing = F.lit(None).cast("date")
    assert evaluated(rows, safe.is_valid_on(nothing, F.col("low"), F.col("high"))) == [False] * 4
