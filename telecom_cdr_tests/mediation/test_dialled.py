"""Numbers of people: how they are written, and what they are read as."""

from typing import TYPE_CHECKING

import phonenumbers
import pytest

from telecom_cdr.facts.numbering_plan import COUNTRY_CODES
from telecom_cdr_tests.mediation.records import Row, a_record, judged

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# As written -> valid to be charged, and reached by these digits (None: cannot be called).
SPELLINGS: dict[str, tuple[bool, str | None]] = {
    # Read by libphonenumber, region MA.
    "212612345678": (True, "212612345678"),
    "212712345678": (True, "212712345678"),
    "212600000000": (True, "212600000000"),
    "212799999999": (False, "212799999999"),
    "212732345678": (False, "212732345678"),
    "212683345678": (False, "212683345678"),
    "212812345678": (False, "212812345678"),
    "212522123456": (True, "212522123456"),
    "212537123456": (True, "212537123456"),
    "212528123456": (False, "212528123456"),
    "212539123456": (False, "212539123456"),
    "212801234567": (True, "212801234567"),
    "212891234567": (True, "212891234567"),
    "212592401234": (True, "212592401234"),
    "0612345678": (True, "212612345678"),
    "+212 612-345678": (True, "212612345678"),
    "00212612345678": (True, "212612345678"),
    "612345678": (True, "212612345678"),
    # Not possible in Morocco, but a number of 7 to 15 digits with a known code can be called.
    "21261234567": (False, "21261234567"),
    # Separators and full-width characters.
    "+212 (6) 12.34.56.78": (True, "212612345678"),
    "06 12 34 56 78": (True, "212612345678"),
    "06\u00a012\t34-56-78": (True, "212612345678"),
    "\uff0b\uff12\uff11\uff12\uff16\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18": (True, "212612345678"),
    "\uff10\uff16\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18": (True, "212612345678"),
    "+0612345678": (False, None),
    "++212612345678": (False, None),
    "212+612345678": (False, None),
    "212/612345678": (False, None),
    "212612345678x": (False, None),
    "212612345678\n": (False, None),
    "2126123456\u0667\u0668": (False, None),
    "1\u0301212612345678": (False, None),
    "": (False, None),
    "+": (False, None),
    "00": (False, None),
    "0": (False, None),
    # Bare digits: nine are national from 5 to 8, ten to fifteen international.
    "512345678": (False, "212512345678"),
    "801234567": (True, "212801234567"),
    "412345678": (False, None),
    "912345678": (False, None),
    "3361234567": (False, "3361234567"),
    "33612345678": (False, "33612345678"),
    "123456789012345": (False, "123456789012345"),
    "1234567890123456": (False, None),
    "12345678": (False, None),
    "1234567": (False, None),
    "123456": (False, None),
    # With a plus or 00, from seven digits.
    "+3361234": (False, "3361234"),
    "+336123": (False, None),
    "003361234": (False, "3361234"),
    "+15551234567": (False, "15551234567"),
    "+999123456789": (False, None),
    "+2101234567": (False, None),
    "0123456": (False, "212123456"),
    # Short codes: as dialled, to be called only.
    "12": (False, None),
    "190": (False, "190"),
    "1-9-0": (False, "190"),
    "12345": (False, "12345"),
    "012": (False, None),
    "+190": (False, None),
    # Long texts.
    "0" * 100_000: (False, None),
    "6" * 1_000_000: (False, None),
    "+" + "212612345678" * 10_000: (False, None),
}


def _name(written: str) -> str:
    return ascii(written) if len(written) < 40 else f"{written[:8]}…{len(written)} characters"


@pytest.fixture(scope="module")
def charged(engine: "SparkSession") -> dict[str, Row]:
    return dict(zip(SPELLINGS, judged(engine, [a_record(caller_id=text) for text in SPELLINGS]), strict=True))


@pytest.fixture(scope="module")
def called(engine: "SparkSession") -> dict[str, Row]:
    return dict(zip(SPELLINGS, judged(engine, [a_record(callee_id=text) for text in SPELLINGS]), strict=True))


@pytest.mark.parametrize("written", SPELLINGS, ids=_name)
def test_a_charged_number_is_valid_in_morocco(charged: dict[str, Row], written: str) -> None:
    is_valid, digits = SPELLINGS[written]
    assert charged[written]["served_msisdn"] == (digits if is_valid else None)


@pytest.mark.parametrize("written", SPELLINGS, ids=_name)
def test_a_called_number_is_possible_or_a_short_code(called: dict[str, Row], written: str) -> None:
    digits = SPELLINGS[written][1]
    assert called[written]["called_number"] == digits
    assert called[written]["is_short_code"] == (digits is not None and len(digits) <= 5)


def test_validity_is_that_of_libphonenumber(engine: "SparkSession") -> None:
    numbers = [f"212{prefix}123456"[:12] for prefix in range(100, 1000)]
    rows = judged(engine, [a_record(caller_id=f"+{number}") for number in numbers])
    valid = {number for number, row in zip(numbers, rows, strict=True) if row["served_msisdn"]}
    assert valid == {
        number
        for number in numbers
        if phonenumbers.is_valid_number(phonenumbers.PhoneNumber(country_code=212, national_number=int(number[3:])))
    }


def test_every_country_code_can_be_called(engine: "SparkSession") -> None:
    codes = sorted(COUNTRY_CODES)
    rows = judged(engine, [a_record(callee_id=f"00{code}81234567") for code in codes])
    ranges = {code: row["number_range"] for code, row in zip(codes, rows, strict=True) if code != "212"}
    assert ranges == {code: code for code in codes if code != "212"}


def test_a_terminating_leg_abroad_charges_the_number_reached(engine: "SparkSession") -> None:
    call = a_record(direction="mt", serving_plmn="20801", caller_id="+33612345678", callee_id="0661000009")
    message = a_record("sms", direction="mt", serving_plmn="20801", sender_id="190", receiver_id="0661000009")
    session = a_record("data", direction="mt", serving_plmn="20801")
    rows = judged(engine, [call, message, session])
    assert [row["served_msisdn"] for row in rows] == ["212661000009", "212661000009", "212661000001"]
    assert [row["called_number"] for row in rows] == ["33612345678", "190", None]
    assert [row["is_roaming"] for row in rows] == [True, True, True]
    assert [row["reasons"] for row in rows] == [None, None, None]
