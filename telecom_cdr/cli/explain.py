"""`telecom-cdr explain`: one record's way from its raw bytes to the invoice line, in words and numbers."""

from collections.abc import Iterator
from functools import reduce
from typing import Annotated, Any

import pyarrow as pa
import pyarrow.compute as pc
import typer

from telecom_cdr.cli.arguments import open_catalog
from telecom_cdr.cli.console import OUT
from telecom_cdr.cli.explain_charge import Step, charge_steps
from telecom_cdr.errors import InputError
from telecom_cdr.lakehouse.catalog import Catalog
from telecom_cdr.lakehouse.plain_text import as_text
from telecom_cdr.settings import Settings
from telecom_cdr.sources import topic_of
from telecom_cdr.tables.invoices import INVOICES, LINES
from telecom_cdr.tables.mediated import DUPLICATES, EVENT_TABLES, QUARANTINE
from telecom_cdr.tables.model import Table
from telecom_cdr.tables.rated import USAGE
from telecom_cdr.tables.raw import CDRS, FILES
from telecom_cdr.vocabulary import LineType, PaymentType, RatingStatus, RecordType

Row = dict[str, Any]


def explain(record_id: Annotated[str, typer.Argument(metavar="RECORD_ID", help="The sender's record_ID.")]) -> None:
    """Tell what became of a record: received, mediated, rated, billed; or where it was set aside, and why."""
    catalog = open_catalog(Settings())
    received = _find(catalog, CDRS, None, record_id=record_id)
    if not received:
        raise InputError(
            f"no record {record_id!r} was received; a record that is not well-formed has no ID: "
            "see `telecom-cdr quarantine --month YYYY-MM --reason MALFORMED_JSON`"
        )
    received.sort(key=_arrival)
    for number, raw in enumerate(received, 1):
        OUT.print(f"{record_id}: record {number} of {len(received)} with this ID", markup=False, style="bold")
        for stage, words in _story(catalog, raw):
            OUT.print(f"  {stage:<11}{words}", markup=False)


def _find(catalog: Catalog, table: Table, month: str | None, **values: str | int) -> list[Row]:
    """Rows of a table, of one month if given, whose columns hold the values given.

    Compared row by row: where a data file carries no statistics of a column, a filter pushed down leaves it out.
    """
    if not pc.any(_holding(catalog.read(table, month, tuple(values)), values)).as_py():
        return []
    rows = catalog.read(table, month)
    found: list[Row] = rows.filter(_holding(rows, values)).to_pylist()
    return found


def _holding(rows: pa.Table, values: dict[str, str | int]) -> pa.ChunkedArray:
    return reduce(pc.and_, (pc.equal(rows[name], value) for name, value in values.items()))


def _arrival(raw: Row) -> tuple[Any, ...]:
    return raw["ingest_commit"], raw["source_sequence"], *(raw[name] for name in CDRS.key)


def _story(catalog: Catalog, raw: Row) -> Iterator[Step]:
    yield "received", _received(catalog, raw)
    yield "payload", as_text(raw["payload"])
    month, position = raw["billing_month"], {name: raw[name] for name in CDRS.key}
    for refused in _find(catalog, QUARANTINE, month, **position):
        yield "quarantine", f"{refused['disposition']}: {refused['reasons'].replace(',', ', ')}; it is not billed"
        return
    for duplicate in _find(catalog, DUPLICATES, month, **position):
        yield "duplicate", _duplicate(duplicate)
        return
    for service, table in EVENT_TABLES.items():
        for event in _find(catalog, table, month, **position):
            yield "mediated", f"{table.path}: {_event(service, event)}"
            yield from _charge(catalog, event)
            return
    yield "mediated", f"not yet: run `telecom-cdr run --month {month}`"


def _received(catalog: Catalog, raw: Row) -> str:
    if topic_of(raw["source_id"]):
        source = _place(raw["source_id"], raw["source_partition"], raw["source_offset"])
    else:
        names = [file["name"] for file in _find(catalog, FILES, None, source_id=raw["source_id"])]
        source = f"{names[0] if names else raw['source_id']} line {raw['source_offset'] + 1}"
    start = as_text(raw["event_start_utc"]) or "no readable start"
    return (
        f"{source}, taken {as_text(raw['ingested_utc'])}; starts {start}, "
        f"usage month {raw['usage_month'] or 'unknown'}, billing month {raw['billing_month']}"
    )


def _duplicate(row: Row) -> str:
    differs = "its fields differ from those of" if row["is_conflicting"] else "it says the same as"
    kept = _place(row["kept_source_id"], row["kept_source_partition"], row["kept_source_offset"])
    return f"already received; {differs} the record kept, {kept}; it is not billed again"


def _place(source_id: str, partition: int, offset: int) -> str:
    topic = topic_of(source_id)
    if topic:
        cluster_id, name = topic
        return f"{name}[{partition}] offset {offset} (cluster {cluster_id})"
    return f"line {offset + 1} of source {source_id[:12]}"


def _event(service: RecordType, event: Row) -> str:
    if service is RecordType.DATA:
        return f"{event['served_msisdn']} moved {event['volume_bytes']:,} bytes on {event['technology']}"
    amount = f"for {event['duration_seconds']:,} s" if service is RecordType.VOICE else "one message"
    return (
        f"{event['served_msisdn']} to {event['called_number']} ({event['traffic_class']}, range "
        f"{event['number_range']}) {amount} on {event['technology']}"
    )


def _charge(catalog: Catalog, event: Row) -> Iterator[Step]:
    rated = _find(catalog, USAGE, event["billing_month"], cdr_id=event["cdr_id"])
    if not rated:
        yield "rated", f"not yet: run `telecom-cdr run --month {event['billing_month']}`"
        return
    row = rated[0]
    yield from charge_steps(row, event)
    if row["status"] == RatingStatus.RATED:
        yield from _billed(catalog, row)


def _billed(catalog: Catalog, row: Row) -> Iterator[Step]:
    if row["payment_type"] == PaymentType.PREPAID:
        yield "billed", "prepaid: taken from the balance, never invoiced"
        return
    month = row["billing_month"]
    found = _find(
        catalog,
        LINES,
        month,
        customer_id=row["customer_id"],
        plan_code=row["plan_code"],
        product_code=row["product_code"],
        line_type=LineType.USAGE.value,
        usage_month=row["usage_month"],
    )
    invoices = _find(catalog, INVOICES, month, customer_id=row["customer_id"])
    if not found or not invoices:
        yield "billed", f"not yet: run `telecom-cdr run --month {month}`"
        return
    line, invoice = found[0], invoices[0]
    yield (
        "line",
        f"line {line['line_number']} ({line['description']}): {line['event_count']:,} events, "
        f"{as_text(line['unrounded_amount'])} rounded to {as_text(line['listed_amount'])}, "
        f"net {as_text(line['net_amount'])} {line['currency']}",
    )
    yield (
        "invoice",
        f"customer {invoice['customer_id']}, {invoice['billing_month']}: net {as_text(invoice['net_amount'])} + tax "
        f"{as_text(invoice['tax_amount'])} = {as_text(invoice['total_amount'])} {invoice['currency']}",
    )
