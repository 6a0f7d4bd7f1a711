"""`telecom-cdr engine`: the Spark server of this machine, that TELECOM_CDR_ENGINE=spark uses."""

from typing import Annotated, Final

import typer

from telecom_cdr.cli.arguments import Form
from telecom_cdr.cli.console import Format, print_rows, say
from telecom_cdr.settings import Settings

# As system services report it: 3 is a service that does not run.
NOT_RUNNING: Final = 3

app = typer.Typer(no_args_is_help=True, help="The Spark server of this machine: start, stop, status.")


@app.callback()
def options() -> None:
    """The Spark server of this machine, for TELECOM_CDR_ENGINE=spark. Commands start it when they need it."""


@app.command()
def start() -> None:
    """Start the server unless it runs. It stops by itself when it was not used for a while."""
    from telecom_cdr.lakehouse.engines.configuration import LocalSpark
    from telecom_cdr.lakehouse.engines.server import start as start_server

    state = start_server(LocalSpark.of(Settings()), say)
    say(f"the Spark server answers on port {state.port} of this machine ({state.description})")


@app.command()
def stop(
    force: Annotated[bool, typer.Option("--force", help="Also while it is used: what uses it fails.")] = False,
) -> None:
    """Stop the server that was started here, and no other process."""
    from telecom_cdr.lakehouse.engines.server import stop as stop_server

    is_stopped = stop_server(Settings().spark_state, is_forced=force)
    say("the Spark server is stopped" if is_stopped else "no Spark server is running")


@app.command()
def status(form: Form = Format.TABLE) -> None:
    """Tell what runs. Exit code 0: a server answers; 3: none runs; 1: one runs that other settings started."""
    from telecom_cdr.lakehouse.engines.configuration import LocalSpark
    from telecom_cdr.lakehouse.engines.state import LOG, read_state
    from telecom_cdr.lakehouse.locks import users

    asked = LocalSpark.of(Settings())
    state = read_state(asked.folder)
    if state is None:
        say("no Spark server is running; commands start it when they need it")
        raise typer.Exit(NOT_RUNNING)
    is_as_asked = state.fingerprint == asked.fingerprint
    rows = [
        ("state", "running" if state.is_ready else "starting"),
        ("port", state.port),
        ("process", state.server.pid if state.server else ""),
        ("started with", state.description),
        ("as the settings ask", "yes" if is_as_asked else f"no: {asked.description}; run `telecom-cdr engine stop`"),
        ("sessions that use it", len(users(asked.folder))),
        ("stops after", f"{state.idle_seconds / 60:g} minutes without use" if state.idle_seconds else "never"),
        ("log", asked.folder / LOG),
    ]
    print_rows(["what", "value"], rows, form)
    if not is_as_asked:
        raise typer.Exit(1)
    if not state.is_ready:
        raise typer.Exit(NOT_RUNNING)
