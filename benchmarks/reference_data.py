"""A large directory of reference data: the default catalogue, grown to so many prefixes, subscribers and plans.

Here: the files. Not here: what is measured with them (`reference`).
"""

import csv
import itertools
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

Row = dict[str, str]

_SUFFIX_DIGITS: Final = 4
_LONGEST_PREFIX: Final = 15
_HOME: Final = "212"
_SHORT: Final = "SHORT"


def write_reference(
    catalogue: Path, directory: Path, *, prefix_count: int, subscriber_count: int, plan_count: int
) -> Path:
    """Write a directory that the loader takes, grown from a smaller one; the same numbers give the same files.

    Each new subscriber is a customer with one number; each new plan has the rates and allowances of an old one.
    Counts below those of the catalogue change nothing. Gives the directory.
    """
    shutil.rmtree(directory, ignore_errors=True)
    shutil.copytree(catalogue, directory)
    plans = _grow_plans(directory, plan_count)
    _grow_subscribers(directory, subscriber_count, plans)
    _grow_prefixes(directory, prefix_count)
    return directory


def _grow_plans(directory: Path, count: int) -> list[str]:
    plans = _rows(directory, "rate_plans")
    copies = {}
    for number in range(count - len(plans)):
        plan = plans[number % len(plans)]["plan_code"]
        copies[f"{plan}_{number + 1}"] = plan
    by_code = {plan["plan_code"]: plan for plan in plans}
    _append(directory, "rate_plans", ({**by_code[plan], "plan_code": copy} for copy, plan in copies.items()))
    for name in ("rates", "allowances"):
        rows = _rows(directory, name)
        grown = (
            {**row, "plan_code": copy} for copy, plan in copies.items() for row in rows if row["plan_code"] == plan
        )
        _append(directory, name, grown)
    return [*by_code, *copies]


def _grow_subscribers(directory: Path, count: int, plans: list[str]) -> None:
    known = _rows(directory, "subscriptions")
    msisdns = {row["msisdn"] for row in known}
    free = (number for number in map(_msisdn, itertools.count()) if number not in msisdns)
    grown = [(f"N{number:07d}", msisdn) for number, msisdn in zip(range(count - len(known)), free, strict=False)]
    _append(
        directory,
        "customers",
        (
            {
                "customer_id": customer,
                "name": f"Customer {customer}",
                "region": "Oriental",
                "segment": "consumer",
                "email": f"{customer.lower()}@example.com",
                "address": f"{number}, Rue des Orangers, Oujda",
                "tax_exempt": "false",
            }
            for number, (customer, _) in enumerate(grown, 1)
        ),
    )
    _append(
        directory,
        "subscriptions",
        (
            {
                "msisdn": msisdn,
                "customer_id": customer,
                "plan_code": plans[number % len(plans)],
                "status": "active",
                "valid_from": "2023-01-01",
                "valid_to": "",
            }
            for number, (customer, msisdn) in enumerate(grown)
        ),
    )


def _msisdn(number: int) -> str:
    return f"{_HOME}66{number:07d}"


def _grow_prefixes(directory: Path, count: int) -> None:
    known = _rows(directory, "destinations")
    prefixes = {row["prefix"] for row in known}
    abroad = [row for row in known if row["country_code"] not in {_HOME, _SHORT}]
    longer = (
        {**row, "prefix": f"{row['prefix']}{suffix:0{_SUFFIX_DIGITS}d}"}
        for suffix in range(10**_SUFFIX_DIGITS)
        for row in abroad
        if len(row["prefix"]) + _SUFFIX_DIGITS <= _LONGEST_PREFIX
    )
    new = (row for row in longer if row["prefix"] not in prefixes)
    _append(directory, "destinations", itertools.islice(new, max(0, count - len(known))))


def _rows(directory: Path, name: str) -> list[Row]:
    with (directory / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _append(directory: Path, name: str, rows: Iterable[Row]) -> None:
    path = directory / f"{name}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        header = next(iter(csv.reader(file)))
    with path.open("a", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(_cells(rows, header))


def _cells(rows: Iterable[Row], header: list[str]) -> Iterator[list[str]]:
    return ([row[name] for name in header] for row in rows)
