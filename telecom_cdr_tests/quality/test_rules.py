"""Rules as data, and what a rule makes of true, false and unknown."""

import re
from dataclasses import fields
from typing import TYPE_CHECKING, cast

import pytest
from pyspark.sql import Column
from pyspark.sql import functions as F

from telecom_cdr.quality.fields import Fields
from telecom_cdr.quality.rule import fails_when, reasons, rule
from telecom_cdr.quality.rules import QUARANTINE_RULES, RULES, WARNING_RULES
from telecom_cdr.vocabulary import Reason, Severity

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

NO_FIELDS = cast("Fields", None)


def test_each_reason_has_one_rule_in_the_order_of_reasons() -> None:
    assert [one.id for one in QUARANTINE_RULES] == [reason.value for reason in Reason]


def test_every_rule_says_what_it_is_about() -> None:
    assert len({one.id for one in RULES}) == len(RULES) == len(QUARANTINE_RULES) + len(WARNING_RULES)
    for one in RULES:
        assert one.description.endswith(".")
        assert re.fullmatch(r"\d{4}-\d{2}", one.since)


def test_a_rule_is_named_for_its_function_and_described_by_its_docstring() -> None:
    @rule(severity=Severity.WARN, since="2026-11")
    def too_green(cdr: Fields) -> Column:
        """Nothing is too green."""
        return fails_when(F.lit(True))

    assert (too_green.id, too_green.severity, too_green.since) == ("TOO_GREEN", Severity.WARN, "2026-11")
    assert too_green.description == "Nothing is too green."


def test_a_rule_without_description_is_refused() -> None:
    def silent(cdr: Fields) -> Column:
        return fails_when(F.lit(True))

    with pytest.raises(TypeError, match="silent needs a docstring"):
        rule(severity=Severity.WARN, since="2026-11")(silent)


@pytest.mark.parametrize(("condition", "reason"), [(True, "ODD"), (False, None), (None, None)])
def test_only_true_fails_and_unknown_passes(engine: "SparkSession", condition: bool | None, reason: str | None) -> None:
    @rule(severity=Severity.QUARANTINE, since="2026-11")
    def odd(cdr: Fields) -> Column:
        """Nothing is odd."""
        return fails_when(F.lit(condition).cast("boolean"))

    assert _one(engine, odd(NO_FIELDS)) == reason


@pytest.mark.parametrize(
    ("is_first", "is_alone", "is_last", "expected"),
    [
        (True, False, True, "FIRST,LAST"),
        (False, False, True, "LAST"),
        (False, False, False, None),
        (True, True, True, "ALONE"),
    ],
)
def test_failing_rules_are_listed_unless_one_stands_alone(
    engine: "SparkSession", is_first: bool, is_alone: bool, is_last: bool, expected: str | None
) -> None:
    @rule(severity=Severity.QUARANTINE, since="2026-11")
    def first(cdr: Fields) -> Column:
        """First."""
        return fails_when(F.lit(is_first))

    @rule(severity=Severity.QUARANTINE, since="2026-11", stands_alone=True)
    def alone(cdr: Fields) -> Column:
        """Alone."""
        return fails_when(F.lit(is_alone))

    @rule(severity=Severity.QUARANTINE, since="2026-11")
    def last(cdr: Fields) -> Column:
        """Last."""
        return fails_when(F.lit(is_last))

    assert _one(engine, reasons((first, alone, last), NO_FIELDS)) == expected


def test_no_rule_fails_a_record_of_which_nothing_is_known_but_that_it_is_malformed(engine: "SparkSession") -> None:
    nothing = Fields(**{field.name: F.lit(None).cast("string") for field in fields(Fields)})
    assert _one(engine, reasons(QUARANTINE_RULES[:1], nothing)) == "MALFORMED_JSON"


def _one(engine: "SparkSession", column: Column) -> str | None:
    (row,) = engine.range(1).select(column.alias("reason")).toArrow().to_pylist()
    return cast("str | None", row["reason"])
