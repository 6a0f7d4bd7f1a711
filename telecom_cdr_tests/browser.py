"""A headless Chromium for tests of what people see: finding it, and taking a picture of a page."""

import shutil
import subprocess
from pathlib import Path
from typing import Final

MISSING: Final = "Chromium is missing: install it (Debian: apt-get install -y --no-install-recommends chromium)"
_PROGRAMS: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_SECONDS: Final = 120
# Enough of the page's own time for its requests and the layout of the graph.
_BUDGET_MILLISECONDS: Final = 30_000
_QUIET: Final = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run", "--no-default-browser-check", "--hide-scrollbars",
)  # fmt: skip


def chromium() -> str | None:
    """The program; None where there is none."""
    return next((found for name in _PROGRAMS if (found := shutil.which(name))), None)


def screenshot(program: str, url: str, picture: Path, *, width: int = 1600, height: int = 1000) -> None:
    """Write a PNG of a page; the browser's own files stay beside it, and go with the test's directory."""
    _run(program, url, picture.parent, f"--window-size={width},{height}", f"--screenshot={picture}")


def text_of(program: str, url: str, directory: Path) -> str:
    """The page as HTML after its scripts have run."""
    return _run(program, url, directory, "--window-size=1600,4000", "--dump-dom")


def _run(program: str, url: str, directory: Path, *options: str) -> str:
    profile = directory / "browser"
    budget = f"--virtual-time-budget={_BUDGET_MILLISECONDS}"
    command = [program, *_QUIET, f"--user-data-dir={profile}", budget, *options, url]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=_SECONDS).stdout
