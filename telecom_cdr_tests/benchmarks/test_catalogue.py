"""A tariff of all networks charges as the default catalogue does, and calls spread over its prefixes."""

import csv
import json
from collections import Counter
from pathlib import Path

import pytest

from benchmarks.called import redirect
from benchmarks.catalogue import Sizes, catalogue
from benchmarks.reference_data import numbers_abroad, write_reference
from telecom_cdr.cli.demo import catalogue as default_catalogue


def _rows(directory: Path, name: str) -> list[dict[str, str]]:
    with (directory / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("grown") / "csv"
    return write_reference(default_catalogue(), folder, prefix_count=20_000, subscriber_count=0, plan_count=12)


def test_prefixes_of_all_lengths_stand_in_some_three_hundred_zones(grown: Path) -> None:
    prefixes = numbers_abroad(grown)
    assert len(set(prefixes)) == len(prefixes)
    assert {len(prefix) for prefix in prefixes} >= set(range(1, 10))
    assert 250 <= len({row["zone"] for row in _rows(grown, "destinations")}) <= 350


def test_every_plan_has_a_rate_for_every_new_zone(grown: Path) -> None:
    new = {row["zone"] for row in _rows(grown, "destinations")} - {
        row["zone"] for row in _rows(default_catalogue(), "destinations")
    }
    priced = {(row["plan_code"], row["zone"]) for row in _rows(grown, "rates")}
    assert all((plan["plan_code"], zone) in priced for plan in _rows(grown, "rate_plans") for zone in new)


def test_every_plan_has_numbers(grown: Path) -> None:
    used = Counter(row["plan_code"] for row in _rows(grown, "subscriptions"))
    assert set(used) == {row["plan_code"] for row in _rows(grown, "rate_plans")}


def _line(number: int, called: str, **more: str) -> str:
    return json.dumps({"record_ID": f"r{number}", "record_type": "voice", "callee_id": called, **more}) + "\n"


def test_half_of_the_calls_are_spread_over_the_prefixes_and_copies_stay_copies(tmp_path: Path) -> None:
    source, target = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    lines = [_line(number, "+212661000000") for number in range(2_000)]
    (source / "a.jsonl").write_text("".join(lines), encoding="utf-8")
    (source / "b.jsonl").write_text("".join(lines), encoding="utf-8")
    prefixes = [str(number) for number in range(300_000, 300_100)]
    redirect(source, target, prefixes)
    first, second = ((target / name).read_text(encoding="utf-8") for name in ("a.jsonl", "b.jsonl"))
    assert first == second
    called = [json.loads(line)["callee_id"] for line in first.splitlines()]
    abroad = [number for number in called if number != "+212661000000"]
    assert 900 < len(abroad) < 1_100
    assert {number[1:7] for number in abroad} == set(prefixes)


def test_records_without_a_called_number_of_their_own_stay_as_they_are(tmp_path: Path) -> None:
    source = tmp_path / "in"
    source.mkdir()
    lines = [_line(number, "+212661000000", direction="mt") for number in range(50)]
    lines += [_line(number, "190") for number in range(50)] + ["not a record\n"]
    (source / "a.jsonl").write_text("".join(lines), encoding="utf-8")
    redirect(source, tmp_path / "out", ["33612"])
    assert (tmp_path / "out" / "a.jsonl").read_text(encoding="utf-8") == "".join(lines)


@pytest.mark.slow
def test_both_tariffs_are_loaded_and_rated_alike_and_the_ratio_is_told_beside_its_goal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert catalogue(tmp_path, Sizes(prefix_count=2_000, plan_count=10, record_count=3_000, repeat=1))
    table = capsys.readouterr().out
    assert "| default catalogue | 306 | 8 |" in table
    assert "| all networks | 2,000 | 10 |" in table
    assert "| ratio |" in table
    assert "(goal 1.25: " in table
    assert not (tmp_path / "catalogue").exists()
