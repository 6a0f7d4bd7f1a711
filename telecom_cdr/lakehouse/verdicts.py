"""What blocks, blocks everywhere: verdicts of blocking checks, and the guard that asks for them.

A verdict belongs to the exact content of a month (`MonthVersion.fingerprint`), so a row changed behind the system's
back, or a month half-way replaced, has none. Here: recording and asking. Not here: what is checked.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from telecom_cdr.errors import NotCheckedError
from telecom_cdr.lakehouse.catalog import Catalog, MonthVersion
from telecom_cdr.tables.assurance import VERDICTS
from telecom_cdr.tables.model import Table

Figures = Mapping[str, int | str | Decimal]


@dataclass(frozen=True)
class Verdict:
    """The outcome of one blocking check on one month's content."""

    month: MonthVersion
    check_name: str
    is_passed: bool
    figures: Figures


def record(catalog: Catalog, verdicts: Iterable[Verdict], *, now: datetime) -> None:
    """Keep verdicts for ever."""
    rows = [
        {
            "table_name": verdict.month.table.path,
            "delta_version": verdict.month.version,
            "month_fingerprint": verdict.month.fingerprint,
            "write_id": verdict.month.write_id,
            "check_name": verdict.check_name,
            "is_passed": verdict.is_passed,
            "figures": json.dumps(dict(verdict.figures), default=str),
            "recorded_utc": now,
            "billing_month": verdict.month.month,
        }
        for verdict in verdicts
    ]
    catalog.append(VERDICTS, pa.Table.from_pylist(rows, schema=VERDICTS.arrow_schema))


def newest(catalog: Catalog, table: Table, month: str, check_name: str) -> dict[str, Any] | None:
    """The newest verdict of one check of a table's month, on whatever it held; None when it was never checked."""
    rows = catalog.read(VERDICTS, month)
    same = pc.and_(pc.equal(rows["table_name"], table.path), pc.equal(rows["check_name"], check_name))
    found = rows.filter(same).sort_by("recorded_utc").to_pylist()
    return found[-1] if found else None


def latest(catalog: Catalog, version: MonthVersion) -> dict[str, dict[str, Any]]:
    """The newest verdict of each check on exactly this content."""
    return _latest(catalog.read(VERDICTS, version.month), version)


def _latest(rows: pa.Table, version: MonthVersion) -> dict[str, dict[str, Any]]:
    same = pc.and_(
        pc.equal(rows["table_name"], version.table.path),
        pc.equal(rows["month_fingerprint"], version.fingerprint),
    )
    return {row["check_name"]: row for row in rows.filter(same).sort_by("recorded_utc").to_pylist()}


def is_missing(catalog: Catalog, version: MonthVersion, names: Iterable[str]) -> bool:
    """Whether exactly this content lacks a verdict of one of the checks named."""
    return not set(names) <= set(latest(catalog, version))


def require(catalog: Catalog, checks: Mapping[Table, tuple[str, ...]], month: str) -> dict[Table, MonthVersion]:
    """Refuse to read a month unless every table given passed its checks, as one write.

    Gives the exact content that passed. Raises NotCheckedError with the table, the check and what to do.
    """
    passed = {table: catalog.month_version(table, month) for table in checks}
    rows = catalog.read(VERDICTS, month)
    for table, version in passed.items():
        _refuse_unless_passed(rows, version, checks[table])
    # An empty month replaced by an empty one makes no commit on every engine, and so carries no write of its own.
    if len({version.write_id for version in passed.values() if version.record_count}) > 1:
        raise NotCheckedError(
            f"{', '.join(table.path for table in passed)} of {month} come from different writes: "
            f"a run stopped half-way; run `telecom-cdr run --month {month}` again"
        )
    return passed


def require_content(catalog: Catalog, version: MonthVersion, names: Iterable[str]) -> None:
    """Refuse to read exactly this content unless it passed the checks named; NotCheckedError says what to do."""
    _refuse_unless_passed(catalog.read(VERDICTS, version.month), version, names)


def _refuse_unless_passed(rows: pa.Table, version: MonthVersion, names: Iterable[str]) -> None:
    table, month, verdicts = version.table, version.month, _latest(rows, version)
    failed = [name for name in names if name in verdicts and not verdicts[name]["is_passed"]]
    missing = [name for name in names if name not in verdicts]
    if failed:
        raise NotCheckedError(
            f"{table.path} of {month} failed {', '.join(failed)}: {verdicts[failed[0]]['figures']}; "
            f"mend the cause and run `telecom-cdr run --month {month}` again"
        )
    if missing:
        raise NotCheckedError(
            f"{table.path} of {month} has no pass of {', '.join(missing)} for what it holds now "
            f"(version {version.version}): run `telecom-cdr run --month {month}` again"
        )
