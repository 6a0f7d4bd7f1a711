"""The process of a command: how it loads what it runs on, and how it ends.

Dagster, pyspark and the code location are half a million objects that stay to the end. Python would go through all of
them again each time that there are a quarter more, and take them apart one by one at the end: together as long as the
rest of a start. Here: neither happens. Not here: what a command does (`main`).
"""

import atexit
import gc
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def loading() -> Iterator[None]:
    """Collect no garbage while modules are loaded, and never look at what they are made of again."""
    known = len(sys.modules)
    gc.disable()
    try:
        yield
    finally:
        # Where nothing was loaded, what is there may be garbage.
        if len(sys.modules) > known:
            gc.freeze()
            # In a process that ends the long way, libraries in C++ complain of objects that are still there.
            atexit.register(gc.unfreeze)
        gc.enable()


def command() -> None:
    """Run `telecom-cdr`, and end the process."""
    with loading():
        from telecom_cdr.cli.main import main
    try:
        main()
    except SystemExit as ended:
        if isinstance(ended.code, int):
            end(ended.code)
        raise


def end(code: int) -> None:
    """End the process once all is done that an end owes to others; what only this process knows is left as it is.

    Where a thread is still at work, this returns, and the interpreter waits for it.
    """
    if threading.active_count() > 1:
        return
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
