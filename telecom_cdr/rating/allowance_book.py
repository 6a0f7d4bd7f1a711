"""The allowances of a tariff, made ready to be looked up: which one covers what, in which pass, and how much it is.

Here: plain rows in, small tables out, once a run. Not here: how they are used up (`allowances`).
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from telecom_cdr.rating.allowance_levels import allowance_levels
from telecom_cdr.vocabulary import AllowanceKind, AllowancePeriod, AllowanceScope, SubscriptionStatus

Row = Mapping[str, object]

MONEY_SCALE: Final = 6


@dataclass(frozen=True)
class AllowanceBook:
    """Rows of `tables.books`: `anywhere` and `of_zones` of `coverage` by the passes, `ALLOWANCE`, `SERVICE`.

    `service` has the plans whose allowances go by days of service. Passes in the order in which they are used.
    """

    anywhere: Sequence[Row]
    of_zones: Sequence[Row]
    allowances: Sequence[Row]
    service: Sequence[Row]
    unit_passes: tuple[str, ...]
    money_passes: tuple[str, ...]

    @property
    def passes(self) -> tuple[str, ...]:
        """Every pass."""
        return (*self.unit_passes, *self.money_passes)


def allowance_book(
    rows: Sequence[Row],
    products: Iterable[Row],
    plans: Iterable[Row],
    subscriptions: Callable[[], Iterable[Row]],
    months: Sequence[str],
) -> AllowanceBook:
    """The book of all allowances; `months` are those of the usage that is rated.

    `subscriptions` is asked for only where an allowance goes by days of service: there are many.
    """
    prorated = {str(plan["plan_code"]) for plan in plans if plan["prorate"]}
    sold = [row["product_code"] for row in products]
    ids: dict[tuple[object, object], int] = {}
    for row in rows:
        ids.setdefault((row["plan_code"], row["allowance_code"]), len(ids))
    passes: dict[tuple[object, object], str] = {}
    for kind in AllowanceKind:
        for level in allowance_levels(row for row in rows if row["kind"] == kind):
            passes[level.plan_code, level.allowance_code] = f"_{kind}_{level.level}"
    names = sorted(set(passes.values()), key=lambda name: (not name.startswith("_units"), int(name.rpartition("_")[2])))
    details = {ids[row["plan_code"], row["allowance_code"]]: _details(row, prorated) for row in rows}
    by_days = {str(row["plan_code"]) for row in rows if row["plan_code"] in prorated and _is_monthly(row)}
    return AllowanceBook(
        _coverage((row for row in rows if row["zone"] is None), sold, ids, passes, names),
        _coverage((row for row in rows if row["zone"] is not None), sold, ids, passes, names),
        [{"_allowance_id": number, **found} for number, found in details.items()],
        _service(_active(subscriptions(), by_days), months) if by_days else [],
        tuple(name for name in names if name.startswith(f"_{AllowanceKind.UNITS}")),
        tuple(name for name in names if name.startswith(f"_{AllowanceKind.MONEY}")),
    )


def _is_monthly(row: Row) -> bool:
    return row["period"] == AllowancePeriod.MONTH


def _details(row: Row, prorated: set[str]) -> Row:
    quantity = Decimal(str(row["quantity"]))
    scale = MONEY_SCALE if row["kind"] == AllowanceKind.MONEY else 0
    return {
        "_code": row["allowance_code"],
        "_code_json": json.dumps(row["allowance_code"], ensure_ascii=False),
        "_quantity": Decimal(int(quantity.scaleb(scale))),
        "_period": row["period"],
        "_is_shared": row["scope"] == AllowanceScope.CUSTOMER,
        "_is_prorated": row["plan_code"] in prorated and _is_monthly(row),
    }


def _coverage(
    rows: Iterable[Row],
    sold: Sequence[object],
    ids: Mapping[tuple[object, object], int],
    passes: Mapping[tuple[object, object], str],
    names: Sequence[str],
) -> list[Row]:
    """One row a plan, product and zone, with the allowance of each pass."""
    covered: dict[tuple[object, object, object], dict[str, object]] = {}
    for row in rows:
        key = row["plan_code"], row["allowance_code"]
        for product in sold if row["product_code"] is None else [row["product_code"]]:
            place = covered.setdefault((row["plan_code"], product, row["zone"]), dict.fromkeys(names))
            place[passes[key]] = ids[key]
    return [
        {"plan_code": plan, "product_code": product, "zone": zone, **found}
        for (plan, product, zone), found in covered.items()
    ]


def _service(active: Iterable[Row], months: Sequence[str]) -> list[Row]:
    """How many days of each month a subscription, and any of the customer's, was active."""
    days: dict[tuple[object, ...], set[date]] = {}
    lengths = {month: _days_of(month) for month in months}
    for row in active:
        for month, all_days in lengths.items():
            served = {day for day in all_days if _is_served(row, day)}
            for user in (row["msisdn"], ""):
                days.setdefault((row["customer_id"], user, row["plan_code"], month), set()).update(served)
    return [
        {
            "customer_id": customer,
            "_user": user,
            "plan_code": plan,
            "usage_month": month,
            "_service_days": len(found),
            "_month_days": len(lengths[str(month)]),
        }
        for (customer, user, plan, month), found in days.items()
    ]


def _active(subscriptions: Iterable[Row], plans: set[str]) -> Iterator[Row]:
    active = (row for row in subscriptions if row["status"] == SubscriptionStatus.ACTIVE)
    return (row for row in active if row["plan_code"] in plans)


def _is_served(row: Row, day: date) -> bool:
    since, until = row["valid_from"], row["valid_to"]
    return (not isinstance(since, date) or since <= day) and (not isinstance(until, date) or day < until)


def _days_of(month: str) -> list[date]:
    first = date.fromisoformat(f"{month}-01")
    days = (first + timedelta(days=number) for number in range(31))
    return [day for day in days if day.month == first.month]
