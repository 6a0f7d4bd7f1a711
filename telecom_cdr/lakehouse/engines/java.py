"""The Java that runs Spark: where it is, whether it is new enough, how to get it."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from telecom_cdr.errors import EngineError

OLDEST: Final = 17
ADVICE: Final = (
    "install it (Debian and Ubuntu: apt-get install openjdk-17-jre-headless, or openjdk-21-jre-headless; "
    "macOS: brew install openjdk@17) "
    "and set JAVA_HOME where it is not on the PATH"
)
_SECONDS: Final = 20


@dataclass(frozen=True)
class Java:
    """A Java program and its major version."""

    program: Path
    major: int


def find_java() -> Java:
    """The Java of JAVA_HOME, else of the PATH; EngineError where there is none that Spark runs on."""
    home = os.environ.get("JAVA_HOME")
    found = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    if found is None:
        raise EngineError(f"Spark needs Java {OLDEST} or later, and there is none: {ADVICE}")
    try:
        # Some print their version to standard error, others to standard output.
        said = subprocess.run(
            [found, "-version"], capture_output=True, text=True, timeout=_SECONDS, check=False, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired):
        raise EngineError(f"Spark needs Java {OLDEST} or later, and {found} does not run: {ADVICE}") from None
    version = re.search(r'version "(?:1\.)?([0-9]+)', said.stderr + said.stdout)
    if said.returncode or version is None:
        raise EngineError(f"Spark needs Java {OLDEST} or later, and {found} does not tell its version: {ADVICE}")
    major = int(version[1])
    if major < OLDEST:
        raise EngineError(f"Spark needs Java {OLDEST} or later, and {found} is Java {major}: {ADVICE}")
    return Java(Path(found), major)
