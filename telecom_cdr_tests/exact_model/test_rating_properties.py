"""What holds of every charge of the model, whatever the tariff and the records."""

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from telecom_cdr_tests.builders import Cells, a_data_cdr, a_reference
from telecom_cdr_tests.exact_model import compute, raw_records
from telecom_cdr_tests.exact_model.bands import Calendar
from telecom_cdr_tests.exact_model.lookups import Found
from telecom_cdr_tests.exact_model.numbers import round_half_up
from telecom_cdr_tests.exact_model.pieces import increments, runs
from telecom_cdr_tests.exact_model.random_months import World, random_world
from telecom_cdr_tests.exact_model.rated_rows import rate
from telecom_cdr_tests.exact_model.rating import Case, rate_cases
from telecom_cdr_tests.exact_model.sessions import Row
from telecom_cdr_tests.exact_model.trial import a_tariff, calls, rated

_HALF_A_MILLIONTH = Fraction(1, 2_000_000)
_MONTHS = ("2026-02", "2026-03", "2026-09")

prices = st.integers(0, 3_000_000_000).map(lambda count: f"{Decimal(count).scaleb(-9):f}")
sizes = st.sampled_from(("", "1", "2", "7", "60"))
fees = st.sampled_from(("", "0.000001", "0.5", "2"))
lengths = st.lists(st.integers(1, 90), min_size=1, max_size=12)


@st.composite
def tiers(draw: st.DrawFn) -> list[Cells]:
    """Up to four tiers, the last without an end."""
    edges = sorted(draw(st.sets(st.integers(1, 200), max_size=3)))
    return [
        {"up_to": up_to, "price": draw(prices), "unit_size": draw(sizes), "flat_fee": draw(fees)}
        for up_to in (*map(str, edges), "")
    ]


@cache
def _world(number: int) -> tuple[World, list[Row]]:
    """A small world, and the events of its month."""
    world = random_world(number, _MONTHS[number % len(_MONTHS)], tenants=4)
    records = raw_records(world.files, datetime(2026, 11, 23, tzinfo=UTC))
    month = compute(records, world.reference, months=[world.month])[world.month]
    tables = ("voice", "sms", "data")
    return world, [outcome.event for outcome in month.outcomes if outcome.table in tables and outcome.event]


@cache
def _cases(number: int) -> list[Case]:
    """Its rated events."""
    world, events = _world(number)
    return [case for case in rate_cases(events, world.reference) if not case.reason]


worlds = st.integers(0, 40)


@settings(max_examples=25, deadline=None)
@given(worlds, st.randoms(use_true_random=False))
def test_the_order_of_events_never_matters(number: int, random: Random) -> None:
    world, events = _world(number)
    shuffled = random.sample(events, len(events))
    assert rate(shuffled, world.reference, world.month) == rate(events, world.reference, world.month)


@settings(max_examples=25, deadline=None)
@given(worlds)
def test_the_breakdown_sums_to_the_charge(number: int) -> None:
    world, events = _world(number)
    for row in rate(events, world.reference, world.month):
        if row["status"] == "rated":
            amounts = [Decimal(entry["amount"]) for entry in json.loads(str(row["breakdown"]))]
            assert sum(amounts, Decimal(0)) == row["charge_amount"]


@settings(max_examples=25, deadline=None)
@given(worlds)
def test_units_are_neither_lost_nor_found(number: int) -> None:
    in_sessions: dict[object, list[Case]] = defaultdict(list)
    for case in _cases(number):
        in_sessions[case.session.key].append(case)
        free = sum(piece.free for piece in case.pieces)
        assert free + sum(piece.charged for piece in case.pieces) == case.billed
        assert free == sum(int(gift.given) for gift in case.gifts)
    for cases in in_sessions.values():
        governing = cases[0].governing
        assert governing
        if len(cases) == len(cases[0].session.events):
            steps = (int(governing[name] or 1) for name in ("first_increment", "next_increment"))
            assert sum(case.billed for case in cases) == increments(sum(case.units for case in cases), *steps)


@settings(max_examples=25, deadline=None)
@given(worlds)
def test_a_charge_is_within_half_a_millionth_of_the_exact_sum(number: int) -> None:
    for case in _cases(number):
        exact = sum((Fraction(entry.amount) for piece in case.pieces for entry in piece.entries), Fraction(0))
        is_alone = len(case.session.events) == 1
        is_monthly = any(piece.rate["tier_scope"] == "month" for piece in case.pieces)
        if is_alone and not is_monthly:
            assert abs(Fraction(case.of_event) - exact) <= _HALF_A_MILLIONTH


@settings(max_examples=25, deadline=None)
@given(worlds)
def test_allowances_never_give_more_than_they_have(number: int) -> None:
    for case in _cases(number):
        assert all(gift.given > 0 and gift.left >= 0 for gift in (*case.gifts, *case.money_gifts))
        paid = sum((gift.given for gift in case.money_gifts), Decimal(0))
        assert paid <= max(case.before_money, Decimal(0))


def _total(rate_row: Cells, steps: Sequence[Cells], count: int) -> Fraction:
    """What `count` units of a month come to, by the definition of the model."""
    if rate_row["model"] == "package":
        return -(-count // int(rate_row["unit_size"] or 1)) * Fraction(rate_row["price"])
    low, total = 0, Fraction(0)
    for step in steps:
        high = int(step["up_to"]) if step["up_to"] else count
        unit_price = Fraction(step["price"]) / int(step["unit_size"] or 1)
        fee = Fraction(step["flat_fee"] or 0)
        if rate_row["model"] == "volume" and low < count <= max(high, count if not step["up_to"] else 0):
            return count * unit_price + fee
        if rate_row["model"] == "graduated" and count > low:
            total += (min(high, count) - low) * unit_price + fee
        low = high
    return total


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(("graduated", "volume", "package")), tiers(), prices, sizes, lengths)
def test_a_month_comes_to_the_function_of_its_total(
    model: str, steps: list[Cells], price: str, size: str, seconds: list[int]
) -> None:
    cells = {"model": model, "tier_scope": "month"} | (
        {"price": price, "unit_size": size} if model == "package" else {}
    )
    reference = a_tariff(cells, tiers=steps)
    charged = sum((Decimal(str(row["charge_amount"])) for row in rated(reference, *calls(*seconds))), Decimal(0))
    assert charged == round_half_up(_total({"unit_size": "", **cells}, steps, sum(seconds)), 6)


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(("flat", "graduated", "volume", "package")),
    tiers(),
    prices,
    sizes,
    st.sampled_from((("", ""), ("60", "20"), ("7", "10"))),
    st.sampled_from((("", ""), ("1", ""), ("", "20"), ("5", "9.5"))),
    lengths,
)
def test_a_session_costs_what_it_costs_in_one_record(
    model: str,
    steps: list[Cells],
    price: str,
    size: str,
    steps_of_units: tuple[str, str],
    limits: tuple[str, str],
    volumes: list[int],
) -> None:
    cells: Cells = {
        "product_code": "DATA",
        "model": model,
        "connect_fee": "0.25",
        "first_increment": steps_of_units[0],
        "next_increment": steps_of_units[1],
        "minimum_charge": limits[0],
        "maximum_charge": limits[1],
    }
    if model in ("flat", "package"):
        cells |= {"price": price, "unit_size": size}
    reference = a_tariff(cells, tiers=steps)
    start = datetime(2026, 2, 10, tzinfo=UTC)
    parts = [
        a_data_cdr(
            record_ID=f"{number}",
            session_id="S",
            sequence_number=number,
            timestamp=(start + timedelta(minutes=number)).isoformat(),
            data_volume_mb=f"{volume}e-6",
        )
        for number, volume in enumerate(volumes)
    ]
    (whole,) = rated(reference, a_data_cdr(data_volume_mb=f"{sum(volumes)}e-6"))
    found = rated(reference, *parts)
    assert sum(Decimal(str(row["charge_amount"])) for row in found) == whole["charge_amount"]
    assert sum(int(str(row["billed_units"])) for row in found) == whole["billed_units"]


instants = st.datetimes(datetime(2026, 2, 13), datetime(2026, 3, 24)).map(lambda at: at.replace(tzinfo=UTC))
clocks = st.integers(0, 1439).map(lambda minute: f"{minute // 60:02d}:{minute % 60:02d}")


@settings(max_examples=150, deadline=None)
@given(instants, st.integers(1, 86_400), st.lists(st.tuples(clocks, clocks), min_size=1, max_size=3))
def test_no_second_is_lost_at_an_edge(start: datetime, seconds: int, hours: list[tuple[str, str]]) -> None:
    rows: list[Cells] = [
        {"time_band": f"B{number}", "start_time": begin, "end_time": end, "priority": str(number)}
        for number, (begin, end) in enumerate(hours)
        if begin != end
    ]
    calendar = Calendar(a_reference(time_bands=rows), "Africa/Casablanca")
    by_band: dict[tuple[str, str], Cells] = {("", name): {"time_band": name} for name in ("", "B0", "B1", "B2")}
    found = Found(None, None, None, None, None, None, None, by_band)
    cut = runs(found, calendar, start, seconds)
    assert [run.begin for run in cut] == [0, *(run.end for run in cut[:-1])]
    assert cut[-1].end == seconds
    for run in cut:
        for second in (run.begin, run.end - 1):
            bands = calendar.active(start + timedelta(seconds=second))
            assert run.rate is found.rate(bands)
