"""Control totals: what a table's month adds up to, in one aggregate a table.

Here: which figures each table gives. Not here: how the figures of two layers compare (`reconcile`).
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from telecom_cdr import expressions as ex
from telecom_cdr.tables import invoices, mediated, rated, raw, reports
from telecom_cdr.tables.assurance import QUANTITY
from telecom_cdr.tables.model import Table
from telecom_cdr.vocabulary import LineType, PaymentType, RatingStatus, RecordType

Totals = Mapping[str, Decimal]


def _count(condition: Column | None = None) -> Column:
    counted = ex.count_rows() if condition is None else ex.count_where(condition)
    return counted.cast(QUANTITY.sql)


def _total(column: str, condition: Column | None = None) -> Column:
    value = F.col(column) if condition is None else F.when(condition, F.col(column))
    return ex.coalesce(QUANTITY.sql, ex.sum_money(value, QUANTITY), ex.money("0", QUANTITY))


def _is(column: str, value: str) -> Column:
    return F.col(column) == F.lit(value)


def _records() -> dict[str, Column]:
    return {"records": _count()}


def _usage() -> dict[str, Column]:
    is_voice, is_data = _is("service_type", RecordType.VOICE), _is("service_type", RecordType.DATA)
    figures = {"records": _count(), "seconds": _total("usage_units", is_voice), "bytes": _total("usage_units", is_data)}
    for status in RatingStatus:
        has_status = _is("status", status)
        figures |= {
            f"{status}_records": _count(has_status),
            f"{status}_seconds": _total("usage_units", has_status & is_voice),
            f"{status}_bytes": _total("usage_units", has_status & is_data),
        }
    is_rated = _is("status", RatingStatus.RATED)
    figures |= {"charges": _total("charge_amount")}
    for payment in PaymentType:
        pays = is_rated & _is("payment_type", payment)
        figures |= {f"{payment}_records": _count(pays), f"{payment}_charges": _total("charge_amount", pays)}
    return figures


def _lines() -> dict[str, Column]:
    is_usage = _is("line_type", LineType.USAGE)
    return {
        "records": _count(),
        "usage_events": _total("event_count", is_usage),
        "usage_unrounded": _total("unrounded_amount", is_usage),
        "usage_listed": _total("listed_amount", is_usage),
        "net": _total("net_amount"),
    }


def _invoices() -> dict[str, Column]:
    return {
        "records": _count(),
        "lines": _total("line_count"),
        "net": _total("net_amount"),
        "tax": _total("tax_amount"),
        "total": _total("total_amount"),
    }


def _revenue_by_plan() -> dict[str, Column]:
    is_prepaid = _is("payment_type", PaymentType.PREPAID)
    return {
        "events": _total("event_count"),
        "charges": _total("charge_amount"),
        "prepaid_events": _total("event_count", is_prepaid),
        "prepaid_charges": _total("charge_amount", is_prepaid),
        "net": _total("net_amount"),
    }


_FIGURES: Final[dict[str, Callable[[], dict[str, Column]]]] = {
    raw.CDRS.path: _records,
    mediated.VOICE.path: lambda: _records() | {"seconds": _total("duration_seconds")},
    mediated.SMS.path: _records,
    mediated.DATA.path: lambda: _records() | {"bytes": _total("volume_bytes")},
    mediated.QUARANTINE.path: _records,
    mediated.DUPLICATES.path: _records,
    rated.USAGE.path: _usage,
    invoices.LINES.path: _lines,
    invoices.INVOICES.path: _invoices,
    reports.REVENUE_BY_PLAN.path: _revenue_by_plan,
}
TABLES: Final[tuple[Table, ...]] = (
    raw.CDRS,
    *mediated.TABLES,
    rated.USAGE,
    invoices.LINES,
    invoices.INVOICES,
    reports.REVENUE_BY_PLAN,
)


def control_totals(table: Table, frame: DataFrame) -> DataFrame:
    """One row of figures, decimal(38,6), of the rows of one month of a table.

    The names of the figures are those that `reconcile` asks for. KeyError for a table that nothing reconciles.
    """
    figures = _FIGURES[table.path]()
    return frame.agg(*(column.cast(QUANTITY.sql).alias(name) for name, column in figures.items()))
