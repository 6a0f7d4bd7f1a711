"""How the model judges records, and that the order of arrival decides nothing but which copy is kept."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telecom_cdr_tests.builders import Record, a_data_cdr, a_voice_cdr, an_sms_cdr, cdr_lines
from telecom_cdr_tests.exact_model import ModelSettings, Outcome, compute, mediate, raw_records
from telecom_cdr_tests.exact_model.random_months import random_world

_INGESTED = datetime(2026, 11, 23, 12, tzinfo=UTC)


def _outcomes(*records: Record) -> list[Outcome]:
    return mediate(raw_records({"a.jsonl": cdr_lines(records)}, _INGESTED), ModelSettings())


@pytest.mark.parametrize(
    ("record", "reasons"),
    [
        ("[]", "MALFORMED_JSON"),
        (b'{"record_ID": "\xff"}', "MALFORMED_JSON"),
        ("{}", "UNKNOWN_RECORD_TYPE,MISSING_RECORD_ID,MISSING_TIMESTAMP"),
        (a_voice_cdr(record_type="Voice"), "UNKNOWN_RECORD_TYPE"),
        (a_voice_cdr(timestamp=[1]), "INVALID_FIELD_TYPE"),
        (a_voice_cdr(timestamp="soon", caller_id=None), "INVALID_TIMESTAMP,MISSING_SERVED_NUMBER"),
        (a_voice_cdr(timestamp="2023-12-31T22:59:59Z"), "TOO_OLD"),
        (a_voice_cdr(duration_sec=-1.5), "INVALID_FIELD_TYPE"),
        (a_voice_cdr(duration_sec=86400, product_code=[]), ""),
        (a_voice_cdr(direction="mt"), "TERMINATING_LEG"),
        (a_voice_cdr(direction="up", is_final="no", sequence_number="x"), "INVALID_FIELD_TYPE"),
        (a_voice_cdr(direction="mt", serving_plmn="20801", callee_id="+33612345678"), "INVALID_SERVED_NUMBER"),
        (a_voice_cdr(direction="mt", serving_plmn="20801", caller_id="+33612345678"), ""),
        (an_sms_cdr(receiver_id="0"), "INVALID_CALLED_NUMBER"),
        (a_data_cdr(data_volume_mb="1e30"), "EXCESSIVE_VOLUME"),
        (a_data_cdr(data_volume_mb="-1e-300"), "NEGATIVE_VOLUME"),
        (a_data_cdr(data_volume_mb=True), "INVALID_FIELD_TYPE"),
        (a_data_cdr(session_duration_sec=0, product_code=None), ""),
        (a_data_cdr(session_duration_sec=None), "MISSING_DURATION"),
    ],
)
def test_a_record_gets_all_of_its_reasons(record: Record, reasons: str) -> None:
    assert ",".join(_outcomes(record)[0].reasons) == reasons


def test_the_future_begins_a_day_after_ingest() -> None:
    last = _INGESTED + timedelta(days=1)
    instants = (last, last + timedelta(microseconds=1))
    outcomes = _outcomes(*(a_voice_cdr(record_ID=str(at), timestamp=at.isoformat()) for at in instants))
    assert [outcome.reasons for outcome in outcomes] == [(), ("FUTURE_TIMESTAMP",)]


@pytest.mark.parametrize(
    ("megabytes", "volume"), [("0.1", 100_000), ("1e-06", 1), ("0.0000005", 1), ("0.0000004", 0), ("1.500", 1_500_000)]
)
def test_volumes_are_whole_bytes(megabytes: str, volume: int) -> None:
    (outcome,) = _outcomes(a_data_cdr(data_volume_mb=megabytes))
    assert outcome.row["volume_bytes"] == volume


def test_the_first_of_two_fields_of_one_name_counts() -> None:
    (outcome,) = _outcomes('{"record_ID": "a", "record_ID": "b", "record_type": "sms"}')
    assert outcome.row["record_id"] == "a"


def test_a_copy_in_another_month_or_from_another_node_is_no_duplicate() -> None:
    outcomes = _outcomes(
        a_voice_cdr(), a_voice_cdr(timestamp="2026-03-10T10:00:00Z"), a_voice_cdr(source_node="MSC1"), an_sms_cdr()
    )
    assert [outcome.table for outcome in outcomes] == ["voice", "voice", "voice", "duplicates"]
    assert outcomes[-1].row["is_conflicting"] is True


def test_blank_lines_are_no_records_but_have_a_position() -> None:
    records = raw_records({"a.jsonl": b"\n \r\n{}\n{}"}, _INGESTED)
    assert [record.offset for record in records] == [2, 3]


def test_equal_files_are_taken_once() -> None:
    assert len(raw_records({"a.jsonl": b"{}\n", "b.jsonl": b"{}\n"}, _INGESTED)) == 1


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 5))
def test_order_and_split_of_arrival_do_not_matter(seed: int, files: int) -> None:
    world = random_world(seed, "2026-02", tenants=1)
    received = raw_records({"all.jsonl": b"".join(world.files.values())}, _INGESTED)
    # Of conflicting copies the first received wins, so they are left out.
    outcomes = mediate(received, ModelSettings())
    lines = [one.record.payload + b"\n" for one in outcomes if not one.row.get("is_conflicting")]
    shuffled = list(lines)
    Random(seed).shuffle(shuffled)
    split = {f"{part}.jsonl": b"".join(shuffled[part::files]) for part in range(files)}
    one = compute(raw_records({"all.jsonl": b"".join(lines)}, _INGESTED), world.reference)
    other = compute(raw_records(split, _INGESTED), world.reference)
    assert [month.rated for month in one.values()] == [month.rated for month in other.values()]
    assert [month.bill for month in one.values()] == [month.bill for month in other.values()]
    assert [month.totals for month in one.values()] == [month.totals for month in other.values()]


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6))
def test_nothing_is_lost_and_money_adds_up(seed: int) -> None:
    world = random_world(seed, "2026-03", tenants=2)
    months = compute(raw_records(world.files, _INGESTED), world.reference, months=[world.month])
    for month in months.values():
        totals = month.totals
        placed = sum(totals.get(f"records_{name}", 0) for name in ("voice", "sms", "data", "quarantine", "duplicates"))
        assert totals["records_raw"] == placed
        assert totals.get("charges_postpaid", 0) == totals.get("unrounded_usage", 0)
        assert totals.get("net_lines", 0) == totals.get("net_invoices", 0)
        for invoice in month.bill.invoices:
            assert invoice.total_amount == invoice.net_amount + invoice.tax_amount
