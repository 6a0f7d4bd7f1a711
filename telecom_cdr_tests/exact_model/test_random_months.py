"""The random months are what they promise to be."""

from collections import Counter
from datetime import UTC, datetime

import pytest

from telecom_cdr_tests.exact_model import compute, raw_records
from telecom_cdr_tests.exact_model.judgement import REASONS
from telecom_cdr_tests.exact_model.random_months import TENANTS, WORLDS, random_world, random_worlds


def test_a_seed_gives_the_same_world_again() -> None:
    assert random_world(7, "2026-02", tenants=2) == random_world(7, "2026-02", tenants=2)


def test_there_are_two_hundred_months() -> None:
    assert len(WORLDS) * TENANTS == 200


@pytest.mark.slow
def test_every_reason_and_kind_of_line_occurs() -> None:
    seen: Counter[str] = Counter()
    for world in random_worlds():
        records = raw_records(world.files, datetime(2026, 11, 23, tzinfo=UTC))
        month = compute(records, world.reference)[world.month]
        seen.update(reason for outcome in month.outcomes for reason in outcome.reasons)
        seen.update(str(row["reason"] or row["status"]) for row in month.rated)
        seen.update(line.line_type for line in month.bill.lines)
        seen.update(f"conflict {row['is_conflicting']}" for row in month.table("duplicates"))
    # These have no credible start, so they are in the month of ingest.
    elsewhere = {"MALFORMED_JSON", "MISSING_TIMESTAMP", "INVALID_TIMESTAMP", "FUTURE_TIMESTAMP", "TOO_OLD"}
    unrated = {"UNKNOWN_SUBSCRIBER", "SUBSCRIPTION_NOT_ACTIVE", "UNKNOWN_PRODUCT", "NO_DESTINATION", "NO_RATE"}
    expected = {*REASONS} - elsewhere | unrated | {"rated", "recurring", "usage", "discount", "fee"}
    assert expected | {"conflict True", "conflict False"} <= set(seen)
