"""Destinations of the default catalogue: Morocco, short codes, and every country calling code of the world.

International zones by price: A near Europe and North America, B the rest of Europe and large markets,
C Africa, Arab countries, Latin America and Asia, D islands, satellites and global services.
"""

from collections.abc import Iterator
from typing import Final

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE
from phonenumbers.geodata.locale import LOCALE_DATA

from telecom_cdr.vocabulary import HOME_COUNTRY_CODE, SHORT_CODE_COUNTRY


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_HOME: Final = (
    ("212", "MA_OTHER", "Morocco, other numbers"),
    ("2125", "MA_FIXED", "Morocco, fixed"),
    ("2126", "MA_MOBILE", "Morocco, mobile"),
    ("2127", "MA_MOBILE", "Morocco, mobile"),
    ("2128", "MA_SPECIAL", "Morocco, special numbers"),
    ("21280", "MA_TOLL_FREE", "Morocco, toll-free"),
    ("212808", "MA_SPECIAL", "Morocco, internet telephony"),
    ("212809", "MA_SPECIAL", "Morocco, internet telephony"),
    ("21289", "MA_PREMIUM", "Morocco, premium rate"),
)
_SHORT: Final = (
    ("SHORT_FREE", "Emergency and public services", "112 141 150 177 190"),
    ("SHORT_FREE", "Customer service", "111 115 116 118 121 123 220 222 555 707 777 888"),
    ("SHORT_SERVICE", "Directory and information", "160 170 171 180 181 300 400 1212 2255 2323 3737 4040"),
    (
        "SHORT_PREMIUM",
        "Votes, games and subscriptions",
        "5050 5151 5757 7070 8080 8888 9000 9090 36363 50505 70707 90909",
    ),
)
_ZONE_A: Final = _words("1 31 32 33 34 39 41 44 49 351 352")
_ZONE_B: Final = _words("7 61 64 65 81 82 86 90 91 852 886 972")
_ZONE_D: Final = frozenset(
    [
        "53",
        "246",
        "247",
        "252",
        "269",
        "290",
        "500",
        "508",
        "670",
        "672",
        "674",
        "675",
        "676",
        "677",
        "678",
        "679",
        "680",
        "681",
        "682",
        "683",
        "685",
        "686",
        "687",
        "688",
        "689",
        "690",
        "691",
        "692",
        "800",
        "808",
        "850",
        "870",
        "878",
        "881",
        "882",
        "883",
        "888",
        "979",
    ]
)
# Beside the country code of the United States and Canada: territories with a price of their own.
_CARIBBEAN: Final = {
    "AG": "268", "AI": "264", "AS": "684", "BB": "246", "BM": "441", "BS": "242", "DM": "767", "DO": "809 829 849",
    "GD": "473", "GU": "671", "JM": "658 876", "KN": "869", "KY": "345", "LC": "758", "MP": "670", "MS": "664",
    "PR": "787 939", "SX": "721", "TC": "649", "TT": "868", "VC": "784", "VG": "284", "VI": "340",
}  # fmt: skip
# Longer prefixes that cost more than their country: foreign mobile networks, Kazakhstan beside Russia.
_FINER: Final = (
    ("3246", "32", "INTL_B", "Belgium, mobile"),
    ("3247", "32", "INTL_B", "Belgium, mobile"),
    ("3248", "32", "INTL_B", "Belgium, mobile"),
    ("3249", "32", "INTL_B", "Belgium, mobile"),
    ("336", "33", "INTL_B", "France, mobile"),
    ("337", "33", "INTL_B", "France, mobile"),
    ("346", "34", "INTL_B", "Spain, mobile"),
    ("347", "34", "INTL_B", "Spain, mobile"),
    ("393", "39", "INTL_B", "Italy, mobile"),
    ("447", "44", "INTL_B", "United Kingdom, mobile"),
    ("4915", "49", "INTL_B", "Germany, mobile"),
    ("4916", "49", "INTL_B", "Germany, mobile"),
    ("4917", "49", "INTL_B", "Germany, mobile"),
    ("76", "7", "INTL_C", "Kazakhstan"),
    ("77", "7", "INTL_C", "Kazakhstan"),
)
INTERNATIONAL_ZONES: Final = ("INTL_A", "INTL_B", "INTL_C", "INTL_D")


def destinations() -> Iterator[dict[str, str]]:
    """Rows of destinations.csv."""
    for prefix, zone, description in _HOME:
        yield _row(prefix, zone, HOME_COUNTRY_CODE, description)
    for zone, description, codes in _SHORT:
        for code in codes.split():
            yield _row(code, zone, SHORT_CODE_COUNTRY, description)
    for number, regions in sorted(COUNTRY_CODE_TO_REGION_CODE.items(), key=lambda item: str(item[0])):
        code = str(number)
        if code != HOME_COUNTRY_CODE:
            yield _row(code, _zone(code), code, _country(regions[0]))
    for region, area_codes in _CARIBBEAN.items():
        for area_code in area_codes.split():
            yield _row(f"1{area_code}", "INTL_D", "1", _country(region))
    for prefix, code, zone, description in _FINER:
        yield _row(prefix, zone, code, description)


def _zone(code: str) -> str:
    if code in _ZONE_A:
        return "INTL_A"
    if code in _ZONE_B or (code[0] in "34" and len(code) <= 3):
        return "INTL_B"
    return "INTL_D" if code in _ZONE_D else "INTL_C"


def _country(region: str) -> str:
    return str(LOCALE_DATA[region]["en"]) if region in LOCALE_DATA else "Global service"


def _row(prefix: str, zone: str, country_code: str, description: str) -> dict[str, str]:
    return {"prefix": prefix, "zone": zone, "country_code": country_code, "description": description}
