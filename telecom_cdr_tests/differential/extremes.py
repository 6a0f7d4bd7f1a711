"""Values at the ends of their types: greatest prices and volumes, long and foreign texts, edges of days and months."""

from typing import Final

from telecom_cdr_tests.builders import Record, ReferenceRows, a_data_cdr, a_reference, a_voice_cdr, an_sms_cdr

# 86,400 s at this price is the greatest charge that decimal(18,6) holds, less a few thousandths.
_DEAREST: Final = "11574074.074074074"
_LEAST: Final = "0.000000001"
_TEXTS: Final = (
    "é☎\u202e",
    "\u0627\u0644\u0645\u063a\u0631\u0628",
    "x" * 10_000,
    "\U0001f4de" * 300,
    "a'b\"c\\d%_;--",
    "=1+1",
)
# Local time; 2026-02-15 02:00Z: UTC+1 ends for Ramadan.
_STARTS: Final = (
    *("2026-02-01T00:00:00", "2026-02-28T23:59:59.999999", "2026-02-28T23:30:00Z", "2026-01-31T23:00:00Z"),
    *("2026-02-15T01:59:59.999999Z", "2026-02-15T02:00:00Z", "2026-02-15T02:30:00", "2026-02-15T03:00:00"),
    *("2026-02-14T23:59:59.999999", "2026-02-15T00:00:00", "2026-02-10T10:00:00.000001Z"),
)  # fmt: skip
_DEAR, _CHEAP = "212661000002", "212661000003"


def extreme_reference() -> ReferenceRows:
    """The plan of `a_reference`, one at the greatest price, one at the least with tax in it."""
    price = {"unit_size": "1", "connect_fee": "0"}
    products = (("VOICE", "voice"), ("SMS", "sms"), ("DATA", "data"))
    return a_reference(
        customers=[{}, {"customer_id": "C2", "name": _TEXTS[2]}, {"customer_id": "Ç☎3", "name": _TEXTS[1]}],
        subscriptions=[
            {},
            {"msisdn": _DEAR, "customer_id": "C2", "plan_code": "DEAR"},
            {"msisdn": _CHEAP, "customer_id": "Ç☎3", "plan_code": "CHEAP", "valid_from": "2026-02-01"},
        ],
        rate_plans=[
            {},
            {"plan_code": "DEAR", "name": _TEXTS[3], "monthly_fee": "99999999.99"},
            {"plan_code": "CHEAP", "name": _TEXTS[4], "prices_include_tax": "true", "monthly_fee": "0.01"},
        ],
        rates=[
            *({"product_code": name, "price": "0.01", "unit_size": "1"} for name, _ in products),
            *({"plan_code": "DEAR", "product_code": name, "price": _DEAREST, **price} for name, _ in products[:2]),
            *({"plan_code": "CHEAP", "product_code": name, "price": _LEAST, **price} for name, _ in products),
        ],
    )


def extreme_records() -> list[Record]:
    """Records of the three subscribers in February 2026."""
    return [
        *(a_voice_cdr(record_ID=f"start{n}", timestamp=start) for n, start in enumerate(_STARTS)),
        an_sms_cdr(record_ID="message", sender_id=_CHEAP),
        a_voice_cdr(record_ID="dearest", caller_id=_DEAR, duration_sec=86_400),
        a_voice_cdr(record_ID="shortest", caller_id=_DEAR, duration_sec=1),
        *(a_data_cdr(record_ID=f"data{mb}", user_id=_CHEAP, data_volume_mb=mb) for mb in (1_000_000, 0.0000005, 0)),
        *(a_voice_cdr(record_ID=text, source_node=text, session_id=text, caller_id=_CHEAP) for text in _TEXTS),
    ]
