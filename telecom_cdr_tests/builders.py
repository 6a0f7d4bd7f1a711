"""One row of anything, with sensible defaults: a test states only what matters to it.

Here: records as a network sends them, reference data as CSV cells, and both as files. Not here: expected results.
"""

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

Cells = dict[str, str]
ReferenceRows = dict[str, list[Cells]]
Record = Mapping[str, object] | str | bytes

REFERENCE_COLUMNS: dict[str, tuple[str, ...]] = {
    name: tuple(columns.split())
    for name, columns in {
        "customers": "customer_id name region segment email address tax_exempt",
        "subscriptions": "msisdn customer_id plan_code status valid_from valid_to",
        "rate_plans": "plan_code name currency prices_include_tax monthly_fee fee_timing prorate payment_type",
        "products": "product_code service_type traffic_class unit description",
        "rates": "plan_code product_code zone time_band valid_from valid_to model unit_size price connect_fee "
        "first_increment next_increment minimum_charge maximum_charge tier_scope tier_basis",
        "rate_tiers": "plan_code product_code zone time_band valid_from up_to unit_size price flat_fee",
        "allowances": "plan_code allowance_code product_code zone kind quantity period scope priority",
        "discounts": "discount_code plan_code customer_id segment applies_to product_code percent amount "
        "minimum_spend valid_from valid_to",
        "fees": "fee_code plan_code amount per only_with_usage taxable",
        "tax_rates": "tax_category rate valid_from valid_to",
        "destinations": "prefix zone country_code description valid_from valid_to",
        "time_bands": "time_band weekdays start_time end_time on_holidays priority",
        "holidays": "date name",
        "number_portability": "msisdn operator valid_from valid_to",
    }.items()
}
_ALWAYS = "2020-01-01"
_DEFAULTS: dict[str, Cells] = {
    "customers": {"customer_id": "C1", "name": "Amal", "region": "Rabat-Salé-Kénitra", "tax_exempt": "false"},
    "subscriptions": {
        "msisdn": "212661000001",
        "customer_id": "C1",
        "plan_code": "P1",
        "status": "active",
        "valid_from": _ALWAYS,
    },
    "rate_plans": {
        "plan_code": "P1",
        "name": "Plan one",
        "currency": "MAD",
        "prices_include_tax": "false",
        "monthly_fee": "0",
        "fee_timing": "arrears",
        "prorate": "false",
        "payment_type": "postpaid",
    },
    "products": {"product_code": "VOICE", "service_type": "voice"},
    "rates": {"plan_code": "P1", "product_code": "VOICE", "valid_from": _ALWAYS, "model": "flat", "price": "0.01"},
    "rate_tiers": {
        "plan_code": "P1",
        "product_code": "VOICE",
        "valid_from": _ALWAYS,
        "unit_size": "1",
        "price": "0.01",
    },
    "allowances": {
        "plan_code": "P1",
        "allowance_code": "FREE",
        "kind": "units",
        "quantity": "60",
        "period": "month",
        "scope": "subscription",
        "priority": "1",
    },
    "discounts": {"discount_code": "D1", "applies_to": "usage", "valid_from": _ALWAYS},
    "fees": {"fee_code": "F1", "amount": "5.00", "per": "invoice", "only_with_usage": "false", "taxable": "true"},
    "tax_rates": {"tax_category": "standard", "rate": "0.2", "valid_from": _ALWAYS},
    "destinations": {"prefix": "212", "zone": "MA", "country_code": "212", "valid_from": _ALWAYS},
    "time_bands": {"time_band": "NIGHT", "start_time": "20:00", "end_time": "08:00", "priority": "1"},
    "holidays": {"date": "2026-01-01", "name": "New year"},
    "number_portability": {"msisdn": "212661000001", "operator": "Inwi", "valid_from": _ALWAYS},
}
_UNITS = {"voice": "second", "sms": "message", "data": "byte"}
_COMMON: dict[str, object] = {
    "record_ID": "R1",
    "timestamp": "2026-02-10T10:00:00Z",
    "cell_id": "RABAT_01",
    "technology": "4G",
}


def a_voice_cdr(**changes: object) -> dict[str, object]:
    """A call of one minute between two Moroccan mobiles; a change to None leaves the field out."""
    specific = {"caller_id": "212661000001", "callee_id": "212661000009", "duration_sec": 60}
    return _record("voice", specific, changes)


def an_sms_cdr(**changes: object) -> dict[str, object]:
    """A message between two Moroccan mobiles; a change to None leaves the field out."""
    return _record("sms", {"sender_id": "212661000001", "receiver_id": "212661000009"}, changes)


def a_data_cdr(**changes: object) -> dict[str, object]:
    """A session of 1.5 MB in ten minutes; a change to None leaves the field out."""
    specific = {"user_id": "212661000001", "data_volume_mb": 1.5, "session_duration_sec": 600, "product_code": "DATA"}
    return _record("data", specific, changes)


def _record(kind: str, specific: Mapping[str, object], changes: Mapping[str, object]) -> dict[str, object]:
    record = {"record_ID": _COMMON["record_ID"], "record_type": kind, **_COMMON, **specific, **changes}
    return {name: value for name, value in record.items() if value is not None}


def a_reference_row(table: str, **cells: str) -> Cells:
    """A row of a reference file: every column, defaults where a sensible one exists, else empty."""
    unknown = set(cells) - set(REFERENCE_COLUMNS[table])
    if unknown:
        raise ValueError(f"{table} has no columns {sorted(unknown)}")
    row = dict.fromkeys(REFERENCE_COLUMNS[table], "") | _DEFAULTS[table] | cells
    if table == "products" and not row["unit"]:
        row["unit"] = _UNITS[row["service_type"]]
    return row


def a_reference(**tables: Sequence[Mapping[str, str]]) -> ReferenceRows:
    """Reference data of every file: one customer with one number on one plan, voice, SMS and data at flat prices.

    A table given replaces the default one; its rows need only the columns that matter.
    """
    defaults: dict[str, Sequence[Mapping[str, str]]] = {
        "customers": [{}],
        "subscriptions": [{}],
        "rate_plans": [{}],
        "products": [
            {"product_code": "VOICE", "service_type": "voice"},
            {"product_code": "SMS", "service_type": "sms"},
            {"product_code": "DATA", "service_type": "data"},
        ],
        "rates": [
            {"product_code": "VOICE", "price": "0.01", "unit_size": "1"},
            {"product_code": "SMS", "price": "0.10", "unit_size": "1"},
            {"product_code": "DATA", "price": "0.01", "unit_size": "1000000"},
        ],
        "tax_rates": [{}],
        "destinations": [{}],
    }
    chosen = {name: tables.get(name, defaults.get(name, [])) for name in REFERENCE_COLUMNS}
    return {name: [a_reference_row(name, **row) for row in rows] for name, rows in chosen.items()}


def write_reference(directory: Path, rows: Mapping[str, Iterable[Mapping[str, str]]]) -> Path:
    """Every reference file into the directory, which is made where missing; tables not given have a header only."""
    directory.mkdir(parents=True, exist_ok=True)
    for name, columns in REFERENCE_COLUMNS.items():
        with (directory / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows.get(name, ()))
    return directory


def read_reference(directory: Path) -> ReferenceRows:
    """The cells of every reference file of a directory; a file that is not there has no rows."""
    rows: ReferenceRows = {}
    for name in REFERENCE_COLUMNS:
        path = directory / f"{name}.csv"
        rows[name] = []
        if path.exists():
            with path.open(encoding="utf-8", newline="") as file:
                rows[name] = list(csv.DictReader(file))
    return rows


def cdr_bytes(record: Record) -> bytes:
    """A record as it is sent: an object as JSON on one line; text and bytes as they are."""
    if isinstance(record, bytes):
        return record
    return (record if isinstance(record, str) else json.dumps(record, ensure_ascii=False)).encode()


def cdr_lines(records: Iterable[Record]) -> bytes:
    """A file of records, each line ended."""
    return b"".join(cdr_bytes(record) + b"\n" for record in records)


def write_cdrs(directory: Path, name: str, records: Iterable[Record]) -> Path:
    """A file of records in the directory, which is made where missing."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / name
    path.write_bytes(cdr_lines(records))
    return path
