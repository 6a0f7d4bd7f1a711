"""Countries of networks: samples by hand, and every calling code that phonenumbers knows."""

import phonenumbers
import pytest

from telecom_cdr.facts.serving_countries import CALLING_CODE_BY_MCC, REGION_BY_MCC, calling_code_of

SAMPLES = {
    "20801": "33",
    "21407": "34",
    "22201": "39",
    "225": "3906698",
    "23415": "44",
    "23599": "44",
    "25001": "7",
    "26201": "49",
    "30272": "1",
    "310410": "1",
    "316": "1",
    "330110": "1787",
    "33805": "1876",
    "34001": "590",
    "36801": "53",
    "37002": "1809",
    "36439": "1242",
    "36251": "599",
    "40177": "77",
    "40445": "91",
    "42402": "971",
    "44010": "81",
    "46000": "86",
    "50501": "61",
    "60201": "20",
    "60301": "213",
    "60400": "212",
    "60501": "216",
    "60801": "221",
    "64710": "262",
    "65501": "27",
    "65902": "211",
    "72405": "55",
    "74810": "598",
}
# Calling codes of territories that use the mobile country code of another: Palestine that of Israel, Martinique that
# of Guadeloupe, Diego Garcia and Ascension those of nobody, Norfolk Island that of Australia.
_WITHOUT_A_CODE = {"970", "596", "246", "247", "672"}
_NO_COUNTRY = "001"


@pytest.mark.parametrize("plmn", SAMPLES)
def test_a_network_stands_in_the_country_of_its_mobile_country_code(plmn: str) -> None:
    assert calling_code_of(plmn) == SAMPLES[plmn]


@pytest.mark.parametrize("plmn", ["", "2", "20", "90112", "99999", "00101", "abc"])
def test_a_code_of_no_country_has_no_calling_code(plmn: str) -> None:
    assert calling_code_of(plmn) is None


def test_every_calling_code_of_a_country_is_that_of_a_network() -> None:
    geographic = {
        str(code) for code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items() if _NO_COUNTRY not in regions
    }
    codes = set(CALLING_CODE_BY_MCC.values())
    missing = {code for code in geographic if not any(known.startswith(code) for known in codes)}
    assert missing == _WITHOUT_A_CODE


def test_countries_of_north_america_differ_by_their_area_code() -> None:
    codes = [code for mcc, code in CALLING_CODE_BY_MCC.items() if code.startswith("1") and mcc not in {"302"}]
    own = [code for code in codes if code != "1"]
    assert len(own) == len(set(own)) == 22
    assert {len(code) for code in own} == {4}


@pytest.mark.parametrize("mcc", REGION_BY_MCC)
def test_the_example_numbers_of_a_country_begin_with_its_calling_code_and_are_its_own(mcc: str) -> None:
    region, code = REGION_BY_MCC[mcc], CALLING_CODE_BY_MCC[mcc]
    assert len(mcc) == 3
    assert mcc.isdigit()
    example = phonenumbers.example_number(region)
    assert example is not None
    digits = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164).removeprefix("+")
    assert digits.startswith(code)
    assert phonenumbers.region_code_for_number(example) == region
