"""What is asked for is what is written: exactly, repeatably, in the month."""

import hashlib
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from telecom_cdr.errors import InputError
from telecom_cdr.sources.generator import Fault, FaultRates, TrafficMix, stream
from telecom_cdr.sources.local_time import zone_rules
from telecom_cdr.sources.starts import find_starts
from telecom_cdr_tests.sources.generator.made import Made, Row, make, products, rates, subscribers, subscriptions
from telecom_cdr_tests.sources.generator.payloads import as_records
from telecom_cdr_tests.sources.records import decode

_SERVED = ("caller_id", "sender_id", "user_id")


def _digest(directory: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(directory.iterdir())}


@pytest.mark.parametrize("count", [0, 1, 2, 3, 10, 999])
def test_exactly_as_many_records_as_asked_for(tmp_path: Path, count: int) -> None:
    made = make(tmp_path, count)
    assert len(made.lines) == len(made.truth) == made.result.record_count == count
    assert sum(made.result.table_counts.values()) == count


def test_no_records_are_one_empty_file(tmp_path: Path) -> None:
    make(tmp_path, 0)
    assert (tmp_path / "cdrs-2026-03-001.jsonl").read_bytes() == b""


@pytest.mark.parametrize("count", [1, 2, 5, 50])
@pytest.mark.parametrize("fault", [Fault.EXACT_DUPLICATE, Fault.MALFORMED_JSON, Fault.NEGATIVE_VOLUME])
def test_a_rate_of_one_still_gives_the_count(tmp_path: Path, count: int, fault: Fault) -> None:
    made = make(tmp_path, count, fault_rates=FaultRates.of({fault: 1.0}))
    assert len(made.lines) == count
    expected = count - 1 if fault is Fault.EXACT_DUPLICATE else count
    assert made.result.fault_counts.get(fault, 0) == expected


def test_files_hold_what_they_may(tmp_path: Path) -> None:
    made = make(tmp_path, 2_500, records_per_file=1_000)
    assert made.result.files == tuple(f"cdrs-2026-03-{number:03d}.jsonl" for number in (1, 2, 3))
    assert [entry["records"] for entry in made.summary["files"]] == [1_000, 1_000, 500]


def test_only_cdr_files_look_like_cdr_files(tmp_path: Path) -> None:
    make(tmp_path, 100)
    assert {path.name for path in tmp_path.iterdir()} == {
        "cdrs-2026-03-001.jsonl",
        "truth.json",
        "truth-2026-03.parquet",
    }


def test_the_same_arguments_give_the_same_bytes(tmp_path: Path) -> None:
    first, second = make(tmp_path / "a", 3_000), make(tmp_path / "b", 3_000)
    assert _digest(first.result.directory) == _digest(second.result.directory)


def test_another_seed_gives_other_records_with_other_ids(tmp_path: Path) -> None:
    first, second = make(tmp_path / "a", 500), make(tmp_path / "b", 500, seed=8)
    assert not {row["record_id"] for row in first.truth} & {row["record_id"] for row in second.truth} - {None}


def test_the_order_of_subscriptions_does_not_matter(tmp_path: Path) -> None:
    table = subscribers(200)
    make(tmp_path / "a", 500, subscriptions=table)
    make(tmp_path / "b", 500, subscriptions=table.take(list(reversed(range(200)))))
    assert _digest(tmp_path / "a") == _digest(tmp_path / "b")


def test_hash_seed_and_zone_of_the_machine_do_not_matter(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from telecom_cdr_tests.sources.generator.made import make;"
        "make(Path(sys.argv[1]), 800, month='2026-10')"
    )
    for number, zone in enumerate(("Asia/Tokyo", "America/New_York")):
        environment = os.environ | {"TZ": zone, "PYTHONHASHSEED": str(number)}
        subprocess.run([sys.executable, "-c", script, str(tmp_path / zone)], env=environment, check=True)
    assert _digest(tmp_path / "Asia" / "Tokyo") == _digest(tmp_path / "America" / "New_York")


def _usage_months(made: Made) -> set[str]:
    sound = [made.lines[row["file"], row["line"]] for row in made.truth if row["fault"] is None]
    starts = find_starts(decode([as_records(sound)]), zone_rules("Africa/Casablanca"))
    return set(starts.columns()["usage_month"].to_pylist())


@pytest.mark.parametrize("month", ["2024-01", "2024-02", "2026-02", "2026-03", "2026-09", "2026-10", "2025-12"])
def test_every_sound_record_starts_in_its_local_month(tmp_path: Path, month: str) -> None:
    assert _usage_months(make(tmp_path, 4_000, month=month)) == {month}


def test_the_first_and_the_last_hour_of_the_month_have_records(tmp_path: Path) -> None:
    made = make(tmp_path, 20_000, month="2026-02", fault_rates=FaultRates.none())
    stamps = [made.record(row)["timestamp"] for row in made.truth]
    assert any(stamp.startswith("2026-01-31T23") and stamp.endswith("Z") for stamp in stamps)
    assert any(stamp.startswith("2026-02-28T23") and stamp.endswith("Z") for stamp in stamps)


def test_from_2026_09_20_local_time_is_utc(tmp_path: Path) -> None:
    made = make(tmp_path, 3_000, month="2026-10")
    offsets = {made.record(row)["timestamp"][19:] for row in made.truth if row["fault"] is None}
    assert "+00:00" in offsets
    assert "+01:00" not in offsets


def test_generating_a_month_again_replaces_it(tmp_path: Path) -> None:
    make(tmp_path, 300, records_per_file=100)
    make(tmp_path, 150, records_per_file=100)
    make(tmp_path, 10, month="2026-04")
    assert sorted(path.name for path in tmp_path.glob("*.jsonl")) == [
        "cdrs-2026-03-001.jsonl",
        "cdrs-2026-03-002.jsonl",
        "cdrs-2026-04-001.jsonl",
    ]


def test_a_failure_leaves_the_month_as_it_was(tmp_path: Path) -> None:
    make(tmp_path, 100)
    before = _digest(tmp_path)

    def stop(done: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make(tmp_path, 500, on_progress=stop)
    assert _digest(tmp_path) == before


def test_progress_ends_at_the_count(tmp_path: Path) -> None:
    seen: list[int] = []
    make(tmp_path, 700, on_progress=seen.append)
    assert seen[-1] == 700


def test_only_active_subscriptions_call_and_only_on_their_days(tmp_path: Path) -> None:
    rows: list[Row] = [
        {"msisdn": "212661000001", "valid_from": date(2026, 3, 10), "valid_to": date(2026, 3, 12)},
        {"msisdn": "212661000002", "status": "suspended"},
        {"msisdn": "212661000003", "valid_to": date(2026, 3, 1)},
        {"msisdn": "212661000004", "valid_from": date(2026, 4, 1)},
        {"msisdn": "212799999999"},
    ]
    mix = TrafficMix(unknown_subscriber=0, terminating=0)
    made = make(tmp_path, 300, subscriptions=subscriptions(rows), mix=mix, fault_rates=FaultRates.none())
    starts = find_starts(decode([as_records(list(made.lines.values()))]), zone_rules("Africa/Casablanca"))
    assert set(starts.columns()["usage_date"].to_pylist()) == {date(2026, 3, 10), date(2026, 3, 11)}
    numbers = [made.record(row)[name] for row in made.truth for name in _SERVED if name in made.record(row)]
    assert {int("".join(sign for sign in number if sign.isdecimal())[-6:]) for number in numbers} == {1}


def test_data_has_the_products_that_the_plan_prices(tmp_path: Path) -> None:
    table = subscriptions([{"msisdn": f"21266100{number:04d}", "plan_code": f"P{number % 2}"} for number in range(50)])
    made = make(
        tmp_path,
        400,
        subscriptions=table,
        products=products("A", "B", "C"),
        rates=rates(("P0", "A"), ("P1", "B"), ("P1", "VOICE")),
        mix=TrafficMix(voice=0, sms=0, data=1),
        fault_rates=FaultRates.none(),
    )
    assert {made.record(row)["product_code"] for row in made.truth} == {"A", "B"}


def test_data_goes_without_a_product_where_there_is_none(tmp_path: Path) -> None:
    made = make(tmp_path, 50, products=products(), mix=TrafficMix(voice=0, sms=0, data=1))
    assert not any("product_code" in made.record(row) for row in made.truth if row["fault"] is None)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"subscriptions": subscriptions([])}, "no subscriptions"),
        ({"subscriptions": subscriptions([{"msisdn": "212661000001", "status": "terminated"}])}, "active in 2026-03"),
        ({"month": "2026-13"}, "is not a month"),
        ({"month": "2023-12"}, "before the first billing month 2024-01"),
        ({"timezone": "Africa/Atlantis"}, "Africa/Atlantis"),
        ({"home_operator": "Nobody"}, "Maroc Telecom"),
        ({"count": -1}, "-1 records"),
    ],
)
def test_wrong_input_is_named(tmp_path: Path, options: Row, message: str) -> None:
    with pytest.raises(InputError, match=message):
        make(tmp_path, **({"count": 10} | options))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("rates_given", [{Fault.LATE: 1.5}, {Fault.LATE: -0.1}, {Fault.LATE: 0.6, Fault.TOO_OLD: 0.6}])
def test_impossible_rates_are_refused(rates_given: dict[Fault, float]) -> None:
    with pytest.raises(InputError, match="rate"):
        FaultRates.of(rates_given)


def test_a_directory_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(InputError, match="choose another directory"):
        make(tmp_path / "taken", 1)


def test_a_foreign_truth_file_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "truth.json").write_text("[]")
    with pytest.raises(InputError, match="no truth of generated records"):
        make(tmp_path, 1)
    assert (tmp_path / "truth.json").read_text() == "[]"


@pytest.mark.slow
def test_large_months_are_made_in_batches(tmp_path: Path) -> None:
    made = make(tmp_path, 260_000, records_per_file=100_000)
    assert made.result.record_count == 260_000
    assert [entry["records"] for entry in made.summary["files"]] == [100_000, 100_000, 60_000]
    ids = [
        row["record_id"] for row in made.truth if row["table"] in {"mediated/voice", "mediated/sms", "mediated/data"}
    ]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("count", [0, 1, 700])
def test_a_stream_has_the_records_of_the_files_in_their_order(tmp_path: Path, count: int) -> None:
    made = make(tmp_path, count, seed=5, rates=rates(("P1", "DATA")))
    batches = stream(
        subscriptions=subscribers(300),
        products=products("DATA"),
        rates=rates(("P1", "DATA")),
        month="2026-03",
        count=count,
        seed=5,
        timezone="Africa/Casablanca",
        first_month="2024-01",
        home_operator="Maroc Telecom",
    )
    records = [part for batch in batches for part in batch]
    assert [payload for part in records for payload in part.payloads.to_pylist()] == list(made.lines.values())
    assert [offset for part in records for offset in part.offsets.to_pylist()] == list(range(count))
