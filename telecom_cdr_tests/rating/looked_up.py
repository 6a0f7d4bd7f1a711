"""Events as rating looks them up, and what one step of it adds to them: a test names only the columns that matter."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from telecom_cdr.tables import reference
from telecom_cdr_tests.table_rows import frame_of, rows

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

Row = dict[str, Any]

DAY = date(2026, 1, 15)
_TYPES = {
    "event": "int",
    "service_type": "string",
    "served_msisdn": "string",
    "called_number": "string",
    "is_short_code": "boolean",
    "traffic_class": "string",
    "reported_product": "string",
    "is_roaming": "boolean",
    "serving_plmn": "string",
    "usage_date": "date",
    "tariff_date": "date",
}
_DEFAULTS: Row = {
    "service_type": "voice",
    "served_msisdn": "212661000001",
    "called_number": "212662000009",
    "is_short_code": False,
    "traffic_class": "offnet",
    "is_roaming": False,
    # The tariff is that of the first part of a session: never the day of the event itself.
    "usage_date": date(1999, 1, 1),
    "tariff_date": DAY,
}
_TABLES = {table.name: table for table in reference.TABLES}


def abroad(network: str, **values: Any) -> Row:
    """An event served by a network."""
    return {"is_roaming": True, "serving_plmn": network, "traffic_class": "roaming", **values}


def data(**values: Any) -> Row:
    """A data event, which has no called number."""
    nobody = dict.fromkeys(("called_number", "is_short_code", "traffic_class"))
    return {"service_type": "data", **nobody, **values}


def table(engine: "SparkSession", name: str, *found: Row) -> "DataFrame":
    """Rows of a reference table; none if none are given."""
    return frame_of(engine, _TABLES[name], *found)


def added(
    engine: "SparkSession", step: Callable[["DataFrame"], "DataFrame"], events: Sequence[Row], *columns: str
) -> list[tuple[Any, ...]]:
    """The columns that a step of rating gives each event, in their order; an event stays one row."""
    made = [
        [({**_DEFAULTS, **event, "event": number}).get(name) for name in _TYPES] for number, event in enumerate(events)
    ]
    schema = ", ".join(f"{name} {kind}" for name, kind in _TYPES.items())
    found = sorted(rows(step(engine.createDataFrame(made, schema))), key=lambda row: row["event"])
    assert [row["event"] for row in found] == list(range(len(events))), "one event is one row"
    return [tuple(row[name] for name in columns) for row in found]
