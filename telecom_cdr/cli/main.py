"""The `telecom-cdr` command: its commands, and how errors end it.

Exit codes: 0 done; 1 something is wrong with the data, the lake or a run; 2 the command line itself is wrong.
Command modules import Dagster and pyspark only inside the command: starting is half the wait on small work.
"""

import os
import sys
from collections.abc import Callable

import typer
from pydantic import ValidationError

from telecom_cdr import __version__
from telecom_cdr.cli import (
    bench,
    check,
    demo,
    doctor,
    engine,
    explain,
    generate,
    ingest,
    produce,
    quarantine,
    reconcile,
    reference,
    run,
    show,
    simulate,
    topic,
    ui,
    verify,
)
from telecom_cdr.cli.console import complain
from telecom_cdr.errors import TelecomCdrError
from telecom_cdr.lakehouse.disk import DISK_FULL, is_disk_full

app = typer.Typer(
    name="telecom-cdr",
    help="From call detail records to invoices, and the proof of every cent.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

COMMANDS: tuple[tuple[str, Callable[..., object]], ...] = (
    ("demo", demo.demo),
    ("generate", generate.generate),
    ("produce", produce.produce),
    ("ingest", ingest.ingest),
    ("run", run.run),
    ("check", check.check),
    ("show", show.show),
    ("explain", explain.explain),
    ("simulate", simulate.simulate),
    ("quarantine", quarantine.quarantine),
    ("reconcile", reconcile.reconcile),
    ("verify", verify.verify),
    ("doctor", doctor.doctor),
    ("ui", ui.ui),
    ("bench", bench.bench),
)
for _name, _command in COMMANDS:
    app.command(_name)(_command)
app.add_typer(reference.app, name="reference")
app.add_typer(topic.app, name="topic")
app.add_typer(engine.app, name="engine")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"telecom-cdr {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Print the version."),
) -> None:
    """From call detail records to invoices, and the proof of every cent."""


def main() -> None:
    """Run the command line; every expected error is one line on standard error."""
    try:
        app(prog_name="telecom-cdr")
    except TelecomCdrError as error:
        complain(str(error))
        sys.exit(1)
    except ValidationError as error:
        for problem in error.errors():
            name = "_".join(str(part) for part in problem["loc"]).upper()
            complain(f"TELECOM_CDR_{name}: {problem['msg'].removeprefix('Value error, ')}")
        sys.exit(1)
    except Exception as error:
        # Any library may be the one that finds the disk full, each with an error of its own.
        if not is_disk_full(error):
            raise
        complain(f"{DISK_FULL}: {str(error).strip().splitlines()[0]}")
        sys.exit(1)
    except KeyboardInterrupt:
        complain("stopped")
        sys.exit(130)
    finally:
        _flush()


def _flush() -> None:
    """Hand over what is still to be printed, to nobody where the reader of a pipe, such as `head`, has gone."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        # Else the interpreter tries once more at its end, and complains.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
