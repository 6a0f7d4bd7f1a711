"""In how many passes allowances are used up, and which of them in which.

Allowances of a plan that never cover the same event do not wait for each other: they share a pass. One that may
cover the same event as another of higher precedence comes in a later pass. Here: that order, from plain rows.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

Row = Mapping[str, object]


@dataclass(frozen=True)
class AllowanceLevel:
    """The pass, from 1, in which one allowance of one plan is used."""

    plan_code: str
    allowance_code: str
    level: int


def allowance_levels(rows: Iterable[Row]) -> tuple[AllowanceLevel, ...]:
    """The levels of rows with `plan_code`, `allowance_code`, `product_code`, `zone` and `priority`; all rows."""
    plans: dict[str, dict[str, list[Row]]] = {}
    for row in rows:
        plans.setdefault(str(row["plan_code"]), {}).setdefault(str(row["allowance_code"]), []).append(row)
    return tuple(level for plan in sorted(plans) for level in _levels_of_plan(plan, plans[plan]))


def _levels_of_plan(plan: str, allowances: Mapping[str, Sequence[Row]]) -> list[AllowanceLevel]:
    levels: dict[str, int] = {}
    for code in sorted(allowances, key=lambda name: (int(str(allowances[name][0]["priority"])), name)):
        before = [level for other, level in levels.items() if _may_meet(allowances[code], allowances[other])]
        levels[code] = max(before, default=0) + 1
    return [AllowanceLevel(plan, code, level) for code, level in levels.items()]


def _may_meet(left: Sequence[Row], right: Sequence[Row]) -> bool:
    """Whether an event can be covered by both: by one row of each."""
    return any(
        all(one[name] is None or other[name] is None or one[name] == other[name] for name in ("product_code", "zone"))
        for one in left
        for other in right
    )
