"""The traffic looks like that of an operator."""

import statistics
from collections import Counter
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import phonenumbers
import pytest

from telecom_cdr.facts.numbering_plan import operator_of
from telecom_cdr.facts.regions import POPULATION_BY_REGION, region_of_cell
from telecom_cdr.sources.generator.numbers import shares
from telecom_cdr_tests.sources.generator.made import Made, Row

_GENERATION = {"GSM": "2G", "EDGE": "2G", "UMTS": "3G", "HSPA": "3G", "LTE": "4G", "NR": "5G"}
_FULL_WIDTH_ZERO = "\uff10"
_FULL_WIDTH = {ord(_FULL_WIDTH_ZERO) + digit: str(digit) for digit in range(10)} | {0xFF0B: "+"}


def _of_type(month: Made, record_type: str) -> list[Row]:
    return [record for record in month.sound if record["record_type"] == record_type]


def _seconds(month: Made) -> list[int]:
    return [int(float(record["duration_sec"])) for record in _of_type(month, "voice")]


def _local_hour(timestamp: str) -> int:
    stamp = datetime.fromisoformat(timestamp)
    # Morocco was at UTC+0 until 2026-03-22 and at UTC+1 from then on.
    if stamp.tzinfo is not None:
        stamp = stamp.astimezone(UTC)
        return (stamp.hour + (1 if (stamp.month, stamp.day, stamp.hour) >= (3, 22, 2) else 0)) % 24
    return stamp.hour


def _msisdn(written: str) -> str:
    digits = "".join(sign for sign in written.translate(_FULL_WIDTH) if sign in "+0123456789")
    if digits.startswith("+"):
        return digits[1:]
    if digits.startswith("00"):
        return digits[2:]
    if digits.startswith("0"):
        return f"212{digits[1:]}"
    return f"212{digits}" if len(digits) == 9 else digits


def _served(record: Row) -> str:
    return _msisdn(next(record[name] for name in ("caller_id", "sender_id", "user_id") if name in record))


def test_types_have_their_shares(month: Made) -> None:
    counts = Counter(record["record_type"] for record in month.sound)
    assert counts["voice"] / counts.total() == pytest.approx(0.55, abs=0.02)
    assert counts["sms"] / counts.total() == pytest.approx(0.15, abs=0.02)


def test_three_in_ten_calls_are_not_answered(month: Made) -> None:
    seconds = _seconds(month)
    assert seconds.count(0) / len(seconds) == pytest.approx(0.29, abs=0.02)


def test_most_calls_are_short_and_few_are_very_long(month: Made) -> None:
    answered = [seconds for seconds in _seconds(month) if seconds > 0]
    assert statistics.median(answered) / statistics.mean(answered) < 0.5
    assert 20 <= statistics.median(answered) <= 32
    assert 70 <= statistics.mean(answered) <= 100
    assert 0.03 <= sum(seconds > 300 for seconds in answered) / len(answered) <= 0.08


def test_the_heaviest_tenth_of_subscribers_makes_about_half_of_the_events(month: Made) -> None:
    events = sorted(Counter(_served(record) for record in month.sound).values(), reverse=True)
    assert 0.4 <= sum(events[: len(events) // 10]) / sum(events) <= 0.6
    ordered = sorted(events)
    gini = 2 * sum(rank * size for rank, size in enumerate(ordered, 1)) / (len(ordered) * sum(ordered)) - 1
    assert 0.5 <= gini <= 0.64


def test_the_day_has_a_busy_hour_and_a_quiet_night(month: Made) -> None:
    hours = Counter(_local_hour(record["timestamp"]) for record in month.sound)
    assert 0.06 <= max(hours.values()) / hours.total() <= 0.08
    assert 0.06 <= sum(hours[hour] for hour in range(1, 6)) / hours.total() <= 0.12


def test_regions_have_the_shares_of_the_census(month: Made) -> None:
    regions = Counter(region_of_cell(record["cell_id"]) for record in month.sound if "cell_id" in record)
    population = sum(POPULATION_BY_REGION.values())
    chi_squared = sum(
        (regions[region] - regions.total() * people / population) ** 2 / (regions.total() * people / population)
        for region, people in POPULATION_BY_REGION.items()
    )
    assert set(regions) == set(POPULATION_BY_REGION)
    # 11 degrees of freedom; parts of one session share their cell, so a little more than 24.7 (99 %) is allowed.
    assert chi_squared < 40


def test_technologies_have_their_shares_under_all_their_names(month: Made) -> None:
    names = Counter(record["technology"] for record in month.sound)
    generations: Counter[str] = Counter()
    for name, count in names.items():
        generations[_GENERATION.get(name.upper(), name)] += count
    assert {"LTE", "lte", "NR", "UMTS", "HSPA", "GSM", "EDGE", "2G", "3G", "4G", "5G"} == set(names)
    for generation, share in {"2G": 0.11, "3G": 0.21, "4G": 0.45, "5G": 0.23}.items():
        assert generations[generation] / generations.total() == pytest.approx(share, abs=0.01)


def test_sessions_are_cut_at_the_quota(month: Made) -> None:
    sessions: dict[str, list[Row]] = {}
    for record in _of_type(month, "data"):
        assert record["data_volume_mb"] <= 52.4288
        if "session_id" in record:
            sessions.setdefault(record["session_id"], []).append(record)
    assert len(sessions) > 10
    whole = [sorted(parts, key=lambda part: int(part["sequence_number"])) for parts in sessions.values()]
    complete = [parts for parts in whole if [part["sequence_number"] for part in parts] == [*range(1, len(parts) + 1)]]
    for parts in (parts for parts in complete if parts[-1]["is_final"]):
        assert all(part["data_volume_mb"] >= 52.428 and not part["is_final"] for part in parts[:-1])
    assert sum(parts[-1]["is_final"] for parts in whole) / len(whole) > 0.9


def test_session_volumes_are_skewed(month: Made) -> None:
    volumes = [record["data_volume_mb"] for record in _of_type(month, "data")]
    assert 0.2 <= statistics.median(volumes) <= 0.32
    assert statistics.mean(volumes) > 5 * statistics.median(volumes)


def test_every_sound_served_number_is_valid_and_written_in_many_ways(month: Made) -> None:
    written = [
        record[name] for record in month.sound for name in ("caller_id", "sender_id", "user_id") if name in record
    ]
    for number in {_msisdn(each) for each in written}:
        assert phonenumbers.is_valid_number(phonenumbers.parse(f"+{number}")), number
    prefixes = Counter(each[:3] for each in written)
    assert {"212", "+21", "002"} <= set(prefixes)
    assert any(each.startswith("06") for each in written)
    assert any(" " in each for each in written)
    assert any(_FULL_WIDTH_ZERO in each for each in written)


def test_calls_go_to_every_kind_of_number(month: Made) -> None:
    called = [_raw_or_msisdn(record["callee_id"]) for record in _of_type(month, "voice")]
    kinds = Counter(_kind(number) for number in called)
    assert set(kinds) == {"Maroc Telecom", "Orange", "Inwi", "Al Hourria Telecom", "fixed", "abroad", "short"}
    assert 0.4 < kinds["Maroc Telecom"] / kinds.total() < 0.65
    for number in called:
        if len(number) > 5:
            assert phonenumbers.is_valid_number(phonenumbers.parse(f"+{number}")), number


def _raw_or_msisdn(written: str) -> str:
    return written if len(written) <= 5 else _msisdn(written)


def _kind(number: str) -> str:
    if len(number) <= 5:
        return "short"
    if not number.startswith("212"):
        return "abroad"
    return "fixed" if number[3] == "5" else operator_of(number) or "unknown"


def test_timestamps_are_local_and_instants(month: Made) -> None:
    stamps = [record["timestamp"] for record in month.sound]
    assert 0.1 < sum(stamp.endswith("Z") for stamp in stamps) / len(stamps) < 0.3
    assert any(stamp.endswith("+01:00") for stamp in stamps)
    assert any(stamp.endswith("+00:00") for stamp in stamps)
    assert any(" " in stamp for stamp in stamps)


def test_an_offset_is_that_of_its_moment(month: Made) -> None:
    # Both sides of the end of Ramadan 2026-03-22, known to older zone files too.
    zone = ZoneInfo("Africa/Casablanca")
    for stamp in (record["timestamp"] for record in month.sound):
        if stamp[-6] in "+-":
            instant = datetime.fromisoformat(stamp)
            assert instant.astimezone(zone).utcoffset() == instant.utcoffset(), stamp


def test_legs_and_networks_are_marked(month: Made) -> None:
    assert any(record.get("direction") == "mt" for record in month.sound)
    abroad = [record for record in month.sound if not record.get("serving_plmn", "604").startswith("604")]
    assert abroad
    assert all("cell_id" not in record for record in abroad)


def test_weights_decide_how_often_something_is_drawn() -> None:
    drawn = Counter(shares(np.random.default_rng(1), (1.0, 0.0, 3.0), 40_000).tolist())
    assert drawn[1] == 0
    assert drawn[2] / 40_000 == pytest.approx(0.75, abs=0.01)
