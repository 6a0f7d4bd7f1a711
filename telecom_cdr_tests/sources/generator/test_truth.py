"""The truth is complete, consistent with the files, and names each fault once."""

import json
from collections import Counter
from pathlib import Path

import pytest

from telecom_cdr.sources.generator import Fault, FaultRates
from telecom_cdr.sources.generator.fault_rates import REASON_OF, types_of
from telecom_cdr.vocabulary import NOT_BILLABLE_REASONS, Reason, RecordType
from telecom_cdr_tests.sources.generator.made import Made, make
from telecom_cdr_tests.sources.generator.payloads import as_records
from telecom_cdr_tests.sources.records import decode

_SPOILING = [fault for fault in Fault if fault in REASON_OF]
_HARMLESS = [
    Fault.MISSING_CELL,
    Fault.MISSING_TECHNOLOGY,
    Fault.MISSING_PRODUCT,
    Fault.UNKNOWN_TECHNOLOGY,
    Fault.LATE,
]


def test_every_line_has_one_row(month: Made) -> None:
    places = [(row["file"], row["line"]) for row in month.truth]
    assert len(places) == len(set(places)) == 30_000
    assert set(places) == set(month.lines)
    assert places == sorted(places)


def test_the_record_id_is_that_of_the_line(month: Made) -> None:
    for row in month.truth:
        if row["record_id"] is not None:
            assert month.record(row)["record_ID"] == row["record_id"]
        else:
            assert row["fault"] is not None


def test_sound_records_are_billable_unless_unanswered_or_a_terminating_leg(month: Made) -> None:
    for row in month.truth:
        if row["fault"] is not None:
            continue
        record = month.record(row)
        reasons = [Reason.UNANSWERED] if float(record.get("duration_sec", 1)) == 0 else []
        reasons += [Reason.TERMINATING_LEG] if record.get("direction") == "mt" else []
        assert row["reasons"] == ",".join(reasons)
        assert row["table"] == ("mediated/quarantine" if reasons else f"mediated/{record['record_type']}")


def test_each_fault_is_counted_once_under_its_reason(tmp_path: Path) -> None:
    rates = FaultRates.of(dict.fromkeys(_SPOILING, 0.02))
    made = make(tmp_path, 3_000, fault_rates=rates, month="2024-05")
    for fault, reason in REASON_OF.items():
        rows = [row for row in made.truth if row["fault"] == fault]
        assert 60 <= len(rows) <= 61, fault
        assert {row["reasons"] for row in rows} == {reason.value}
        assert {row["table"] for row in rows} == {"mediated/quarantine"}
        assert {row["record_type"] for row in rows} <= {each.value for each in types_of(fault)}
        assert made.result.fault_counts[fault] == len(rows)
        assert made.result.reason_counts[reason] == len(rows)


def test_a_fault_that_is_no_reason_leaves_the_record_billable(tmp_path: Path) -> None:
    made = make(tmp_path, 2_000, fault_rates=FaultRates.of(dict.fromkeys(_HARMLESS, 0.05)), month="2024-05")
    for row in (row for row in made.truth if row["fault"] is not None):
        assert (row["table"], row["reasons"]) == (f"mediated/{row['record_type']}", "")
    assert set(made.result.fault_counts) == set(_HARMLESS)


def test_late_records_carry_an_earlier_month_not_before_the_first(tmp_path: Path) -> None:
    made = make(tmp_path, 400, fault_rates=FaultRates.of({Fault.LATE: 0.5}), month="2024-03")
    late = [row for row in made.truth if row["fault"] == Fault.LATE]
    assert {row["usage_month"] for row in late} == {"2024-01", "2024-02"}
    assert all(made.record(row)["timestamp"].startswith(row["usage_month"]) for row in late)


def test_nothing_is_late_in_the_first_month(tmp_path: Path) -> None:
    made = make(tmp_path, 200, fault_rates=FaultRates.of({Fault.LATE: 0.5}), month="2024-01")
    assert set(made.result.fault_counts) == {Fault.TOO_OLD}
    assert all(row["usage_month"] < "2024-01" for row in made.truth if row["fault"])


def test_records_with_two_faults_have_two_reasons_in_order(tmp_path: Path) -> None:
    made = make(tmp_path, 400, fault_rates=FaultRates.of({Fault.SEVERAL_FAULTS: 0.5}))
    order = [reason.value for reason in Reason]
    spoilt = [row["reasons"].split(",") for row in made.truth if row["fault"]]
    assert len(spoilt) == 200
    for reasons in spoilt:
        assert len(reasons) == 2
        assert reasons == sorted(reasons, key=order.index)
        assert not set(reasons) & {reason.value for reason in NOT_BILLABLE_REASONS}


def test_duplicates_follow_the_record_that_is_kept(month: Made) -> None:
    repeated = [row for row in month.truth if row["table"] == "mediated/duplicates"]
    by_place = {(row["file"], row["line"]): row for row in month.truth}
    assert len(repeated) == pytest.approx(180, abs=2)
    for row in repeated:
        kept = by_place[row["kept_file"], row["kept_line"]]
        assert (row["kept_file"], row["kept_line"]) < (row["file"], row["line"])
        assert kept["table"] in {"mediated/voice", "mediated/sms", "mediated/data"}
        assert kept["record_id"] == row["record_id"]
        same_bytes = month.lines[row["file"], row["line"]] == month.lines[kept["file"], kept["line"]]
        assert same_bytes == (row["fault"] == Fault.EXACT_DUPLICATE)
        assert row["is_conflicting"] == (row["fault"] == Fault.CONFLICTING_DUPLICATE)


def test_conflicting_duplicates_differ_in_what_counts(month: Made) -> None:
    for row in (row for row in month.truth if row["is_conflicting"]):
        copy = month.record(row)
        kept = month.record({"file": row["kept_file"], "line": row["kept_line"]})
        differing = {name for name in kept if kept[name] != copy[name]}
        assert differing == {{"voice": "duration_sec", "sms": "cell_id", "data": "data_volume_mb"}[row["record_type"]]}


def test_billable_identities_are_unique(month: Made) -> None:
    ids = Counter(
        row["record_id"] for row in month.truth if row["table"] in {f"mediated/{each}" for each in RecordType}
    )
    assert max(ids.values()) == 1


def test_malformed_is_what_the_decoder_calls_malformed(month: Made) -> None:
    decoded = decode([as_records(list(month.lines.values()))])
    found = [
        place for place, is_fine in zip(month.lines, decoded["is_well_formed"].to_pylist(), strict=True) if not is_fine
    ]
    named = [(row["file"], row["line"]) for row in month.truth if row["reasons"] == Reason.MALFORMED_JSON]
    assert sorted(found) == sorted(named)


def test_a_wrong_field_is_what_the_decoder_calls_mistyped_or_text_that_is_no_value(month: Made) -> None:
    decoded = decode([as_records(list(month.lines.values()))])
    mistyped = {
        place
        for place, names in zip(month.lines, decoded["mistyped_fields"].to_pylist(), strict=True)
        if names is not None
    }
    named = {(row["file"], row["line"]) for row in month.truth if row["fault"] == Fault.WRONG_FIELD_TYPE}
    assert mistyped < named


def test_the_summary_tells_what_the_rows_tell(month: Made) -> None:
    tables = Counter(row["table"] for row in month.truth)
    faults = Counter(row["fault"] for row in month.truth if row["fault"])
    reasons = Counter(reason for row in month.truth for reason in row["reasons"].split(",") if reason)
    assert month.summary["tables"] == dict(tables)
    assert month.summary["faults"] == dict(faults)
    assert month.summary["reasons"] == dict(reasons)
    assert month.summary["seed"] == 7
    assert month.summary["count"] == sum(entry["records"] for entry in month.summary["files"]) == 30_000
    injected = [
        {name: value for name, value in row.items() if value is not None} for row in month.truth if row["fault"]
    ]
    assert month.summary["injected"] == injected


def test_about_three_percent_is_faulty(month: Made) -> None:
    assert sum(month.result.fault_counts.values()) / 30_000 == pytest.approx(FaultRates().total, abs=0.001)
    assert FaultRates().total == pytest.approx(0.03, abs=0.003)


def test_no_faults_when_none_are_wanted(tmp_path: Path) -> None:
    made = make(tmp_path, 500, fault_rates=FaultRates.none())
    assert made.result.fault_counts == {}
    assert made.summary["injected"] == []


def test_truth_of_several_months_stands_side_by_side(tmp_path: Path) -> None:
    make(tmp_path, 50, month="2024-01")
    make(tmp_path, 60, month="2024-02")
    make(tmp_path, 70, month="2024-01")
    months = json.loads((tmp_path / "truth.json").read_text())["months"]
    assert {month: entry["count"] for month, entry in months.items()} == {"2024-01": 70, "2024-02": 60}
