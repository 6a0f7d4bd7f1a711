"""Domain code keeps to the safe forms; and the search that says so finds what it should."""

from pathlib import Path

import pytest

import telecom_cdr
from telecom_cdr_tests import lint_bans as bans
from telecom_cdr_tests.lint import domain_findings, session_findings

ROOT = Path(telecom_cdr.__file__).parent
DOMAIN = ("mediation", "rating", "billing", "reporting", "assurance", "quality")
SOURCES = [path for package in DOMAIN for path in sorted((ROOT / package).rglob("*.py"))]
OUTSIDE_LAKEHOUSE = [path for path in sorted(ROOT.rglob("*.py")) if "lakehouse" not in path.relative_to(ROOT).parts]

# What one module may use all the same, with the reason why it is safe there.
ALLOWED: dict[tuple[str, str], str] = {
    ("expressions.py", "/"): "the one exact division: the remainder is taken off first",
    ("expressions.py", "call_function"): "div has no function of its own",
    ("expressions.py", "sum"): "counts of rows, and sums whose cast is beside them",
    ("rating/destination.py", "max_by"): "prefixes of one number differ in length, so that none tie",
}
HEAD = "from pyspark.sql import functions as F\nfrom pyspark.sql import DataFrame, Column\n"


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", [*SOURCES, ROOT / "expressions.py"], ids=_name)
def test_domain_code_uses_safe_forms_only(path: Path) -> None:
    found = domain_findings(path.read_text(encoding="utf-8"))
    refused = [str(finding) for finding in found if (_name(path), finding.what) not in ALLOWED]
    assert refused == [], f"{_name(path)}: see telecom_cdr/expressions.py for the safe forms"


@pytest.mark.parametrize("path", OUTSIDE_LAKEHOUSE, ids=_name)
def test_sessions_are_opened_in_lakehouse_only(path: Path) -> None:
    assert [str(finding) for finding in session_findings(path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize(("name", "what"), ALLOWED)
def test_what_is_allowed_is_still_used(name: str, what: str) -> None:
    assert what in {finding.what for finding in domain_findings((ROOT / name).read_text(encoding="utf-8"))}


def test_every_domain_package_was_searched() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in SOURCES} == set(DOMAIN)


def _found(snippet: str) -> set[str]:
    return {finding.what for finding in domain_findings(HEAD + snippet)}


@pytest.mark.parametrize("name", bans.FUNCTIONS)
def test_a_banned_function_is_found_however_it_is_imported(name: str) -> None:
    assert _found(f"x = F.{name}(F.col('a'))") == {name}
    assert _found(f"from pyspark.sql.functions import {name} as other") == {name}
    assert _found(f"import pyspark.sql.functions as functions\nx = functions.{name}") == {name}


@pytest.mark.parametrize("name", bans.ATTRIBUTES)
def test_a_banned_method_is_found_on_any_object(name: str) -> None:
    assert _found(f"x = rows.select('a').{name}") == {f".{name}"}


@pytest.mark.parametrize("module", bans.MODULES)
def test_a_banned_module_is_found(module: str) -> None:
    assert _found(f"import {module}") == {module}
    assert _found(f"from {module} import anything") == {module}


@pytest.mark.parametrize(
    ("snippet", "what"),
    [
        ("from datetime import datetime\nx = datetime.now()", "now"),
        ("import datetime as dt\nx = dt.datetime.utcnow()", "utcnow"),
        ("from datetime import date\nx = date.today()", "today"),
        ("import os\nx = os.environ['HOME']", "os"),
        ("x = float('0.1')", "float"),
        ("open('file')", "open"),
        ("from pyspark.sql import SparkSession", "SparkSession"),
        ("from pyspark.sql.types import DoubleType", "DoubleType"),
        ("import duckdb", "duckdb"),
        ("from deltalake import DeltaTable", "deltalake"),
        ("import pandas as pd", "pandas"),
        ("x = F.col('seconds') / F.lit(60)", "/"),
        ("x = F.lit(0.5)", "0.5"),
        ("x = F.col('a').cast('double')", "cast"),
        ("x = F.col('a').try_cast('Float')", "try_cast"),
        ("x = F.sum('a')", "sum"),
        ("x = F.sum(F.col('a').cast('bigint'))", "sum"),
        ("rows.where('a > 1')", "where"),
        ("rows.filter('a > 1')", "filter"),
        ("x = F.substring(F.col('a'), -2, 2)", "substring"),
        ("x = F.col('a').substr(-2, 2)", "substr"),
        ("x = F.split(F.col('a'), '')", "split"),
        ("rows.dropDuplicates(['a'])", "dropDuplicates"),
        ("rows.drop_duplicates(subset=['a'])", "drop_duplicates"),
        ("x = F.array_contains('a', 1)", "array_contains"),
        ("x = F.regexp_replace('a', '(b)', '$1')", "regexp_replace"),
        (r"PATTERN = r'\d+'", r"'\\d+'"),
        (r"PATTERN = r'\A(?=a)b\z'", r"'\\A(?=a)b\\z'"),
        (r"PATTERN = r'(?<!a)b'", r"'(?<!a)b'"),
        (r"PATTERN = r'(a)\1'", r"'(a)\\1'"),
        ("PATTERN = '^a'", "'^a'"),
        ("PATTERN = 'a$'", "'a$'"),
    ],
)
def test_what_engines_read_differently_is_found(snippet: str, what: str) -> None:
    assert _found(snippet) == {what}


@pytest.mark.parametrize(
    "snippet",
    [
        "x = F.sum(F.col('a').cast('decimal(20,0)')).over(window)",
        "x = F.sum(F.col('a').cast(WIDE))",
        "x = is_true(F.array_contains('a', 1))",
        "x = F.coalesce(F.array_contains('a', 1), F.lit(False))",
        "rows.dropDuplicates()",
        r"PATTERN = r'\A[0-9]{1,15}(\.[0-9]{1,9})?\z'",
        r"PATTERN = r'[^0-9]\$'",
        "rows.where(F.col('a') == F.lit('b'))",
        "rows.where('is_duplicate')",
        "x = F.substring(F.col('a'), 1, 4)",
        "from datetime import date, timedelta\nx = date.fromisoformat('2026-01-01') + timedelta(days=31)",
        "from decimal import Decimal\nx = Decimal('0.5')",
        "def rule():\n    '''Ends in digits: \\\\d+$'''\n",
        "x = 7 // 2",
    ],
)
def test_safe_forms_pass(snippet: str) -> None:
    assert _found(snippet) == set()


def test_a_finding_says_where_what_why_and_what_instead() -> None:
    (finding,) = domain_findings("from pyspark.sql import functions as F\n\nx = F.weekday('day')\n")
    assert str(finding) == "line 3: weekday Sunday is -1 on one engine; use dayofweek"


@pytest.mark.parametrize(
    ("snippet", "what"),
    [
        ("SparkSession.builder.remote(url).create()", {"builder"}),
        ("builder.getOrCreate()", {"builder", "getOrCreate"}),
        ("from pysail.spark import SparkConnectServer\nSparkConnectServer('127.0.0.1', 0)", {"SparkConnectServer"}),
        ("def run(session: 'SparkSession') -> None: ...", set()),
    ],
)
def test_opening_a_session_is_found(snippet: str, what: set[str]) -> None:
    assert {finding.what for finding in session_findings(snippet)} == what
