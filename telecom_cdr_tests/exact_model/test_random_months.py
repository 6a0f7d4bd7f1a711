"""The random months are what they promise to be."""

import json
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from telecom_cdr_tests.exact_model import compute, raw_records
from telecom_cdr_tests.exact_model.judgement import REASONS
from telecom_cdr_tests.exact_model.random_months import TENANTS, WORLDS, random_world, random_worlds

_SCOPES = ("event", "month")
_OFTEN = 5


def test_a_seed_gives_the_same_world_again() -> None:
    assert random_world(7, "2026-02", tenants=2) == random_world(7, "2026-02", tenants=2)


def test_there_are_two_hundred_months() -> None:
    assert len(WORLDS) * TENANTS == 200


@pytest.mark.slow
def test_every_part_of_the_tariff_model_occurs() -> None:
    seen: Counter[str] = Counter()
    for world in random_worlds():
        records = raw_records(world.files, datetime(2026, 11, 23, tzinfo=UTC))
        rated = compute(records, world.reference)[world.month].rated
        for row in (row for row in rated if row["status"] == "rated"):
            entries = json.loads(str(row["breakdown"]))
            seen.update(entry["kind"] for entry in entries)
            seen[f"{row['rate_model']} {row['tier_scope']} {row['tier_basis']}"] += 1
            seen["several bands"] += len({entry["band"] for entry in entries if "band" in entry}) > 1
            seen["a later part"] += bool(row["session_units_before"])
            seen["a part that is billed nothing"] += bool(row["usage_units"]) and not row["billed_units"]
            seen["a refund"] += Decimal(str(row["charge_amount"])) < 0
            seen["ported"] += row["ported_operator"] is not None
            seen[f"{row['service_type']} abroad"] += row["traffic_class"] == "roaming" or (
                row["service_type"] == "data" and row["zone"] is not None
            )
            seen["two allowances"] += "," in str(row["allowances_used"])
            seen["two money allowances"] += "," in str(row["money_allowances_used"])
    kinds = {"connect_fee", "usage", "flat_fee", "package", "repricing", "minimum", "maximum", "money_allowance"}
    models = {f"{m} {s} {b}" for m in ("graduated", "volume", "package") for s in _SCOPES for b in ("charged", "all")}
    others = {"rounding", "flat None None", *(f"{service} abroad" for service in ("voice", "sms", "data"))}
    wanted = kinds | models | others | {*seen}
    assert {name for name in wanted if seen[name] < _OFTEN} == set()


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
