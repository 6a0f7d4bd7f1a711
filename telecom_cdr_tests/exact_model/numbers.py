"""Numbers in text, money, and the numbers of people."""

import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import phonenumbers

_NUMBER = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]{1,4}))?")
_MOST_DIGITS = 15
_SEPARATORS = " \t\u00a0.-()"
# As text, for 061 is not 61.
_COUNTRY_CODES = {str(code) for code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE}
_FULL_WIDTH = {0xFF10 + digit: str(digit) for digit in range(10)} | {0xFF0B: "+"}

# National ranges of mobile numbers, by the operator they were allotted to.
_OPERATORS = {
    "Maroc Telecom": "610 611 613 615 616 618 622 623 624 628 636 637 639 641 642 643 648 650 651 652 653 654 655 658 "
    "659 661 662 666 667 668 670 671 672 673 676 677 678 682 689 696 697 750 751 752 753 754 755 760 761 762 763 764 "
    "765 766 767 768 769",
    "Orange": "612 614 617 619 620 621 625 631 632 644 645 649 656 657 660 663 664 665 669 674 675 679 684 688 691 693 "
    "694 730 731 770 771 772 773 774 775 776 777 778 779 780 781 782 783 784 785 786 787 788 789",
    "Inwi": "600 601 602 603 604 605 606 607 608 609 626 627 629 630 633 634 635 638 640 646 647 680 681 687 690 695 "
    "698 699 700 701 702 703 704 705 706 707 708 709 710 711 712 713 714 715 716 717 718 719 720 721 722 723 724 725 "
    "726 727 728",
    "Al Hourria Telecom": "692",
}


@dataclass(frozen=True)
class PhoneNumber:
    """A number of a person: E.164 digits, or a short code as dialled."""

    digits: str
    is_short_code: bool


def round_half_up(value: Fraction | Decimal, places: int) -> Decimal:
    """Round once to `places` decimals, halves away from zero."""
    scaled = Fraction(value) * 10**places
    size = (abs(scaled) * 2 + 1) // 2
    whole = -int(size) if scaled < 0 else int(size)
    return Decimal(whole).scaleb(-places)


def read_number(text: str) -> Fraction | None:
    """The exact value of a number in text; None when it is none, or has more than 15 significant digits."""
    form = _NUMBER.fullmatch(text)
    if form is None:
        return None
    sign, whole, fraction, exponent = form[1], form[2], form[3] or "", int(form[4] or 0)
    if len((whole + fraction).strip("0")) > _MOST_DIGITS:
        return None
    value = Fraction(int(whole + fraction)) * Fraction(10) ** (exponent - len(fraction))
    return -value if sign else value


def read_integer(text: str) -> int | None:
    """The exact integer in text; `10.0` and `1e1` are ten."""
    value = read_number(text)
    return int(value) if value is not None and value.denominator == 1 else None


def read_phone_number(text: str) -> PhoneNumber | None:
    """The number that was written; None when it follows no known form. Whether it exists is another question."""
    cleaned = text.translate(_FULL_WIDTH).translate(dict.fromkeys(map(ord, _SEPARATORS)))
    plus, digits = cleaned.startswith("+"), cleaned.removeprefix("+")
    if not re.fullmatch("[0-9]+", digits):
        return None
    if plus:
        return PhoneNumber(digits, False)
    if digits.startswith("00"):
        return PhoneNumber(digits[2:], False)
    if digits.startswith("0"):
        return PhoneNumber("212" + digits[1:], False)
    if len(digits) == 9 and digits[0] in "5678":
        return PhoneNumber("212" + digits, False)
    if 10 <= len(digits) <= 15:
        return PhoneNumber(digits, False)
    return PhoneNumber(digits, True) if 3 <= len(digits) <= 5 else None


def read_network(text: str) -> str | None:
    """MCC and MNC as digits, an MCC at least; None when that is not what was written."""
    digits = text.translate(_FULL_WIDTH).translate(dict.fromkeys(map(ord, " \t\u00a0.-/()")))
    return digits if re.fullmatch("[0-9]{3,6}", digits) else None


def is_served_number(number: PhoneNumber) -> bool:
    """Whether the Moroccan numbering plan has the number, whatever its type."""
    national = number.digits.removeprefix("212")
    if number.is_short_code or not number.digits.startswith("212") or len(national) != 9 or national[0] == "0":
        return False
    parsed = phonenumbers.PhoneNumber(country_code=212, national_number=int(national))
    return phonenumbers.is_valid_number_for_region(parsed, "MA")


def is_called_number(number: PhoneNumber) -> bool:
    """Whether the number can be called: a short code, or 7 to 15 digits of a known country."""
    return number.is_short_code or (7 <= len(number.digits) <= 15 and country_code(number.digits) is not None)


def country_code(digits: str) -> str | None:
    """Country calling code that the digits begin with."""
    return next((digits[:length] for length in (1, 2, 3) if digits[:length] in _COUNTRY_CODES), None)


def classify(number: PhoneNumber, home_operator: str) -> tuple[str, str]:
    """Traffic class of a called number, and the range that decided it."""
    digits = number.digits
    if number.is_short_code:
        return "special", digits
    if not digits.startswith("212"):
        return "international", country_code(digits) or ""
    national = digits[3:]
    if national[0] in "67":
        is_home = national[:3] in _OPERATORS.get(home_operator, "").split()
        return ("onnet" if is_home else "offnet"), "212" + national[:3]
    return ("fixed" if national[0] == "5" else "special"), "212" + national[0]
