"""The page of a month: reports and reconciliation as one self-contained HTML file.

Here: from rows to what the template shows. Not here: reading rows and writing files (`exports`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from telecom_cdr.assurance.reconcile import STAGES
from telecom_cdr.lakehouse.plain_text import as_text
from telecom_cdr.tables import reports
from telecom_cdr.tables.assurance import RECONCILIATION
from telecom_cdr.tables.model import Table
from telecom_cdr.vocabulary import Measure, RecordType

Rows = Sequence[Mapping[str, Any]]

CHART_HEIGHT: Final = 160
_DAY_WIDTH: Final = 24
_BAR_WIDTH: Final = 18
_SERVICES: Final = tuple(service.value for service in RecordType)
_HIDDEN: Final = frozenset({"billing_month"})


@dataclass(frozen=True)
class Bar:
    """One service of one day in the chart, in pixels from the top left."""

    x: int
    y: Decimal
    height: Decimal
    service: str
    label: str


@dataclass(frozen=True)
class Chart:
    """The daily revenue in one currency."""

    currency: str
    highest: str
    width: int
    bars: tuple[Bar, ...]
    days: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Section:
    """One table of the page: its header, the cells as text, and which columns are numbers."""

    name: str
    title: str
    grain: str
    columns: tuple[str, ...]
    numeric: tuple[bool, ...]
    rows: tuple[tuple[str, ...], ...]
    is_marked: tuple[bool, ...]


def render_page(month: str, rows: Mapping[str, Rows]) -> str:
    """HTML of a billing month from the rows of every report and of the reconciliation, by table name."""
    environment = Environment(
        loader=PackageLoader("telecom_cdr.lakehouse"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    reconciliation = sorted(rows[RECONCILIATION.name], key=_by_stage)
    return environment.get_template("month.html.j2").render(
        month=month,
        totals=_totals(rows[reports.REVENUE_BY_PLAN.name]),
        fault_count=sum(_is_fault(row) for row in reconciliation),
        charts=[_chart(currency, found) for currency, found in _by_currency(rows[reports.DAILY_REVENUE.name]).items()],
        chart_height=CHART_HEIGHT,
        bar_width=_BAR_WIDTH,
        services=_SERVICES,
        sections=[
            *(_section(table, _in_key_order(table, rows[table.name])) for table in reports.TABLES),
            _section(RECONCILIATION, reconciliation),
        ],
    )


def grouped(value: object) -> str:
    """A number with its thousands apart, as people read it: 1234567.50 is 1,234,567.50; other values as text."""
    is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    return f"{value:,f}" if is_number and isinstance(value, Decimal) else f"{value:,}" if is_number else as_text(value)


def _totals(plans: Rows) -> list[dict[str, str]]:
    found = []
    for currency, of_currency in _by_currency(plans).items():
        found.append(
            {
                "currency": currency,
                "events": grouped(sum(row["event_count"] for row in of_currency)),
                "charges": grouped(sum((row["charge_amount"] for row in of_currency), Decimal(0))),
                "net": grouped(sum((row["net_amount"] for row in of_currency), Decimal(0))),
            }
        )
    return found


def _by_currency(rows: Rows) -> dict[str, Rows]:
    currencies = sorted({row["currency"] for row in rows})
    return {currency: [row for row in rows if row["currency"] == currency] for currency in currencies}


def _chart(currency: str, rows: Rows) -> Chart:
    """Bars stacked by service, as high as the highest day allows."""
    amounts: dict[date, dict[str, Decimal]] = {}
    for row in rows:
        amounts.setdefault(row["usage_date"], {})[row["service_type"]] = row["charge_amount"]
    highest = max(sum(of_day.values(), Decimal(0)) for of_day in amounts.values())
    bars, days = [], []
    for index, (day, of_day) in enumerate(sorted(amounts.items())):
        x, top = index * _DAY_WIDTH, Decimal(CHART_HEIGHT)
        days.append((x + _BAR_WIDTH // 2, day.day))
        for service in _SERVICES:
            amount = of_day.get(service, Decimal(0))
            if amount > 0:
                height = (amount * CHART_HEIGHT / highest).quantize(Decimal("0.1"))
                top -= height
                bars.append(Bar(x, top, height, service, f"{day.isoformat()} {service}: {grouped(amount)} {currency}"))
    return Chart(currency, grouped(highest), len(days) * _DAY_WIDTH, tuple(bars), tuple(days))


def _section(table: Table, rows: Rows) -> Section:
    columns = tuple(column for column in table.columns if column.name not in _HIDDEN)
    return Section(
        name=table.name,
        title=table.name.replace("_", " ").capitalize(),
        grain=table.grain,
        columns=tuple(column.name for column in columns),
        numeric=tuple(column.type.sql.startswith(("bigint", "int", "decimal")) for column in columns),
        rows=tuple(tuple(grouped(row[column.name]) for column in columns) for row in rows),
        is_marked=tuple(_is_fault(row) for row in rows),
    )


def _in_key_order(table: Table, rows: Rows) -> Rows:
    return sorted(rows, key=lambda row: tuple(row[name] for name in table.key))


def _by_stage(row: Mapping[str, Any]) -> tuple[int, str]:
    stage = row["stage"]
    return (STAGES.index(stage) if stage in STAGES else len(STAGES), row["measure"])


def _is_fault(row: Mapping[str, Any]) -> bool:
    return "difference" in row and row["difference"] != 0 and row["measure"] != Measure.MONEY_ROUNDING.value
