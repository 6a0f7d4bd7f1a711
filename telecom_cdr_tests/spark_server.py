"""The Spark server of the test session: one for all tests, never the user's own."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from telecom_cdr_tests.requirements import miss

# The months of tests are small: three quarters of Java's work was to compile code that never ran again. Without its
# second compiler Java would give the code of all those plans a fifth of the room, and spend its time on clearing it.
QUICK: Final = "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=240m"


def require_java() -> None:
    """Skip where there is no Java; fail where every service must be there."""
    from telecom_cdr.errors import EngineError
    from telecom_cdr.lakehouse.engines.java import find_java

    try:
        find_java()
    except EngineError as error:
        miss(str(error))


@contextmanager
def own_server(folder: Path) -> Iterator[None]:
    """Processes and sessions started meanwhile use a server whose files are in a folder of their own."""
    from telecom_cdr.lakehouse.engines.server import stop

    settings = {
        "TELECOM_CDR_SPARK_STATE": str(folder),
        "TELECOM_CDR_SPARK_DRIVER_MEMORY": "2g",
        "JAVA_TOOL_OPTIONS": f"{os.environ.get('JAVA_TOOL_OPTIONS', '')} {QUICK}".strip(),
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, value)
        try:
            yield
        finally:
            stop(folder, is_forced=True)
            shutil.rmtree(folder, ignore_errors=True)
