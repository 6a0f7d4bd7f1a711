"""What a tariff means that nobody wants: findings about reference files beyond what the loader refuses.

Here: what a finding is, and the order of the questions. Not here: the questions (`review_rates`, `review_hours`,
`review_scope`), what the loader refuses (`rules*`).

Errors: whatever the loader or rating refuses; days without a rate between two of the same kind; products that no plan
prices.
Everything else is a warning: it may be meant.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

import duckdb

from telecom_cdr.errors import UnsupportedTariffError
from telecom_cdr.rating.unsupported import refuse_unsupported
from telecom_cdr.reference.errors import Refusal
from telecom_cdr.reference.review_hours import HOURS, HOURS_QUESTIONS
from telecom_cdr.reference.review_question import Question
from telecom_cdr.reference.review_rates import RATES_QUESTIONS
from telecom_cdr.reference.review_scope import SCOPE, SCOPE_QUESTIONS
from telecom_cdr.reference.validation import examined

_REFUSED: Final = "refused"
_INEXACT: Final = "cannot be rated exactly"
_IGNORED: Final = "ignored file"
_PRICES: Final = ("rates", "rate_tiers", "allowances")
_QUESTIONS: Final = (*SCOPE_QUESTIONS, *RATES_QUESTIONS, *HOURS_QUESTIONS)
# What a finding can be about.
SUBJECTS: Final = frozenset({_REFUSED, _INEXACT, _IGNORED, *(question.subject for question in _QUESTIONS)})


class Gravity(StrEnum):
    """Whether a finding keeps a tariff from going live."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong or odd. `line` counts from 1, the header; 0 where it is no single line's fault."""

    gravity: Gravity
    subject: str
    file: str
    line: int
    problem: str
    advice: str


def review(directory: Path) -> list[Finding]:
    """Everything found in a directory of CSV files, errors first; InputError when there is no such directory.

    Where cells cannot be read, nothing else is asked: what is missing would be theirs. Nor of a line that is refused.
    """
    with examined(directory) as found:
        refused = {_refused(refusal) for refusal in found.refusals}
        if not found.is_whole:
            return _sorted(refused)
        for statement in (*SCOPE, *HOURS):
            found.connection.execute(statement)
        findings = [finding for question in _QUESTIONS for finding in _asked(found.connection, question)]
        findings += _inexact(found.connection)
        lines = {(one.file, one.line) for one in refused}
        others = [one for one in findings if (one.file, one.line) not in lines]
        return _sorted([*refused, *others, *(_ignored(name) for name in found.ignored_files)])


def _asked(connection: duckdb.DuckDBPyConnection, question: Question) -> Iterable[Finding]:
    gravity = Gravity.ERROR if question.is_error else Gravity.WARNING
    for line, problem in connection.execute(f"SELECT line, problem FROM ({question.query})").fetchall():
        yield Finding(gravity, question.subject, question.file, line, problem, question.advice)


def _refused(refusal: Refusal) -> Finding:
    problem, _, advice = refusal.problem.partition(": ")
    cell = f'{refusal.column} "{refusal.value}" ' if refusal.column and refusal.value else f"{refusal.column} "
    return Finding(Gravity.ERROR, _REFUSED, refusal.file, refusal.line, f"{cell}{problem}".strip(), advice)


def _inexact(connection: duckdb.DuckDBPyConnection) -> Iterable[Finding]:
    """What the loader takes, and rating refuses: numbers that could not be computed exactly."""
    rows = {name: connection.sql(f"FROM {name}").to_arrow_table().to_pylist() for name in _PRICES}
    try:
        refuse_unsupported(rows)
    except UnsupportedTariffError as error:
        problem = str(error).partition(": ")[2].rpartition(". ")[0]
        first = next(name for name in _PRICES if f"{name}.csv: " in problem)
        yield Finding(Gravity.ERROR, _INEXACT, f"{first}.csv", 0, problem, "change or remove these rows")


def _ignored(name: str) -> Finding:
    problem = "is no file of the reference data, and not read"
    return Finding(Gravity.WARNING, _IGNORED, name, 0, problem, "rename it, or take it away")


def _sorted(findings: Iterable[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda one: (one.gravity, one.file, one.line, one.subject, one.problem))
