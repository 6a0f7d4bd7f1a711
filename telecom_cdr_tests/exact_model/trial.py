"""Records rated by the model alone, for tests that state a tariff and a few records. Not here: what must come out."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from telecom_cdr_tests.builders import Cells, Record, ReferenceRows, a_reference, a_voice_cdr, cdr_lines
from telecom_cdr_tests.exact_model.months import compute
from telecom_cdr_tests.exact_model.raw import raw_records
from telecom_cdr_tests.exact_model.sessions import Row

ANNA, BERT = "212661000001", "212661000002"


def rated(reference: ReferenceRows, *records: Record) -> list[Row]:
    """The rated rows in order of time."""
    months = compute(raw_records({"a.jsonl": cdr_lines(records)}, datetime(2026, 11, 23, tzinfo=UTC)), reference)
    return [row for month in months.values() for row in month.rated]


def by_id(reference: ReferenceRows, *records: Record) -> dict[str, Row]:
    """The rated rows by record ID."""
    return {str(row["record_id"]): row for row in rated(reference, *records)}


def charges(reference: ReferenceRows, *records: Record) -> dict[str, str]:
    """What each record costs, as text without zeros at its end."""
    return {name: plain(row["charge_amount"]) for name, row in by_id(reference, *records).items()}


def plain(value: object) -> str:
    """A decimal without zeros at its end."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def entries(row: Mapping[str, object]) -> list[dict[str, object]]:
    """The breakdown of a row."""
    found: list[dict[str, object]] = json.loads(str(row["breakdown"]))
    return found


def calls(*seconds: int, **changes: object) -> list[dict[str, object]]:
    """One call a day from 1 February, named by its number from 1."""
    return [
        a_voice_cdr(
            **{"record_ID": str(day), "timestamp": f"2026-02-{day:02d}T10:00:00", "duration_sec": length, **changes}
        )
        for day, length in enumerate(seconds, start=1)
    ]


def a_tariff(*rates: Cells, tiers: Iterable[Cells] = (), **tables: Iterable[Cells]) -> ReferenceRows:
    """A tariff of these rates and tiers; the tiers are those of every rate that asks for some."""
    given = [{"price": "" if rate.get("model") in ("graduated", "volume") else "0.01", **rate} for rate in rates]
    tiered = [rate for rate in given if rate.get("model") in ("graduated", "volume")]
    names = ("product_code", "zone", "time_band", "valid_from")
    found = [
        {"price": "", "unit_size": "", **{name: rate[name] for name in names if name in rate}, **tier}
        for rate in tiered
        for tier in tiers
    ]
    return a_reference(rates=given, rate_tiers=found, **{name: list(rows) for name, rows in tables.items()})
