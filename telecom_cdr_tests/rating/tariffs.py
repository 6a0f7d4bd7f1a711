"""A small tariff and events to rate with it: a test names only the rows that matter."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from telecom_cdr.tables import mediated, reference
from telecom_cdr.vocabulary import RecordType
from telecom_cdr_tests.table_rows import frame_of, row_of, rows

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from telecom_cdr.rating.tariff import Tariff

Row = dict[str, Any]
ReferenceRows = Mapping[str, Sequence[Row]]

ALWAYS = date(2020, 1, 1)
ANNA, BERT = "212661000001", "212661000002"
_TABLES = {table.name: table for table in reference.TABLES}
_DEFAULTS: dict[str, Row] = {
    "subscriptions": {"msisdn": ANNA, "customer_id": "C1", "plan_code": "P1", "status": "active"},
    "rate_plans": {
        "plan_code": "P1",
        "name": "Plan one",
        "currency": "MAD",
        "payment_type": "postpaid",
        "prorate": False,
    },
    "products": {"product_code": "VOICE", "service_type": "voice"},
    "rates": {"plan_code": "P1", "product_code": "VOICE", "model": "flat", "price": Decimal("0.01")},
    "allowances": {
        "plan_code": "P1",
        "product_code": None,
        "zone": None,
        "allowance_code": "FREE",
        "kind": "units",
        "period": "month",
        "scope": "subscription",
        "priority": 1,
        "quantity": Decimal(60),
    },
    "destinations": {"prefix": "212", "zone": "MA", "country_code": "212"},
    "rate_tiers": {"plan_code": "P1", "product_code": "VOICE", "price": Decimal("0.01")},
    "time_bands": {"time_band": "PEAK", "start_time": "08:00", "end_time": "20:00", "priority": 1},
    "holidays": {"date": date(2026, 1, 1)},
    "number_portability": {"msisdn": "212662000009", "operator": "Maroc Telecom"},
}
_ROWS: dict[str, Sequence[Row]] = {
    "subscriptions": [{}],
    "rate_plans": [{}],
    "products": [
        {},
        {"product_code": "SMS", "service_type": "sms"},
        {"product_code": "DATA", "service_type": "data"},
    ],
    "rates": [{}, {"product_code": "SMS"}, {"product_code": "DATA"}],
    "allowances": [],
    "destinations": [{}],
    "rate_tiers": [],
    "time_bands": [],
    "holidays": [],
    "number_portability": [],
}


def a_tariff(**tables: Sequence[Mapping[str, Any]]) -> ReferenceRows:
    """Typed reference rows: those given, else one subscription on one plan with three products at 0.01 a unit."""
    dated = {"subscriptions", "rates", "rate_tiers", "destinations"}
    return {
        name: [
            {**defaults, **({"valid_from": ALWAYS} if name in dated else {}), **row}
            for row in tables.get(name, _ROWS[name])
        ]
        for name, defaults in _DEFAULTS.items()
    }


def tariff_for(engine: "SparkSession", events: "DataFrame", tariff: ReferenceRows) -> "Tariff":
    """The tariff of reference rows for usage events."""
    from telecom_cdr.lakehouse.tariffs import Market, tariff_of

    tables = {
        name: pa.Table.from_pylist([row_of(_TABLES[name], **row) for row in found], _TABLES[name].arrow_schema)
        for name, found in tariff.items()
    }
    frames = {name: frame_of(engine, _TABLES[name], *found) for name, found in tariff.items()}
    return tariff_of(engine, events, frames, tables, Market("Africa/Casablanca", "Maroc Telecom"), reference_version=7)


def a_call(**values: Any) -> Row:
    """A call of Anna's to a mobile at home, 60 s."""
    return {
        "cdr_id": "call",
        "served_msisdn": ANNA,
        "called_number": "212662000009",
        "traffic_class": "offnet",
        "duration_seconds": 60,
        "event_start_utc": datetime(2026, 1, 15, 12, tzinfo=UTC),
        **values,
    }


def a_message(**values: Any) -> Row:
    """A message of Anna's to a mobile at home."""
    message = {name: value for name, value in a_call().items() if name != "duration_seconds"}
    return {**message, "cdr_id": "message", "message_count": 1, **values}


def a_session(**values: Any) -> Row:
    """A data session of Anna's, 1000 bytes of DATA."""
    session = {"cdr_id": "session", "served_msisdn": ANNA, "volume_bytes": 1000, "product_code": "DATA"}
    return {"event_start_utc": datetime(2026, 1, 15, 12, tzinfo=UTC), **session, **values}


def rated(
    engine: "SparkSession",
    tariff: ReferenceRows,
    *,
    calls: Sequence[Row] = (),
    messages: Sequence[Row] = (),
    sessions: Sequence[Row] = (),
) -> dict[str, Row]:
    """The rated rows by cdr_id."""
    charged = rated_frame(engine, tariff, calls=calls, messages=messages, sessions=sessions)
    found = rows(charged)
    by_id = {row["cdr_id"]: row for row in found}
    assert len(by_id) == len(found) == len(calls) + len(messages) + len(sessions), "one event is one row"
    return by_id


def rated_frame(
    engine: "SparkSession",
    tariff: ReferenceRows,
    *,
    calls: Sequence[Row] = (),
    messages: Sequence[Row] = (),
    sessions: Sequence[Row] = (),
) -> "DataFrame":
    """`rated/usage` of the events."""
    from telecom_cdr.rating.events import usage_events
    from telecom_cdr.rating.usage import rate

    frames = {
        kind: frame_of(engine, mediated.EVENT_TABLES[kind], *events)
        for kind, events in ((RecordType.VOICE, calls), (RecordType.SMS, messages), (RecordType.DATA, sessions))
    }
    events = usage_events(frames[RecordType.VOICE], frames[RecordType.SMS], frames[RecordType.DATA])
    return rate(events, tariff_for(engine, events, tariff))
