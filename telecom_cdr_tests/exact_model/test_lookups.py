"""What the model finds for an event: destinations, ported numbers, serving networks, products abroad."""

from datetime import UTC, datetime

import pytest

from telecom_cdr_tests.builders import Cells, a_data_cdr, a_reference, a_voice_cdr, an_sms_cdr, cdr_lines
from telecom_cdr_tests.exact_model import ModelSettings, compute, raw_records
from telecom_cdr_tests.exact_model.trial import a_tariff, by_id, calls, rated

_HOME = "212661000009"
_PRODUCTS: list[Cells] = [
    {"product_code": "ON", "service_type": "voice", "traffic_class": "onnet"},
    {"product_code": "OFF", "service_type": "voice", "traffic_class": "offnet"},
    {"product_code": "FIXED", "service_type": "voice", "traffic_class": "fixed"},
]
_ABROAD: list[Cells] = [
    {"product_code": "VOICE_ROAM", "service_type": "voice", "traffic_class": "roaming"},
    {"product_code": "SMS_ROAM", "service_type": "sms", "traffic_class": "roaming"},
    {"product_code": "DATA", "service_type": "data"},
    {"product_code": "DATA_ROAM", "service_type": "data", "traffic_class": "roaming"},
]
_ROAMING_RATES: list[Cells] = [{"product_code": row["product_code"]} for row in _ABROAD]


def test_the_longest_prefix_and_the_zone_of_a_rate_come_first() -> None:
    reference = a_reference(
        destinations=[
            {"prefix": "2126", "zone": "M"},
            {"prefix": "212661", "zone": "X"},
            {"prefix": "1500", "zone": "S", "country_code": "SHORT"},
            {"prefix": "212650", "zone": "NOTHING", "country_code": "PLMN"},
        ],
        rates=[{"price": "1"}, {"price": "2", "zone": "X"}],
    )
    found = by_id(
        reference,
        a_voice_cdr(record_ID="a", callee_id="0661000009", duration_sec=1),
        a_voice_cdr(record_ID="b", callee_id="0650000009", duration_sec=1),
        a_voice_cdr(record_ID="c", callee_id="1500", duration_sec=1),
        a_voice_cdr(record_ID="d", callee_id="15001", duration_sec=1),
    )
    names = ("zone", "rate_zone", "charge_amount", "reason")
    assert {number: tuple(row[name] for name in names) for number, row in found.items()} == {
        "a": ("X", "X", 2, None),
        "b": ("M", None, 1, None),
        "c": ("S", None, 1, None),
        "d": (None, None, None, "NO_DESTINATION"),
    }


@pytest.mark.parametrize(
    ("called", "operator", "traffic_class", "ported"),
    [
        (_HOME, "Inwi", "offnet", "Inwi"),
        (_HOME, "maroc telecom", "onnet", "maroc telecom"),
        ("212612345678", "Maroc Telecom", "onnet", "Maroc Telecom"),
        ("212612345678", "Orange", "offnet", "Orange"),
        ("212522123456", "Maroc Telecom", "fixed", None),
    ],
)
def test_the_operator_of_a_ported_number_decides(called: str, operator: str, traffic_class: str, ported: str) -> None:
    reference = a_tariff(
        *({"product_code": row["product_code"]} for row in _PRODUCTS),
        products=_PRODUCTS,
        number_portability=[{"msisdn": called, "operator": operator}],
    )
    (row,) = rated(reference, *calls(60, callee_id=called))
    expected = {"onnet": "ON", "offnet": "OFF", "fixed": "FIXED"}[traffic_class]
    assert (row["traffic_class"], row["ported_operator"], row["product_code"]) == (traffic_class, ported, expected)


def test_a_number_is_ported_on_its_days_only() -> None:
    reference = a_tariff(
        {}, number_portability=[{"msisdn": _HOME, "valid_from": "2026-02-02", "valid_to": "2026-02-03"}]
    )
    found = rated(reference, *calls(1, 1, 1))
    assert [row["ported_operator"] for row in found] == [None, "Inwi", None]
    assert [row["traffic_class"] for row in found] == ["onnet", "offnet", "onnet"]


def test_the_home_operator_is_a_setting() -> None:
    reference = a_reference(number_portability=[{"msisdn": _HOME, "operator": " INWI "}])
    records = raw_records({"a": cdr_lines([a_voice_cdr(callee_id=_HOME)])}, datetime(2026, 11, 23, tzinfo=UTC))
    (row,) = compute(records, reference, ModelSettings(home_operator="Inwi"))["2026-02"].rated
    assert row["traffic_class"] == "onnet"


@pytest.mark.parametrize(
    ("plmn", "zone", "prefix"),
    [
        ("20801", "ORANGE_FR", "20801"),
        ("20810", "FRANCE", "208"),
        ("21401", "EUROPE", "3"),
        ("310260", "AMERICA", "1"),
        ("26201", None, None),
        ("99901", None, None),
    ],
)
def test_the_serving_network_gives_the_zone_abroad(plmn: str, zone: str | None, prefix: str | None) -> None:
    reference = a_tariff(
        *_ROAMING_RATES,
        products=_ABROAD,
        destinations=[
            {},
            {"prefix": "208", "zone": "FRANCE", "country_code": "PLMN"},
            {"prefix": "20801", "zone": "ORANGE_FR", "country_code": "PLMN", "valid_to": "2026-03-01"},
            {"prefix": "3", "zone": "EUROPE", "country_code": "33"},
            {"prefix": "346", "zone": "NOTHING", "country_code": "34"},
            {"prefix": "1", "zone": "AMERICA", "country_code": "1"},
            {"prefix": "214", "zone": "NOTHING", "country_code": "SHORT"},
        ],
    )
    sent = [a_voice_cdr(record_ID="v"), an_sms_cdr(record_ID="s"), a_data_cdr(record_ID="d", product_code="DATA_ROAM")]
    found = by_id(reference, *(record | {"serving_plmn": plmn} for record in sent))
    assert [(row["zone"], row["destination_prefix"], row["status"]) for row in found.values()] == [
        (zone, prefix, "rated")
    ] * 3


def test_a_network_row_has_its_days() -> None:
    rows: list[Cells] = [
        {"prefix": "208", "zone": "FRANCE", "country_code": "PLMN"},
        {"prefix": "20801", "zone": "PARTNER", "country_code": "PLMN", "valid_to": "2026-02-02"},
    ]
    reference = a_tariff(*_ROAMING_RATES, products=_ABROAD, destinations=rows)
    assert [row["zone"] for row in rated(reference, *calls(1, 1, serving_plmn="20801"))] == ["PARTNER", "FRANCE"]


@pytest.mark.parametrize("traffic_class", ["", "roaming"])
def test_abroad_calls_ask_for_a_product_of_roaming(traffic_class: str) -> None:
    reference = a_reference(
        products=[{"product_code": "VOICE", "service_type": "voice", "traffic_class": traffic_class}], rates=[{}]
    )
    (row,) = rated(reference, a_voice_cdr(serving_plmn="20801"))
    assert row["reason"] == (None if traffic_class else "UNKNOWN_PRODUCT")


@pytest.mark.parametrize(
    ("product", "zone", "rate_zones", "reason"),
    [
        ("DATA", "FRANCE", ["", "FRANCE"], None),
        ("DATA", "FRANCE", [""], "NO_RATE"),
        ("DATA", "", [""], "NO_RATE"),
        ("DATA_ROAM", "FRANCE", [""], None),
        ("DATA_ROAM", "", [""], None),
        ("NONE", "FRANCE", ["FRANCE"], "UNKNOWN_PRODUCT"),
    ],
)
def test_a_data_product_of_home_needs_a_rate_of_the_zone(
    product: str, zone: str, rate_zones: list[str], reason: str | None
) -> None:
    networks: list[Cells] = [{"prefix": "208", "zone": "FRANCE", "country_code": "PLMN"}] if zone else []
    reference = a_tariff(
        *({"product_code": name, "zone": name_of} for name in ("DATA", "DATA_ROAM") for name_of in rate_zones),
        products=_ABROAD,
        destinations=[{}, *networks],
    )
    (row,) = rated(reference, a_data_cdr(serving_plmn="20801", product_code=product))
    assert row["reason"] == reason
    assert row["zone"] == (zone or None)


def test_data_at_home_has_no_zone() -> None:
    reference = a_tariff({"product_code": "DATA", "zone": "MA"})
    (row,) = rated(reference, a_data_cdr())
    assert (row["zone"], row["reason"]) == (None, "NO_RATE")
