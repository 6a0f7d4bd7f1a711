"""Classes of called numbers, radio generations, and the fields that are kept as they came."""

from typing import TYPE_CHECKING

import pytest

from telecom_cdr.errors import InputError
from telecom_cdr.mediation import normalise
from telecom_cdr_tests.mediation.records import Row, a_record, judged, received

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

CALLED = {
    "0661000002": ("onnet", "212661"),
    "0612000002": ("offnet", "212612"),
    "0600000002": ("offnet", "212600"),
    "0692000002": ("offnet", "212692"),
    "0683000002": ("offnet", "212683"),
    "0750000002": ("onnet", "212750"),
    "0770000002": ("offnet", "212770"),
    "0522123456": ("fixed", "2125"),
    "0592401234": ("fixed", "2125"),
    "0801234567": ("special", "2128"),
    "0891234567": ("special", "2128"),
    "0123456789": ("special", "2121"),
    "190": ("special", "190"),
    "12345": ("special", "12345"),
    "+33612345678": ("international", "33"),
    "+12125551234": ("international", "1"),
    "+77011234567": ("international", "7"),
    "+213551234567": ("international", "213"),
    "+8811234567": ("international", "881"),
}
TECHNOLOGIES = (
    dict.fromkeys(("2G", "GSM", "EDGE", "edge"), "2G")
    | dict.fromkeys(("3G", "UMTS", "HSPA", " hspa "), "3G")
    | dict.fromkeys(("4G", "LTE", "lte", "\u00a0LTE\t"), "4G")
    | dict.fromkeys(("5G", "NR", "5g"), "5G")
    | dict.fromkeys(("6G", "", " ", "LTE-A", "4 G", None), "UNKNOWN")
)
NETWORKS = {
    "60401": ("60401", False),
    "604": ("604", False),
    "604-01": ("60401", False),
    "604 01": ("60401", False),
    " 604.01\t": ("60401", False),
    "604/01": ("60401", False),
    "\uff16\uff10\uff1401": ("60401", False),
    "6041": ("6041", False),
    "604010": ("604010", False),
    "208 01": ("20801", True),
    "310-410": ("310410", True),
    "060401": ("060401", True),
}
UNREADABLE_NETWORKS = ("abc", "60", "6040101", "604-Maroc", "+60401", "-", "604_01")


@pytest.fixture(scope="module")
def serving(engine: "SparkSession") -> dict[str, Row]:
    networks = (*NETWORKS, *UNREADABLE_NETWORKS)
    return dict(zip(networks, judged(engine, [a_record(serving_plmn=network) for network in networks]), strict=True))


@pytest.fixture(scope="module")
def called(engine: "SparkSession") -> dict[str, Row]:
    return dict(zip(CALLED, judged(engine, [a_record(callee_id=number) for number in CALLED]), strict=True))


@pytest.mark.parametrize("number", CALLED)
def test_the_numbering_plan_decides_the_class(called: dict[str, Row], number: str) -> None:
    assert (called[number]["traffic_class"], called[number]["number_range"]) == CALLED[number]


def test_an_event_served_abroad_is_roaming_whatever_was_called(engine: "SparkSession") -> None:
    networks = ["20801", "60400", "604", " ", None]
    rows = judged(engine, [a_record(serving_plmn=network) for network in networks])
    assert [row["traffic_class"] for row in rows] == ["roaming", "onnet", "onnet", "onnet", "onnet"]
    assert [row["is_roaming"] for row in rows] == [True, False, False, False, False]
    assert rows[0]["number_range"] == "212661"


@pytest.mark.parametrize("network", NETWORKS)
def test_a_network_is_read_however_it_is_written(serving: dict[str, Row], network: str) -> None:
    row = serving[network]
    assert (row["serving_plmn"], row["is_roaming"]) == NETWORKS[network]
    assert (row["reasons"], row["warnings"]) == (None, None)


@pytest.mark.parametrize("network", UNREADABLE_NETWORKS)
def test_a_network_that_cannot_be_read_is_never_taken_for_one_at_home(serving: dict[str, Row], network: str) -> None:
    row = serving[network]
    assert (row["serving_plmn"], row["is_roaming"], row["traffic_class"]) == (network, True, "roaming")
    assert (row["reasons"], row["warnings"]) == (None, "UNREADABLE_SERVING_PLMN")


def test_the_home_operator_decides_what_is_on_net(engine: "SparkSession") -> None:
    raw = received(engine, [a_record(callee_id="0612000002")])
    staged = normalise(raw, first_month="2024-01", home_operator="Orange")
    assert staged.toArrow()["traffic_class"].to_pylist() == ["onnet"]


def test_an_unknown_home_operator_is_refused_by_name(engine: "SparkSession") -> None:
    with pytest.raises(InputError, match=r"'Maroc telecom'.*Maroc Telecom"):
        normalise(received(engine, [a_record()]), first_month="2024-01", home_operator="Maroc telecom")


def test_technologies_become_generations(engine: "SparkSession") -> None:
    rows = judged(engine, [a_record(technology=name) for name in TECHNOLOGIES])
    assert [row["technology"] for row in rows] == list(TECHNOLOGIES.values())
    warned = [row["warnings"] for row in rows]
    assert warned == ["UNKNOWN_TECHNOLOGY" if name == "UNKNOWN" else None for name in TECHNOLOGIES.values()]
    assert {row["reasons"] for row in rows} == {None}


def test_optional_fields_are_kept_as_received_and_blank_ones_are_null(engine: "SparkSession") -> None:
    names = ("session_id", "imsi", "imei", "cause", "source_node")
    given = a_record(is_final="false", sequence_number="1e1", **{name: f" {name} é" for name in names})
    blank = a_record(is_final=" ", sequence_number="", **dict.fromkeys(names, "\u00a0"))
    rows = judged(engine, [given, blank])
    assert {name: rows[0][name] for name in names} == {name: f" {name} é" for name in names}
    assert (rows[0]["is_final"], rows[0]["sequence_number"]) == (False, 10)
    assert {rows[1][name] for name in (*names, "is_final", "sequence_number")} == {None}


def test_fields_of_other_types_are_ignored(engine: "SparkSession") -> None:
    (row,) = judged(engine, [a_record("sms", duration_sec="60", data_volume_mb="5", product_code="WEB")])
    assert (row["duration_seconds"], row["volume_bytes"], row["product_code"]) == (None, None, None)
