"""How the model prices a piece at its position: graduated, volume and package, over an event or a month."""

from decimal import Decimal

import pytest

from telecom_cdr_tests.builders import Cells
from telecom_cdr_tests.exact_model.trial import a_tariff, by_id, calls, charges, entries, rated

_STEPS: list[Cells] = [
    {"up_to": "10", "price": "1", "flat_fee": "5"},
    {"up_to": "20", "price": "2", "flat_fee": "7"},
    {"price": "3", "flat_fee": "11"},
]


def _shown(row: dict[str, object]) -> list[tuple[object, ...]]:
    return [
        (
            entry["kind"],
            *(entry.get(name) for name in ("units", "from", "to", "tier_from")),
            Decimal(str(entry["amount"])),
        )
        for entry in entries(row)
    ]


def test_a_call_walks_through_the_tiers() -> None:
    (row,) = rated(a_tariff({"model": "graduated"}, tiers=_STEPS), *calls(21))
    assert _shown(row) == [
        ("usage", 10, 1, 10, None, 10),
        ("flat_fee", None, None, None, 1, 5),
        ("usage", 10, 11, 20, None, 20),
        ("flat_fee", None, None, None, 11, 7),
        ("usage", 1, 21, 21, None, 3),
        ("flat_fee", None, None, None, 21, 11),
    ]


def test_tiers_of_the_event_begin_anew_and_those_of_the_month_go_on() -> None:
    for scope, expected in (("event", ["15", "15"]), ("", ["15", "15"]), ("month", ["15", "27"])):
        reference = a_tariff({"model": "graduated", "tier_scope": scope}, tiers=_STEPS)
        assert list(charges(reference, *calls(10, 10)).values()) == expected


def test_each_rate_counts_its_own_month() -> None:
    rates: list[Cells] = [
        {"model": "graduated", "tier_scope": "month", "zone": zone, "valid_to": "2026-02-03"} for zone in ("", "MA")
    ]
    rates.append({"model": "graduated", "tier_scope": "month", "valid_from": "2026-02-03"})
    reference = a_tariff(*rates, tiers=_STEPS, destinations=[{}, {"prefix": "33", "zone": "FR"}])
    sent = calls(10, 10, 10, 10)
    sent[1]["callee_id"] = "+33612345678"
    # Zone MA, then another zone; a new rate of any zone from the third on.
    assert list(charges(reference, *sent).values()) == ["15", "15", "15", "27"]


def test_free_units_take_positions_with_basis_all() -> None:
    allowances = [{"quantity": "12"}]
    # charged: 1, 2 -> 2 + 5; 3 to 10 -> 8, 11 to 15 -> 10 + 7.
    # all: 13, 14 -> 4 + 7; 15 to 20 -> 12, 21 to 27 -> 21 + 11.
    for basis, expected in (("charged", ["0", "7", "25"]), ("all", ["0", "11", "44"])):
        rate = {"model": "graduated", "tier_scope": "month", "tier_basis": basis}
        reference = a_tariff(rate, tiers=_STEPS, allowances=allowances)
        assert list(charges(reference, *calls(8, 6, 13)).values()) == expected


def test_a_flat_fee_is_due_when_the_first_charged_unit_falls_in_the_tier() -> None:
    rate = {"model": "graduated", "tier_basis": "all", "tier_scope": "month"}
    allowances = [{"quantity": "4", "period": "event"}]
    found = by_id(a_tariff(rate, tiers=_STEPS, allowances=allowances), *calls(8, 8, 8))
    # Positions 5 to 8; 13 to 16, for 9 to 12 are free, though tier two was entered by a free unit; 21 to 24.
    assert [_shown(found[name]) for name in "123"] == [
        [("usage", 4, 5, 8, None, 4), ("flat_fee", None, None, None, 1, 5)],
        [("usage", 4, 13, 16, None, 8), ("flat_fee", None, None, None, 11, 7)],
        [("usage", 4, 21, 24, None, 12), ("flat_fee", None, None, None, 21, 11)],
    ]


def test_a_tier_without_a_price_costs_its_flat_fee_only() -> None:
    tiers: list[Cells] = [{"up_to": "10", "flat_fee": "5"}, {"price": "0.1", "unit_size": "3"}]
    (row,) = rated(a_tariff({"model": "graduated"}, tiers=tiers), *calls(13))
    assert row["charge_amount"] == Decimal("5.1")
    assert [entry.get("price") for entry in entries(row)] == ["0.000000000", None, "0.100000000"]


def test_volume_reprices_what_was_charged_before() -> None:
    tiers: list[Cells] = [{"up_to": "100", "price": "2", "flat_fee": "10"}, {"price": "0.5", "flat_fee": "3"}]
    reference = a_tariff({"model": "volume", "tier_scope": "month", "connect_fee": "1"}, tiers=tiers)
    found = by_id(reference, *calls(60, 40, 1, 9))
    assert [found[name]["charge_amount"] for name in "1234"] == [131, 81, Decimal("-155.5"), Decimal("5.5")]
    assert _shown(found["3"]) == [
        ("connect_fee", None, None, None, None, 1),
        ("repricing", -100, None, None, None, -200),
        ("flat_fee", None, None, None, 1, -10),
        ("usage", 101, 1, 101, None, Decimal("50.5")),
        ("flat_fee", None, None, None, 101, 3),
    ]
    assert _shown(found["4"])[1:] == [("usage", 9, 102, 110, None, Decimal("4.5"))]


def test_volume_with_basis_all_reaches_tiers_by_free_units() -> None:
    tiers: list[Cells] = [{"up_to": "10", "price": "2"}, {"price": "1", "flat_fee": "3"}]
    rate = {"model": "volume", "tier_basis": "all"}
    (row,) = rated(a_tariff(rate, tiers=tiers, allowances=[{"quantity": "8"}]), *calls(12))
    assert _shown(row) == [("usage", 4, 1, 12, None, 4), ("flat_fee", None, None, None, 11, 3)]


def test_packages_go_on_over_the_month() -> None:
    reference = a_tariff({"model": "package", "unit_size": "10", "price": "100", "tier_scope": "month"})
    found = by_id(reference, *calls(1, 9, 1, 25))
    assert [found[name]["charge_amount"] for name in "1234"] == [100, 0, 100, 200]
    assert [entries(found[name])[0]["packages"] for name in "1234"] == [1, 0, 1, 2]
    assert _shown(found["2"]) == [("package", 9, 2, 10, None, 0)]


@pytest.mark.parametrize(("basis", "packages"), [("charged", [0, 1, 0, 1]), ("all", [0, 1, 1, 0])])
def test_packages_and_free_units(basis: str, packages: list[int]) -> None:
    rate = {"model": "package", "unit_size": "10", "price": "1", "tier_scope": "month", "tier_basis": basis}
    reference = a_tariff(rate, allowances=[{"quantity": "14"}])
    # Positions of charged units: 1 and 2, 3 to 10, 11; with basis all 15 and 16, 17 to 24, 25.
    assert [int(charge) for charge in charges(reference, *calls(14, 2, 8, 1)).values()] == packages


def test_a_month_tier_bears_a_connect_fee_but_no_free_call_does() -> None:
    rate = {"model": "graduated", "tier_scope": "month", "connect_fee": "0.5"}
    reference = a_tariff(rate, tiers=[{"price": "1"}], allowances=[{"quantity": "5"}])
    assert list(charges(reference, *calls(5, 1)).values()) == ["0", "1.5"]


def test_the_sum_of_a_month_is_rounded_as_one() -> None:
    reference = a_tariff({"model": "graduated", "tier_scope": "month"}, tiers=[{"price": "0.0000004"}])
    assert list(charges(reference, *calls(1, 1, 1, 1)).values()) == ["0", "0.000001", "0", "0.000001"]


def test_minimum_and_maximum_are_entries_of_their_own() -> None:
    least, most = (
        by_id(a_tariff({"price": "1", "connect_fee": "2", **limit}), *calls(1, 9))
        for limit in ({"minimum_charge": "5"}, {"maximum_charge": "5"})
    )
    assert [least[name]["charge_amount"] for name in "12"] == [5, 11]
    assert [most[name]["charge_amount"] for name in "12"] == [3, 5]
    assert _shown(least["1"])[-1] == ("minimum", None, None, None, None, 2)
    assert _shown(most["2"])[-1] == ("maximum", None, None, None, None, -6)
