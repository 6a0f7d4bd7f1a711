"""Products: by service and class, as reported for data, and what is sold abroad."""

from typing import TYPE_CHECKING, Any

import pytest

from telecom_cdr.rating.product import with_product
from telecom_cdr_tests.rating.looked_up import Row, abroad, added, data, table

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

PRODUCTS: list[dict[str, Any]] = [
    {"product_code": "CALL", "service_type": "voice"},
    {"product_code": "CALL_FIXED", "service_type": "voice", "traffic_class": "fixed"},
    {"product_code": "CALL_ABROAD", "service_type": "voice", "traffic_class": "roaming"},
    {"product_code": "SMS", "service_type": "sms"},
    {"product_code": "WEB", "service_type": "data"},
    {"product_code": "WEB_INTL", "service_type": "data", "traffic_class": "international"},
    {"product_code": "WEB_ABROAD", "service_type": "data", "traffic_class": "roaming"},
]
_SPAIN = abroad("21407", traffic_class=None)
CASES: dict[str, tuple[Row, str | None, bool]] = {
    "a class that has a product": ({"traffic_class": "fixed"}, "CALL_FIXED", False),
    "a class that has none": ({"traffic_class": "onnet"}, "CALL", False),
    "a call abroad": (abroad("21407"), "CALL_ABROAD", False),
    "a message abroad, with no product made for it": (abroad("21407", service_type="sms"), None, False),
    "data at home": (data(reported_product="WEB"), "WEB", False),
    "data of a class": (data(reported_product="WEB_INTL"), "WEB_INTL", False),
    "data at home by a product for abroad": (data(reported_product="WEB_ABROAD"), "WEB_ABROAD", False),
    "data abroad by a product for abroad": (data(reported_product="WEB_ABROAD", **_SPAIN), "WEB_ABROAD", False),
    "data abroad by a product of no class": (data(reported_product="WEB", **_SPAIN), "WEB", True),
    "data abroad by a product of another class": (data(reported_product="WEB_INTL", **_SPAIN), "WEB_INTL", True),
    "data of an unknown product": (data(reported_product="GONE"), None, False),
    "data that reports the product of a call": (data(reported_product="CALL"), None, False),
    "data that reports none": (data(), None, False),
}


@pytest.fixture(scope="module")
def found(engine: "SparkSession") -> dict[str, tuple[Any, ...]]:
    products = table(engine, "products", *PRODUCTS)
    events = [event for event, *_ in CASES.values()]
    columns = ("product_code", "_needs_zone_rate")
    return dict(zip(CASES, added(engine, lambda each: with_product(each, products), events, *columns), strict=True))


@pytest.mark.parametrize("case", CASES)
def test_an_event_is_sold_as(found: dict[str, tuple[Any, ...]], case: str) -> None:
    _, product, needs_zone_rate = CASES[case]
    assert found[case] == (product, needs_zone_rate)
