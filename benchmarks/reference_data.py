"""A large directory of reference data: the default catalogue, grown to so many prefixes, subscribers and plans.

Here: the files. Not here: what is measured with them (`reference`).
"""

import csv
import itertools
import random
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

Row = dict[str, str]

# Of a tariff of all networks: how many digits its prefixes have, and how many in a hundred.
_LENGTHS: Final = {4: 6, 5: 16, 6: 26, 7: 28, 8: 14, 9: 10}
# One country in so many has a zone of its own for mobile numbers.
_WITH_MOBILE_ZONE: Final = 7
_MOBILE_DIGITS: Final = "6789"
_HOME: Final = "212"
_SHORT: Final = "SHORT"


def write_reference(
    catalogue: Path, directory: Path, *, prefix_count: int, subscriber_count: int, plan_count: int
) -> Path:
    """Write a directory that the loader takes, grown from a smaller one; the same numbers give the same files.

    Each new prefix lies in a new zone of its country; every plan has for it what it has for the zone of the country.
    Each new plan has the rates and allowances of an old one, and a share of its numbers. Each new subscriber is a
    customer with one number. So an event costs what it did before. Counts below those of the catalogue change nothing.
    Gives the directory.
    """
    shutil.rmtree(directory, ignore_errors=True)
    shutil.copytree(catalogue, directory)
    _grow_zones(directory, _grow_prefixes(directory, prefix_count))
    plans = _grow_plans(directory, plan_count)
    _grow_subscribers(directory, subscriber_count, plans)
    return directory


def numbers_abroad(directory: Path) -> list[str]:
    """The prefixes of other countries, in order."""
    return sorted(row["prefix"] for row in _rows(directory, "destinations") if _is_abroad(row))


def _is_abroad(row: Row) -> bool:
    return row["country_code"] not in {_HOME, _SHORT}


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
    _share_numbers(directory, copies)
    return [*by_code, *copies]


def _share_numbers(directory: Path, copies: dict[str, str]) -> None:
    """Spread the numbers of each plan over it and its copies."""
    alike: dict[str, list[str]] = {}
    for copy, plan in copies.items():
        alike.setdefault(plan, [plan]).append(copy)
    rows = _rows(directory, "subscriptions")
    for row in rows:
        shares = alike.get(row["plan_code"], [row["plan_code"]])
        row["plan_code"] = shares[int(row["msisdn"]) % len(shares)]
    path = directory / "subscriptions.csv"
    path.write_text(",".join(rows[0]) + "\n", encoding="utf-8")
    _append(directory, "subscriptions", rows)


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


def _grow_prefixes(directory: Path, count: int) -> dict[str, str]:
    """Add prefixes to the destinations; gives each new zone with that of its country."""
    rows = _rows(directory, "destinations")
    known = {row["prefix"]: row for row in rows if row["country_code"] != _SHORT}
    countries = {row["prefix"]: number for number, row in enumerate(known.values()) if _is_abroad(row)}
    # Large countries have most of the networks.
    weights = list(itertools.accumulate(1 / (10 + number) for number in range(len(countries))))
    draw = random.Random(count)
    grown: dict[str, Row] = {}
    zones = {}
    while len(rows) + len(grown) < count:
        (country,) = draw.choices(list(countries), cum_weights=weights)
        (length,) = draw.choices(list(_LENGTHS), weights=list(_LENGTHS.values()))
        # A parent may be longer than the country drawn: North America is one code.
        prefix = country + "".join(draw.choices("0123456789", k=max(1, length - len(country))))
        parent = next(known[prefix[:size]] for size in range(len(prefix), 0, -1) if prefix[:size] in known)
        if prefix in known or prefix in grown or not _is_abroad(parent):
            continue
        is_mobile = prefix[len(parent["prefix"])] in _MOBILE_DIGITS
        has_mobile_zone = countries[parent["prefix"]] % _WITH_MOBILE_ZONE == 0
        zone = f"{parent['zone']}_{parent['prefix']}{'_MOBILE' if is_mobile and has_mobile_zone else ''}"
        zones[zone] = parent["zone"]
        grown[prefix] = {**parent, "prefix": prefix, "zone": zone}
    _append(directory, "destinations", grown.values())
    return zones


def _grow_zones(directory: Path, zones: dict[str, str]) -> None:
    for name in ("rates", "allowances"):
        by_zone: dict[str, list[Row]] = {}
        for row in _rows(directory, name):
            by_zone.setdefault(row["zone"], []).append(row)
        grown = ({**row, "zone": zone} for zone, parent in zones.items() for row in by_zone.get(parent, ()))
        _append(directory, name, grown)


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
