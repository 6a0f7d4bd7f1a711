"""How the model rates records that report one session in parts."""

from itertools import permutations

import pytest

from telecom_cdr_tests.builders import Cells, a_data_cdr, a_voice_cdr, an_sms_cdr
from telecom_cdr_tests.exact_model.sessions import Row
from telecom_cdr_tests.exact_model.trial import BERT, a_tariff, by_id, entries, plain, rated

_DATA: Cells = {"product_code": "DATA", "price": "1", "unit_size": "1000"}


def _part(number: int, volume: int, **changes: object) -> dict[str, object]:
    """A part of `volume` bytes; parts follow one another by the hour, from 10:00 on 10 February."""
    record = a_data_cdr(
        record_ID=str(number),
        session_id="S",
        sequence_number=number,
        timestamp=f"2026-02-10T{9 + number:02d}:00:00",
        data_volume_mb=f"{volume}e-6",
    )
    return record | changes


def _call(number: int, seconds: int, clock: str, **changes: object) -> dict[str, object]:
    record = a_voice_cdr(
        record_ID=str(number),
        session_id="S",
        sequence_number=number,
        timestamp=f"2026-02-10T{clock}",
        duration_sec=seconds,
    )
    return record | changes


def _of(found: dict[str, Row], name: str) -> list[str]:
    return [plain(found[number][name]) for number in sorted(found)]


def test_a_part_pays_what_it_adds_to_the_session() -> None:
    rate: Cells = _DATA | {"first_increment": "1000", "next_increment": "100", "connect_fee": "7"}
    parts = [_part(1, 10), _part(2, 1000), _part(3, 0), _part(4, 89), _part(5, 2)]
    for sent in permutations(parts):
        found = by_id(a_tariff(rate), *sent)
        assert [found[name]["billed_units"] for name in "12345"] == [1000, 100, 0, 0, 100]
        assert _of(found, "charge_amount") == ["8", "0.1", "0", "0", "0.1"]
        assert _of(found, "session_units_before") == ["0", "10", "1010", "1010", "1099"]
    assert [entry["kind"] for entry in entries(found["1"])] == ["connect_fee", "usage"]
    assert entries(found["4"]) == []


def test_the_order_of_a_session_is_that_of_its_numbers_then_of_time() -> None:
    parts = [
        _part(3, 1),
        _part(1, 10, timestamp="2026-02-10T20:00:00"),
        _part(2, 100, timestamp="2026-02-10T21:00:00"),
        _part(4, 1000, sequence_number=2),
    ]
    found = by_id(a_tariff(_DATA), *parts)
    assert _of(found, "session_units_before") == ["0", "1010", "1110", "10"]


@pytest.mark.parametrize(
    "changes",
    [
        {"session_id": "T"},
        {"session_id": None},
        {"sequence_number": None},
        {"user_id": BERT},
        {"product_code": "DATA2"},
        {"timestamp": "2026-03-10T10:00:00"},
        {"serving_plmn": "20801"},
    ],
)
def test_another_session_begins_anew(changes: dict[str, object]) -> None:
    reference = a_tariff(_DATA, products=[{"product_code": "DATA", "service_type": "data"}])
    second = {name: value for name, value in (_part(2, 1) | changes).items() if value is not None}
    found = by_id(reference, _part(1, 10), second)
    is_part = "session_id" in second and "sequence_number" in second
    assert found["2"]["session_units_before"] == (0 if is_part else None)


def test_the_network_at_home_makes_no_difference() -> None:
    found = by_id(a_tariff(_DATA), _part(1, 10), _part(2, 1, serving_plmn="60401"))
    assert found["2"]["session_units_before"] == 10


def test_messages_have_no_sessions() -> None:
    sent = [an_sms_cdr(record_ID=str(number), session_id="S", sequence_number=number) for number in (1, 2)]
    found = rated(a_tariff({"product_code": "SMS", "connect_fee": "1"}), *sent)
    assert [(row["session_units_before"], row["charge_amount"] is None) for row in found] == [(None, False)] * 2
    assert len({row["charge_amount"] for row in found}) == 1


def test_every_part_has_the_tariff_and_subscription_of_the_first() -> None:
    reference = a_tariff(
        _DATA | {"valid_to": "2026-02-11"},
        _DATA | {"valid_from": "2026-02-11", "price": "50"},
        subscriptions=[{"valid_to": "2026-02-11"}],
    )
    found = by_id(reference, _part(2, 3000), _part(3, 4000, timestamp="2026-02-12T10:00:00"))
    assert _of(found, "charge_amount") == ["3", "4"]
    found = by_id(reference, _part(2, 3000), _part(1, 4000, timestamp="2026-02-12T10:00:00"))
    assert [row["reason"] for row in found.values()] == ["SUBSCRIPTION_NOT_ACTIVE"] * 2


def test_an_allowance_of_the_day_is_that_of_the_part() -> None:
    allowances: list[Cells] = [
        {"allowance_code": "DAY", "quantity": "10", "period": "day", "product_code": "DATA"},
        {"allowance_code": "SESSION", "quantity": "5", "period": "event", "product_code": "DATA", "priority": "2"},
    ]
    parts = [_part(1, 12), _part(2, 12, timestamp="2026-02-11T00:00:00"), _part(3, 12, timestamp="2026-02-11T10:00:00")]
    found = by_id(a_tariff(_DATA, allowances=allowances), *parts)
    assert [row["allowances_used"] for row in found.values()] == ["DAY=10,SESSION=2", "DAY=10,SESSION=2", "SESSION=1"]


def test_allowances_are_used_in_order_of_time_whatever_the_numbers() -> None:
    parts = [_part(2, 8), _part(1, 8, timestamp="2026-02-10T20:00:00")]
    rate = _DATA | {"unit_size": "1", "connect_fee": "100"}
    found = by_id(a_tariff(rate, allowances=[{"quantity": "10", "product_code": "DATA"}]), *parts)
    assert [found[name]["allowances_used"] for name in "12"] == ["FREE=2", "FREE=8"]
    # The first with a charged unit pays the connect fee.
    assert _of(found, "charge_amount") == ["106", "0"]


def test_tiers_of_the_event_run_over_the_session() -> None:
    tiers: list[Cells] = [{"up_to": "10", "price": "1", "flat_fee": "5"}, {"price": "2", "flat_fee": "7"}]
    rate: Cells = {"product_code": "DATA", "model": "graduated"}
    found = by_id(a_tariff(rate, tiers=tiers), _part(1, 6), _part(2, 4), _part(3, 1), _part(4, 1))
    assert _of(found, "charge_amount") == ["11", "4", "9", "2"]
    volume = by_id(
        a_tariff(rate | {"model": "volume"}, tiers=tiers), _part(1, 6), _part(2, 4), _part(3, 1), _part(4, 1)
    )
    # 6 + 5; 4; 11 x 2 + 7 - 10 - 5; 2.
    assert _of(volume, "charge_amount") == ["11", "4", "14", "2"]
    package: Cells = {"product_code": "DATA", "model": "package", "unit_size": "10", "price": "3"}
    assert _of(by_id(a_tariff(package), _part(1, 6), _part(2, 4), _part(3, 1)), "charge_amount") == ["3", "0", "3"]


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ({"minimum_charge": "5"}, ["5", "0", "1", "4"]),
        ({"maximum_charge": "5"}, ["3", "1", "1", "0"]),
        ({"minimum_charge": "3.5", "maximum_charge": "4.5"}, ["3.5", "0.5", "0.5", "0"]),
    ],
)
def test_minimum_and_maximum_are_those_of_the_session(limits: Cells, expected: list[str]) -> None:
    rate = {"product_code": "DATA", "price": "1", "connect_fee": "1", **limits}
    parts = [_part(1, 2), _part(2, 1), _part(3, 2), _part(4, 4)]
    found = by_id(a_tariff(rate), *parts)
    assert _of(found, "charge_amount") == expected


def test_a_part_below_the_minimum_gives_back_what_was_added() -> None:
    rate: Cells = {"product_code": "DATA", "price": "1", "minimum_charge": "5"}
    found = by_id(a_tariff(rate), _part(1, 2), _part(2, 4))
    assert [(entry["kind"], entry["amount"]) for entry in entries(found["2"])] == [
        ("usage", "4.000000000000"),
        ("maximum", "-3.000000000000"),
    ]


def test_rounding_is_that_of_the_session() -> None:
    rate: Cells = {"product_code": "DATA", "price": "0.0000004"}
    found = by_id(a_tariff(rate), *(_part(number, 1) for number in (1, 2, 3, 4)))
    assert _of(found, "charge_amount") == ["0", "0.000001", "0", "0.000001"]


def test_a_long_call_in_parts_keeps_increments_and_governing_rate() -> None:
    reference = a_tariff(
        {"price": "1", "first_increment": "60", "next_increment": "10", "connect_fee": "100"},
        {"price": "2", "time_band": "NIGHT", "first_increment": "7", "connect_fee": "900"},
        time_bands=[{}],
    )
    found = by_id(reference, _call(1, 30, "19:59:30"), _call(2, 27, "20:00:00"), _call(3, 10, "20:00:27"))
    assert [found[name]["time_band"] for name in "123"] == [None] * 3
    # The first thirty seconds bill the whole minute, by day; the next 27 nothing; the last ten one step at night.
    assert [found[name]["billed_units"] for name in "123"] == [60, 0, 10]
    assert _of(found, "charge_amount") == ["160", "0", "20"]


def test_units_billed_before_are_not_billed_again_in_the_piece_that_they_fall_into() -> None:
    reference = a_tariff(
        {"price": "1", "first_increment": "60"},
        {"price": "2", "time_band": "NIGHT"},
        time_bands=[{}],
    )
    found = by_id(reference, _call(1, 10, "19:59:00"), _call(2, 100, "19:59:10"))
    # Of the 50 s by day all were billed; of the 50 s at night all are new.
    assert [(entry["band"], entry["units"], entry["from"]) for entry in entries(found["2"])] == [("NIGHT", 50, 61)]
    found = by_id(reference, _call(1, 10, "19:59:00"), _call(2, 100, "19:58:10", sequence_number=2))
    # A part that overlaps: each by its own start.
    assert [(entry["band"], entry["units"], entry["from"]) for entry in entries(found["2"])] == [(None, 50, 61)]


def test_a_part_without_a_rate_is_unrated_and_its_units_are_counted() -> None:
    reference = a_tariff({"price": "1", "time_band": "NIGHT", "connect_fee": "5"}, time_bands=[{}])
    found = by_id(reference, _call(1, 60, "07:59:00"), _call(2, 60, "08:00:00"), _call(3, 60, "22:00:00"))
    assert [found[name]["reason"] for name in "123"] == [None, "NO_RATE", None]
    assert found["3"]["session_units_before"] == 120
    assert [plain(found[name]["charge_amount"]) for name in "13"] == ["65", "60"]
    unrated = by_id(reference, _call(1, 60, "19:59:00"), _call(2, 60, "22:00:00"))
    assert [row["reason"] for row in unrated.values()] == ["NO_RATE", "NO_RATE"]
