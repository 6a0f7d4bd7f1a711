"""`explain`: what became of one record, in words that agree with the tables."""

from pathlib import Path

import pytest

from telecom_cdr_tests.builders import a_voice_cdr, write_cdrs
from telecom_cdr_tests.cli.small_lake import MONTH, RECORDS, WAITING_MONTH
from telecom_cdr_tests.product import Product


def _story(product: Product, record_id: str) -> dict[str, str]:
    """The words of each stage; of the last record with this ID."""
    result = product.done("explain", record_id)
    assert result.errors == ""
    lines = [line.strip().split(None, 1) for line in result.output.splitlines() if line.startswith("  ")]
    return dict(lines)


def test_a_rated_record_is_told_from_its_bytes_to_its_invoice(billed: Product) -> None:
    story = _story(billed, "MESSAGE")
    assert story["received"].startswith("day.jsonl line 2, taken 2")
    assert "starts 2026-02-10T10:00:00Z, usage month 2026-02, billing month 2026-02" in story["received"]
    assert story["payload"].startswith('{"record_ID": "MESSAGE", "record_type": "sms"')
    assert story["mediated"].startswith("mediated/sms: 212661000001 to 212661000009 (onnet, range 212661) one message")
    assert story["subscriber"] == "customer C1, plan P1, postpaid, on 2026-02-10"
    assert story["rate"].startswith("plan P1, product SMS, zone MA (prefix 212): the rate of any zone, as none is for")
    assert story["rate"].endswith("flat, valid from 2020-01-01; reference data version 1")
    assert story["units"] == "1 message(s) used; first 1 whole, then steps of 1: 1 billed; 1 to pay"
    assert story["piece"] == "1 message(s) (unit 1) x 0.1 per message = 0.1"
    assert story["charge"] == "0.1 = 0.100000 MAD (without tax)"
    assert "1 events, 0.100000 rounded to 0.10, net 0.10 MAD" in story["line"]
    assert story["invoice"] == "customer C1, 2026-02: net 0.70 + tax 0.14 = 0.84 MAD"


def test_an_unrated_record_has_a_reason_and_no_charge(billed: Product) -> None:
    story = _story(billed, "STRANGER")
    assert story["unrated"].startswith("UNKNOWN_SUBSCRIBER: no subscription, on any day, has this number")
    assert {"charge", "line", "invoice"}.isdisjoint(story)


@pytest.mark.parametrize(
    ("record", "words"),
    [
        ("BACKWARDS", "refused: INVALID_CALLED_NUMBER, NEGATIVE_DURATION; it is not billed"),
        ("UNANSWERED", "not_billable: UNANSWERED; it is not billed"),
    ],
)
def test_a_record_set_aside_tells_every_reason(billed: Product, record: str, words: str) -> None:
    story = _story(billed, record)
    assert story["quarantine"] == words
    assert "mediated" not in story


def test_every_record_with_an_id_is_told_and_copies_name_the_one_kept(billed: Product) -> None:
    lines = billed.done("explain", "CALL").output.splitlines()
    heads = [line for line in lines if not line.startswith(" ")]
    assert heads == [f"CALL: record {number} of 3 with this ID" for number in (1, 2, 3)]
    copies = [line.split(None, 1)[1] for line in lines if line.startswith("  duplicate")]
    assert copies[0].startswith("already received; it says the same as the record kept, line 1 of source ")
    assert copies[1].startswith("already received; its fields differ from those of the record kept, line 1 of source ")
    assert sum(line.startswith("  invoice") for line in lines) == 1


def test_a_prepaid_record_is_charged_and_never_invoiced(billed: Product) -> None:
    story = _story(billed, "SESSION")
    assert "212661000002 moved 2,000,000 bytes on 4G" in story["mediated"]
    assert "= 0.002000 MAD" in story["charge"]
    assert story["billed"] == "prepaid: taken from the balance, never invoiced"
    assert "line" not in story


def test_a_record_of_a_month_that_was_not_run_says_what_to_do(billed: Product) -> None:
    story = _story(billed, "MARCH")
    assert story["mediated"] == f"not yet: run `telecom-cdr run --month {WAITING_MONTH}`"
    assert list(story) == ["received", "payload", "mediated"]


def test_the_story_of_every_record_agrees_with_the_table_that_it_is_in(billed: Product) -> None:
    tables = {
        "mediated/voice": "mediated", "mediated/sms": "mediated", "mediated/data": "mediated",
        "mediated/quarantine": "quarantine", "mediated/duplicates": "duplicate",
    }  # fmt: skip
    told = 0
    for path, stage in tables.items():
        for row in billed.done("show", path, "--month", MONTH, "--format", "csv", "--where", "record_id=CALL").rows:
            told += 1
            assert stage in billed.done("explain", row["record_id"]).output
    assert told == sum(isinstance(record, dict) and record["record_ID"] == "CALL" for record in RECORDS)


def test_bytes_that_are_no_text_are_shown_escaped(tmp_path: Path) -> None:
    product = Product.at(tmp_path)
    write_cdrs(tmp_path / "in", "day.jsonl", [a_voice_cdr(record_ID="é", cell_id="\u0000\u001b[31m")])
    product.done("ingest", "--from", str(tmp_path / "in"))
    output = product.done("explain", "é").output
    assert "\\u001b[31m" in output
    assert "\x1b" not in output
