"""What a rule is, and how rules are asked together. Not here: any one rule."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from inspect import cleandoc

from pyspark.sql import Column
from pyspark.sql import functions as F

from telecom_cdr.expressions import is_true, joined, text
from telecom_cdr.quality.fields import Fields
from telecom_cdr.vocabulary import Severity

Judgement = Callable[[Fields], Column]


@dataclass(frozen=True)
class Rule:
    """One rule as data, and the function that judges.

    `id` is the reason that a failing record carries. A rule that stands alone silences the others when it fails:
    what it finds leaves nothing for them to judge.
    """

    id: str
    severity: Severity
    description: str
    since: str
    judgement: Judgement
    stands_alone: bool = False

    def __call__(self, cdr: Fields) -> Column:
        """Null for pass, the reason for fail."""
        return F.when(self.judgement(cdr), text(self.id)).otherwise(text(None)).cast("string")


def rule(*, severity: Severity, since: str, stands_alone: bool = False) -> Callable[[Judgement], Rule]:
    """Declare a rule: the function's name in capitals is the reason, its docstring the description."""

    def declare(judgement: Judgement) -> Rule:
        if not judgement.__doc__:
            raise TypeError(f"the rule {judgement.__name__} needs a docstring: it is what users read")
        return Rule(
            id=judgement.__name__.upper(),
            severity=severity,
            description=cleandoc(judgement.__doc__),
            since=since,
            judgement=judgement,
            stands_alone=stands_alone,
        )

    return declare


def fails_when(condition: Column) -> Column:
    """Fail only when the condition is true. Unknown passes: a field that is missing has a rule of its own."""
    return is_true(condition)


def reasons(rules: Sequence[Rule], cdr: Fields) -> Column:
    """The reasons of all failing rules, comma-separated, in the order given; null when every rule passes."""
    alone = [one(cdr) for one in rules if one.stands_alone]
    together = joined(",", *(one(cdr) for one in rules if not one.stands_alone))
    return F.coalesce(*alone, F.when(F.length(together) > F.lit(0), together)).cast("string")
