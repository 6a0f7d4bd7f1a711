"""A session that lacks parts is told, and stops nothing."""

from pathlib import Path

import pytest

from telecom_cdr_tests.builders import a_data_cdr, a_reference, write_cdrs, write_reference
from telecom_cdr_tests.product import Product

pytestmark = pytest.mark.slow

MONTH = "2026-02"


def test_a_month_with_an_incomplete_session_is_billed_and_its_check_only_warns(tmp_path: Path) -> None:
    product = Product.at(tmp_path)
    part = a_data_cdr(record_ID="PART", session_id="S1", sequence_number=2, is_final=False, data_volume_mb=1)
    write_cdrs(tmp_path / "in", "day.jsonl", [part])
    product.done("reference", "load", str(write_reference(tmp_path / "reference", a_reference())))
    product.done("ingest", "--from", str(tmp_path / "in"))
    ran = product.done("run", "--month", MONTH)
    assert "sessions_are_complete" not in ran.errors

    checked = product.done("check", "--month", MONTH, "--format", "csv")
    warned = [row for row in checked.rows if row["result"] != "passed"]
    assert [(row["table"], row["check"], row["result"]) for row in warned] == [
        ("reports/incomplete_sessions", "sessions_are_complete", "warning")
    ]
    assert f"{MONTH}: {len(checked.rows) - 1} checks passed, 0 failed, 1 warned" in checked.errors
    assert "reports/incomplete_sessions: sessions_are_complete: incomplete_session_count 1" in checked.errors

    (row,) = product.done("show", "reports/incomplete_sessions", "--month", MONTH, "--format", "csv").rows
    assert (row["first_record_id"], row["missing_count"], row["has_first"], row["has_final"]) == (
        *("PART", "1"),
        *("false", "false"),
    )
    exported = (product.lake / "exports" / MONTH / "incomplete_sessions.csv").read_text(encoding="utf-8")
    assert "PART" in exported
