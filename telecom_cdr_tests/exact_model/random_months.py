"""Two hundred random months in five runs of the product.

A case is a tenant: a random tariff (plans, models, tiers, time bands, increments, allowances, discounts, fees, changes
of rates and subscriptions within the month) and 20 to 60 random records with faults, some of them parts of sessions.
Tenants meet in nothing but the products, destinations, bands and taxes of their world, so a world of 40 tenants is 40
cases that one reference load, one ingest and one billing month of the product decide at once. `WORLDS` names five
worlds, each in a month with something to get wrong:

    2026-02 UTC+1 to UTC+0 for Ramadan · 2026-03 back, an hour is missing · 2026-09 UTC+0 for good, an hour repeats ·
    2024-02 a leap month, the one after FIRST_MONTH · 2025-12 the end of a year

Everything follows from the seed. Records at the edges of a month may fall into the months beside it, and records
without a credible start into the month of their ingest: compare the world's own month, the model has the others too.

    world = random_world(1, "2026-02")
    write_reference(directory, world.reference); for name, content in world.files.items(): ...
    expected = compute(raw_records(world.files, ingested_utc), world.reference, months=[world.month])[world.month]
"""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from telecom_cdr_tests.builders import ReferenceRows
from telecom_cdr_tests.exact_model.random_records import random_records
from telecom_cdr_tests.exact_model.random_tenants import random_reference

TENANTS = 40
WORLDS = ((1, "2026-02"), (2, "2026-03"), (3, "2026-09"), (4, "2024-02"), (5, "2025-12"))
_RECORDS = (20, 60)
_FILES = 4


@dataclass(frozen=True)
class World:
    """Reference data and the files of one month; `files` maps names to content, in no order of time."""

    seed: int
    month: str
    tenants: int
    reference: ReferenceRows
    files: dict[str, bytes]


def random_world(seed: int, month: str, tenants: int = TENANTS, records: tuple[int, int] = _RECORDS) -> World:
    """The world of a seed: the same on every machine. `records` says how few and how many a tenant may have."""
    random = Random(f"{seed}/{month}/{tenants}/{records}")
    reference, drawn = random_reference(random, month, tenants)
    lines = [line for tenant in drawn for line in random_records(random, tenant, month, random.randint(*records))]
    random.shuffle(lines)
    files = {f"{month}-{part}.jsonl": b"\n".join(lines[part::_FILES]) + b"\n" for part in range(_FILES)}
    return World(seed, month, tenants, reference, files)


def random_worlds() -> Iterator[World]:
    """The worlds of `WORLDS`: 200 random months."""
    return (random_world(seed, month) for seed, month in WORLDS)
