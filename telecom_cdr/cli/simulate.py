"""`telecom-cdr simulate`: what records would cost under a tariff, without lake or database.

It starts often and on small files: nothing is imported, opened or written that one result does not need.
"""

import gzip
import json
import sys
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from telecom_cdr.cli.arguments import Form
from telecom_cdr.cli.console import Format, print_rows, say
from telecom_cdr.cli.pieces import in_short, pieces_of
from telecom_cdr.errors import EngineError, InputError
from telecom_cdr.lakehouse.plain_text import as_text
from telecom_cdr.settings import Settings
from telecom_cdr.vocabulary import RatingStatus

Row = Mapping[str, Any]

_STANDARD_INPUT: Final = "-"
# Lines are found by 32-bit positions.
_MOST_BYTES: Final = 2**31 - 2
# How the engines tell that an amount does not fit.
_OVERFLOWS: Final = ("too large to store in a Decimal", "NUMERIC_VALUE_OUT_OF_RANGE")
_TOO_GREAT: Final = "; a charge must be below 10^12: lower the price or fee, or write the price for more units"
# Name in the output -> key of a result.
_COLUMNS: Final = {
    "record_ID": "record_id",
    **{
        name: name
        for name in (
            "status",
            "reason",
            "charge_amount",
            "billed_units",
            "currency",
            "customer_id",
            "plan_code",
            "product_code",
            "zone",
            "usage_units",
            "charged_units",
            "allowances_used",
        )
    },
    "pieces": "breakdown",
}
_FOR_PEOPLE: Final = (
    "record_ID",
    "status",
    "reason",
    "plan_code",
    "product_code",
    "zone",
    "billed_units",
    "allowances_used",
    "charge_amount",
    "currency",
    "pieces",
)


def simulate(
    reference: Annotated[Path, typer.Option("--reference", metavar="DIR", help="Directory of the CSV files.")],
    events: Annotated[
        str, typer.Option("--events", metavar="FILE", help="Records, one JSON object a line; - for standard input.")
    ],
    form: Form = Format.TABLE,
) -> None:
    """Tell what records would cost under a tariff: a row for each record, in order; no lake, nothing is kept.

    Each record is billed in its own month, in the past or the future. Exit code 0 also where records are rejected or
    have no rate: status and reason say so.
    """
    settings = Settings()
    text = _content(events)
    results = _simulated(settings, reference, text)
    if form is Format.JSON:
        for row in results:
            sys.stdout.write(json.dumps(_as_json(row), ensure_ascii=False) + "\n")
    elif form is Format.CSV:
        print_rows(list(_COLUMNS), ([row[key] for key in _COLUMNS.values()] for row in results), form)
    else:
        print_rows(_FOR_PEOPLE, [list(_for_people(row)) for row in results])
    say(_summary(results))


def _content(events: str) -> bytes:
    if events == _STANDARD_INPUT:
        text = sys.stdin.buffer.read()
    else:
        try:
            text = Path(events).read_bytes()
            text = gzip.decompress(text) if events.endswith(".gz") else text
        except (OSError, EOFError, zlib.error) as error:
            reason = getattr(error, "strerror", None) or error
            raise InputError(f"{events} cannot be read: {reason}; name a file of JSON lines") from None
    if len(text) > _MOST_BYTES:
        raise InputError(f"{events} holds more than 2 GiB: split it, or ingest it and run the month")
    return text


def _simulated(settings: Settings, directory: Path, text: bytes) -> Sequence[Row]:
    from telecom_cdr.reference.validation import read_reference

    tables = read_reference(directory).tables
    from telecom_cdr.lakehouse.engine import open_session

    with open_session(settings.engine, say) as session:
        from telecom_cdr.lakehouse.engines.connection import is_elsewhere, shown
        from telecom_cdr.lakehouse.simulate import simulate as simulated
        from telecom_cdr.lakehouse.simulate_frames import temporary_frames
        from telecom_cdr.lakehouse.tariffs import Market

        market = Market(settings.timezone, settings.home_operator)
        from pyspark.errors import PySparkException

        try:
            with temporary_frames(session, is_local=not is_elsewhere(settings.engine)) as frames:
                return simulated(frames, tables, text, market)
        except PySparkException as error:
            told = str(error).strip().splitlines()[0]
            hint = _TOO_GREAT if any(name in told for name in _OVERFLOWS) else ""
            problem = f"the engine {shown(settings.engine)} could not rate these records: {told}{hint}"
            raise EngineError(problem) from error


def _as_json(row: Row) -> dict[str, object]:
    values = {name: row[key] for name, key in _COLUMNS.items()}
    told = {name: value if isinstance(value, int | None) else as_text(value) for name, value in values.items()}
    return told | {"pieces": None if row["breakdown"] is None else pieces_of(row["breakdown"])}


def _for_people(row: Row) -> Iterator[object]:
    for name in _FOR_PEOPLE:
        yield in_short(row["breakdown"]) if name == "pieces" else row[_COLUMNS[name]]


def _summary(results: Sequence[Row]) -> str:
    counts = Counter(row["status"] for row in results)
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in results:
        if row["status"] == RatingStatus.RATED:
            sums[row["currency"]] += row["charge_amount"]
    told = [f"{count:,} {status}" for status, count in sorted(counts.items())]
    money = [f"{as_text(amount)} {currency}" for currency, amount in sorted(sums.items())]
    return f"{len(results):,} records: {', '.join(told) or 'nothing to rate'}; charges: {', '.join(money) or 'none'}"
