"""The numbering plan agrees with libphonenumber."""

import random
import re

import phonenumbers
import pytest

from telecom_cdr.facts import numbering_plan
from telecom_cdr.facts.numbering_plan import COUNTRY_CODES, FIXED_RANGES, MOBILE_RANGES, VALID_MOROCCAN_NATIONAL

_VALID = re.compile(rf"\A{VALID_MOROCCAN_NATIONAL}\Z")

# How typical inputs must be read: E.164, whether the number is valid, and of which kind.
CASES = (
    ("212612345678", True, "MOBILE"),
    ("212712345678", True, "MOBILE"),
    ("212600000000", True, "MOBILE"),
    ("212799999999", False, "UNKNOWN"),
    ("212732345678", False, "UNKNOWN"),
    ("212683345678", False, "UNKNOWN"),
    ("212812345678", False, "UNKNOWN"),
    ("212522123456", True, "FIXED_LINE"),
    ("212537123456", True, "FIXED_LINE"),
    ("212528123456", False, "UNKNOWN"),
    ("212539123456", False, "UNKNOWN"),
    ("212801234567", True, "TOLL_FREE"),
    ("212891234567", True, "PREMIUM_RATE"),
    ("212592401234", True, "VOIP"),
    ("21261234567", False, "UNKNOWN"),
)


def _number(national: str) -> phonenumbers.PhoneNumber:
    return phonenumbers.PhoneNumber(country_code=212, national_number=int(national))


@pytest.mark.parametrize(("msisdn", "is_valid", "kind"), CASES)
def test_typical_numbers_are_judged_as_listed(msisdn: str, is_valid: bool, kind: str) -> None:
    assert bool(_VALID.match(msisdn[3:])) == is_valid
    assert phonenumbers.PhoneNumberType.to_string(phonenumbers.number_type(_number(msisdn[3:]))) == kind


def test_every_range_is_judged_as_by_libphonenumber() -> None:
    random_digits = random.Random(212)
    disagreeing = []
    for prefix in range(1000, 10000):
        national = f"{prefix}{random_digits.randrange(10**5):05d}"
        if bool(_VALID.match(national)) != phonenumbers.is_valid_number(_number(national)):
            disagreeing.append(national)
    assert disagreeing == []


@pytest.mark.parametrize("length", [1, 5, 7, 8, 10, 12])
def test_only_nine_digits_are_valid(length: int) -> None:
    random_digits = random.Random(length)
    for _ in range(300):
        national = str(random_digits.choice("5678")) + "".join(random_digits.choices("0123456789", k=length - 1))
        assert not _VALID.match(national)
        assert not phonenumbers.is_valid_number(_number(national))


def test_random_national_numbers_are_judged_as_by_libphonenumber() -> None:
    random_digits = random.Random(9)
    for _ in range(20_000):
        national = f"{random_digits.randrange(5 * 10**8, 9 * 10**8)}"
        assert bool(_VALID.match(national)) == phonenumbers.is_valid_number(_number(national)), national


def test_the_pattern_reads_alike_on_every_engine() -> None:
    assert not re.search(r"\\[dwsb0-9]|\(\?[=!<]", VALID_MOROCCAN_NATIONAL)


def test_mobile_ranges_are_valid_and_belong_to_one_operator_each() -> None:
    ranges = [prefix for prefixes in MOBILE_RANGES.values() for prefix in prefixes]
    assert len(ranges) == len(set(ranges))
    for prefix in ranges:
        assert phonenumbers.number_type(_number(prefix[3:] + "123456")) == phonenumbers.PhoneNumberType.MOBILE, prefix


def test_every_valid_mobile_range_has_an_operator() -> None:
    owned = {prefix for prefixes in MOBILE_RANGES.values() for prefix in prefixes}
    for national in range(600, 800):
        is_mobile = phonenumbers.is_valid_number(_number(f"{national}123456"))
        assert (f"212{national}" in owned) == is_mobile, national


def test_fixed_ranges_are_valid() -> None:
    for prefix in FIXED_RANGES:
        assert phonenumbers.is_valid_number(_number(prefix[3:] + "12345")), prefix


@pytest.mark.parametrize(
    ("msisdn", "operator"),
    [
        ("212661234567", "Maroc Telecom"),
        ("212660234567", "Orange"),
        ("212600234567", "Inwi"),
        ("212692234567", "Al Hourria Telecom"),
        ("212522123456", None),
        ("33612345678", None),
    ],
)
def test_the_operator_follows_from_the_range(msisdn: str, operator: str | None) -> None:
    assert numbering_plan.operator_of(msisdn) == operator


def test_country_codes_are_texts_of_one_to_three_digits() -> None:
    assert {"1", "33", "212", "971"} <= COUNTRY_CODES
    assert not {"999", "0", "21"} & COUNTRY_CODES
