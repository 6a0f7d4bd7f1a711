"""The Moroccan numbering plan and the world's country codes: which numbers exist, and whose ranges they are.

Constants only. Ranges are those of the original allocation: ported numbers are reference data.
Not here: reading what people write as a number (`mediation/`).
"""

from typing import Final

import phonenumbers
from phonenumbers.phonemetadata import PhoneMetadata

HOME_COUNTRY_CODE: Final = "212"
HOME_MCC: Final = "604"

COUNTRY_CODES: Final[frozenset[str]] = frozenset(str(code) for code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE)


def _spans(text: str) -> tuple[str, ...]:
    """E.164 prefixes of national ones, written as spans: `600-602 604` is 212600, 212601, 212602, 212604."""
    prefixes: list[str] = []
    for span in text.split():
        first, _, last = span.partition("-")
        prefixes += [f"{HOME_COUNTRY_CODE}{prefix}" for prefix in range(int(first), int(last or first) + 1)]
    return tuple(prefixes)


# Operator -> its mobile ranges as six-digit E.164 prefixes (212661); spelt as HOME_OPERATOR has to be.
MOBILE_RANGES: Final[dict[str, tuple[str, ...]]] = {
    "Maroc Telecom": _spans(
        "610-611 613 615-616 618 622-624 628 636-637 639 641-643 648 650-655 658-659 661-662 666-668 "
        "670-673 676-678 682 689 696-697 750-755 760-769"
    ),
    "Orange": _spans(
        "612 614 617 619-621 625 631-632 644-645 649 656-657 660 663-665 669 674-675 679 684 688 691 693-694 "
        "730-731 770-789"
    ),
    "Inwi": _spans("600-609 626-627 629-630 633-635 638 640 646-647 680-681 687 690 695 698-728"),
    "Al Hourria Telecom": _spans("692"),
}
OPERATORS: Final = tuple(MOBILE_RANGES)

# Geographic ranges as seven-digit E.164 prefixes (2125220).
FIXED_RANGES: Final = _spans(
    "5180-5189 5200-5229 5231-5235 5237-5238 5240 5242-5244 5246-5248 5250-5280 5282-5283 5285-5350 5352-5360 "
    "5362-5368 5370-5381 5384-5389 5393-5400 5460 5470 5490 5500 5530"
)

_OPERATOR_BY_RANGE: Final = {prefix: operator for operator, ranges in MOBILE_RANGES.items() for prefix in ranges}


def operator_of(msisdn: str) -> str | None:
    """The operator to whom the range of a mobile number in E.164 digits was allocated; None for any other number."""
    return _OPERATOR_BY_RANGE.get(msisdn[:6])


def _valid_national() -> str:
    r"""One regular expression of every type of number that the metadata of region MA knows.

    Without look-around, back-references or `\d`, so that RE2, Rust, Java and Python read it alike. A type's pattern
    lies within the general one (a test compares with `phonenumbers`), so the union of the types decides.
    """
    metadata = PhoneMetadata.metadata_for_region("MA")
    if metadata is None:
        raise RuntimeError("phonenumbers has no metadata for MA; install the pinned version")
    kinds = (
        metadata.fixed_line,
        metadata.mobile,
        metadata.toll_free,
        metadata.premium_rate,
        metadata.shared_cost,
        metadata.personal_number,
        metadata.voip,
        metadata.pager,
        metadata.uan,
        metadata.voicemail,
    )
    patterns = [kind.national_number_pattern for kind in kinds if kind is not None and kind.national_number_pattern]
    return "(?:" + "|".join(f"(?:{pattern})" for pattern in patterns).replace(r"\d", "[0-9]") + ")"


# Decides whether a national significant number (nine digits, without 0 or 212) is valid; put \A and \z around it.
VALID_MOROCCAN_NATIONAL: Final[str] = _valid_national()
