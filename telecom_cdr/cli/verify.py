"""`telecom-cdr verify`: a month computed again on the other engine, and every row compared."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Final

import typer

from telecom_cdr.cli.arguments import Month, billing_month, open_catalog
from telecom_cdr.cli.console import complain, print_rows, say
from telecom_cdr.errors import LakeError
from telecom_cdr.settings import Settings

if TYPE_CHECKING:
    from telecom_cdr.lakehouse.catalog import Catalog
    from telecom_cdr.lakehouse.verify import Made
    from telecom_cdr.lakehouse.verify_compare import Comparison

_ENGINES: Final = ("embedded", "spark")


def _an_engine(name: str | None) -> str | None:
    if name is None or name in _ENGINES or name.startswith("sc://"):
        return name
    # What follows may be a token.
    raise typer.BadParameter(f"{name.partition(';')[0]!r} is no engine: use embedded, spark or sc://host:port")


def verify(
    month: Month,
    engine: Annotated[
        str | None,
        typer.Option(
            "--engine",
            metavar="ENGINE",
            callback=_an_engine,
            help="embedded, spark or sc://host:port; the one that did not make the month when left out.",
        ),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=0, help="Differing rows to print, of each table.")] = 20,
) -> None:
    """Compute a month again on another engine, in a scratch lake, and compare every table row by row.

    From the raw records and reference data that it was made from. The result is kept in assurance/verifications.
    Exit code 1 when something differs.
    """
    settings = Settings()
    month = billing_month(month, settings)
    catalog = open_catalog(settings)
    from telecom_cdr.lakehouse.engines.connection import shown
    from telecom_cdr.lakehouse.verify import keep, pin

    made = pin(catalog, month, say)
    chosen = engine or made.other_engine
    if made.engine.split(" ")[0] == chosen:
        say(f"{month} was made on {chosen} too: this shows that it is repeatable, not that two engines agree")
    say(f"{month}: made on {made.engine or 'an engine that was not recorded'}; computing it again on {shown(chosen)}")
    computed_on, compared = _computed_again(catalog, made, chosen, limit)
    keep(catalog, made, compared, engine=computed_on, now=datetime.now(UTC))
    _tell(month, computed_on, compared)


def _computed_again(catalog: "Catalog", made: "Made", engine: str, limit: int) -> "tuple[str, list[Comparison]]":
    """Run the month in a scratch lake and compare; gives the engine with its version, and what every table shows."""
    from dagster import DagsterInstance

    from telecom_cdr.cli.runs import failures_of, run_job
    from telecom_cdr.lakehouse.verify import VERIFIED
    from telecom_cdr.lakehouse.verify_compare import compare
    from telecom_cdr.lakehouse.verify_scratch import scratch_lake
    from telecom_cdr.tables.assurance import RECONCILIATION

    with scratch_lake(catalog, made) as scratch, DagsterInstance.ephemeral() as instance:
        where = {"directory": str(scratch.root), "engine": engine}
        result = run_job(instance, "bill_month", month=made.month, lake=where)
        if not result.success:
            for line in failures_of(result):
                complain(f"{made.month}: {line}")
            raise LakeError(f"{made.month} could not be computed again: nothing was compared")
        say(f"{made.month}: computed; comparing")
        compared = [
            compare(
                catalog,
                scratch,
                table,
                made.month,
                made.tables[table].version,
                spill=scratch.root / "_spill",
                examples=limit,
            )
            for table in VERIFIED
        ]
        return scratch.month_version(RECONCILIATION, made.month).engine, compared


def _tell(month: str, engine: str, compared: "Sequence[Comparison]") -> None:
    different = [found for found in compared if not found.is_equal]
    print_rows(
        ["table", "rows", "computed", "missing", "surplus", "other values", "result"],
        [
            (
                found.table.path,
                found.row_count,
                found.computed_row_count,
                found.missing_row_count,
                found.surplus_row_count,
                found.differing_row_count,
                "equal" if found.is_equal else "DIFFERENT",
            )
            for found in compared
        ],
    )
    if not different:
        say(f"{month}: every row and type of {len(compared)} tables is equal on {engine}; kept for the auditor")
        return
    _tell_differences(different)
    names = ", ".join(found.table.path for found in different)
    complain(f"{month}: {names} differ from what {engine} computes from the same records and reference data")
    raise typer.Exit(1)


def _tell_differences(different: "Iterable[Comparison]") -> None:
    rows: list[tuple[object, ...]] = []
    for found in different:
        rows += [(found.table.path, "", "types", difference, "") for difference in found.type_differences]
        rows += [
            (found.table.path, example.key, example.column, example.in_lake, example.computed)
            for example in found.examples
        ]
    print_rows(["table", "key", "column", "in the lake", "computed"], rows, title="The first differences")
