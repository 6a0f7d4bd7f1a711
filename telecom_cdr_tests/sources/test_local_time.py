"""Zone rules: to the second, from the pinned package, and from nowhere else."""

from datetime import UTC, datetime, timedelta
from importlib import resources
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from telecom_cdr.errors import InputError
from telecom_cdr.sources.local_time import SECOND, tzdata_version, zone_rules

CASABLANCA = "Africa/Casablanca"
EPOCH = datetime(1970, 1, 1)


def micros(*moments: str) -> np.ndarray:
    return np.array([(datetime.fromisoformat(m) - EPOCH) // timedelta(microseconds=1) for m in moments], np.int64)


def reference_zone(name: str) -> ZoneInfo:
    with resources.files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


@pytest.mark.parametrize(
    ("last_second", "before", "after"),
    [
        ("2026-02-15T01:59:59", 3600, 0),  # Ramadan begins
        ("2026-03-22T01:59:59", 0, 3600),  # and ends
        ("2026-09-20T00:59:59", 3600, 0),  # for good
    ],
)
def test_morocco_changes_to_the_second(last_second: str, before: int, after: int) -> None:
    at = micros(last_second)[0]
    edges = np.array([at + SECOND - 1, at + SECOND])
    assert zone_rules(CASABLANCA).offset_at(edges).tolist() == [before, after]


def test_morocco_stays_at_utc_after_september_2026() -> None:
    later = micros("2026-10-31T23:30:00", "2027-07-01T00:00:00", "2099-07-01T00:00:00", "9999-12-31T23:59:59")
    assert zone_rules(CASABLANCA).offset_at(later).tolist() == [0, 0, 0, 0]


def test_a_time_in_the_repeated_hour_is_the_first_and_is_flagged() -> None:
    # 03:00 (+01) became 02:00 (+00): 02:00 to 02:59:59 came twice.
    found = zone_rules(CASABLANCA).resolve(
        micros("2026-02-15T01:59:59", "2026-02-15T02:00:00", "2026-02-15T02:59:59", "2026-02-15T03:00:00")
    )
    expected = micros("2026-02-15T00:59:59", "2026-02-15T01:00:00", "2026-02-15T01:59:59", "2026-02-15T03:00:00")
    assert found.instant.tolist() == expected.tolist()
    assert found.offset.tolist() == [3600, 3600, 3600, 0]
    assert found.is_ambiguous.tolist() == [False, True, True, False]
    assert not found.is_shifted.any()


def test_a_time_in_the_missing_hour_is_shifted_forward_and_is_flagged() -> None:
    # 02:00 (+00) became 03:00 (+01): 02:00 to 02:59:59 never came.
    found = zone_rules(CASABLANCA).resolve(
        micros("2026-03-22T01:59:59", "2026-03-22T02:00:00", "2026-03-22T02:59:59", "2026-03-22T03:00:00")
    )
    expected = micros("2026-03-22T01:59:59", "2026-03-22T02:00:00", "2026-03-22T02:59:59", "2026-03-22T02:00:00")
    assert found.instant.tolist() == expected.tolist()
    assert found.offset.tolist() == [0, 3600, 3600, 3600]
    assert found.is_shifted.tolist() == [False, True, True, False]
    assert not found.is_ambiguous.any()


@pytest.mark.parametrize(
    "name", [CASABLANCA, "Europe/Paris", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu", "Etc/UTC"]
)
def test_offsets_and_local_times_equal_those_of_the_package_itself(name: str) -> None:
    rules, zone = zone_rules(name), reference_zone(name)
    generator = np.random.default_rng(2026)
    anywhere = generator.integers(-62_000_000_000, 253_000_000_000, 200)
    changes = generator.choice(rules.utc_from[1:] // SECOND, 100) if len(rules.utc_from) > 1 else anywhere[:0]
    seconds = np.concatenate([anywhere, *(changes + near for near in (-1, 0, 1, -1800, 1800, 3600, 5400))])
    for second, offset in zip(seconds.tolist(), rules.offset_at(seconds * SECOND).tolist(), strict=True):
        local = (EPOCH.replace(tzinfo=UTC) + timedelta(seconds=second)).astimezone(zone)
        assert local.utcoffset() == timedelta(seconds=offset), (name, second)
    found = rules.resolve(seconds * SECOND)
    for row, second in enumerate(seconds.tolist()):
        wall = (EPOCH + timedelta(seconds=second)).replace(tzinfo=zone)
        first, second_reading = wall.utcoffset(), wall.replace(fold=1).utcoffset()
        assert first is not None
        assert second_reading is not None
        assert timedelta(microseconds=int(found.instant[row])) == wall.astimezone(UTC) - EPOCH.replace(tzinfo=UTC)
        assert timedelta(seconds=int(found.offset[row])) == wall.astimezone(UTC).astimezone(zone).utcoffset()
        assert bool(found.is_ambiguous[row]) == (first > second_reading)
        assert bool(found.is_shifted[row]) == (first < second_reading)


@pytest.mark.parametrize("name", ["Africa/Atlantis", "Africa", "", "leapseconds", "../zoneinfo/UTC", "zone.tab"])
def test_an_unknown_zone_is_named_in_the_error(name: str) -> None:
    with pytest.raises(InputError, match="TELECOM_CDR_TIMEZONE") as refused:
        zone_rules(name)
    assert repr(name) in str(refused.value)


def test_the_version_of_the_rules_knows_the_law_of_2026() -> None:
    assert tzdata_version() >= "2026f"
