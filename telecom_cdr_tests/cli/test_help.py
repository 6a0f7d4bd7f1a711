"""Every command explains itself, at once: help loads neither Dagster nor an engine."""

import subprocess
import sys
import time

import pytest

from telecom_cdr.cli.main import COMMANDS
from telecom_cdr_tests.product import Product

NAMES = sorted([name for name, _ in COMMANDS] + ["reference", "reference load"])
# What takes seconds to import, and what no help needs.
HEAVY = ("dagster", "pyspark", "pysail", "duckdb")
_PROBE = f"""
import sys
from telecom_cdr.cli.main import main
sys.argv = ["telecom-cdr", *sys.argv[1:]]
try:
    main()
finally:
    print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)
"""
_SECONDS = 5


@pytest.mark.parametrize("name", NAMES)
def test_every_command_has_help(fresh: Product, name: str) -> None:
    result = fresh.done(*name.split(), "--help")
    assert f"Usage: telecom-cdr {name}" in result.output
    assert result.errors == ""
    purpose = result.output.split("\n\n")[1].strip()
    assert purpose
    assert "Options:" in result.output


def test_help_lists_every_command_with_its_purpose(fresh: Product) -> None:
    lines = fresh.done("--help").output.splitlines()
    for name in (name for name, _ in COMMANDS):
        (line,) = [line for line in lines if line.split()[:1] == [name]]
        assert len(line.split()) > 3, line


def test_every_option_says_what_it_is(fresh: Product) -> None:
    for name in NAMES:
        for line in fresh.done(*name.split(), "--help").output.splitlines():
            words = line.split()
            if words[:1] and words[0].startswith("--") and len(words) <= 2:
                pytest.fail(f"{name}: no word about {line.strip()}")


@pytest.mark.parametrize("arguments", [("--help",), ("--version",), ("run", "--help"), ("ui", "--help")], ids=" ".join)
def test_help_is_quick(arguments: tuple[str, ...]) -> None:
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", _PROBE, *arguments], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.strip() == "[]"
    assert done.stdout
    assert time.monotonic() - started < _SECONDS


def test_reading_a_table_loads_neither_dagster_nor_an_engine(billed: Product) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _PROBE, "show", "rated/usage", "--format", "csv"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**billed.settings},
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.strip() == "[]"


def test_without_arguments_help_is_shown(fresh: Product) -> None:
    result = fresh.run()
    assert "Usage: telecom-cdr" in result.output + result.errors


def test_the_version_is_that_of_the_package(fresh: Product) -> None:
    from telecom_cdr import __version__

    assert fresh.done("--version").output == f"telecom-cdr {__version__}\n"
