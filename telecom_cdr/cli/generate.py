"""`telecom-cdr generate`: realistic records with injected faults, and the truth about each."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from telecom_cdr.cli.arguments import Month, billing_month
from telecom_cdr.cli.console import ERR, print_rows, say
from telecom_cdr.settings import Settings

if TYPE_CHECKING:
    from telecom_cdr.sources.generator.fault_rates import FaultRates
    from telecom_cdr.sources.generator.generate import GenerationResult


def generate(
    cdrs: Annotated[int, typer.Option("--cdrs", min=0, metavar="N", help="Records to write.")],
    month: Month,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Directory of the files.")],
    seed: Annotated[int, typer.Option("--seed", min=0, metavar="S", help="Other seeds give other records.")] = 1,
) -> None:
    """Write JSONL files of one month for the subscriptions in the database, and truth.json: what each record is."""
    settings = Settings()
    result = write_month(settings, billing_month(month, settings), cdrs, seed, out)
    print_rows(["table", "records"], sorted(result.table_counts.items()))
    say(
        f"{result.record_count:,} records in {len(result.files)} files in {out}: {result.seconds:.1f} s, "
        f"{result.records_per_second:,.0f} records/s"
    )


def write_month(
    settings: Settings, month: str, count: int, seed: int, out: Path, faults: "FaultRates | None" = None
) -> "GenerationResult":
    """Generate one month from the reference data in the database; progress on standard error."""
    from telecom_cdr.reference.database import read_snapshot
    from telecom_cdr.sources.generator.generate import generate as generate_month

    tables = read_snapshot(settings.database_url, patience_seconds=settings.database_wait_seconds, say=say).tables
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    # In a file or pipe a bar would be an empty line.
    with Progress(*columns, console=ERR, transient=True, disable=not ERR.is_terminal) as progress:
        task = progress.add_task(f"{month}: generating", total=count)
        return generate_month(
            subscriptions=tables["subscriptions"],
            products=tables["products"],
            rates=tables["rates"],
            month=month,
            count=count,
            out_dir=out,
            seed=seed,
            timezone=settings.timezone,
            first_month=settings.first_month,
            home_operator=settings.home_operator,
            fault_rates=faults,
            on_progress=lambda done: progress.update(task, completed=done),
        )
