"""Numbers of people as arrays, and the many ways in which networks spell them.

A number is a head (an index into a book of leading digits) and a tail (its last six digits; -1 for a short code).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from telecom_cdr.facts.numbering_plan import HOME_COUNTRY_CODE
from telecom_cdr.sources.generator.calendar import Flags, Ints

SHORT: Final = -1

# Digits before the last six, and how often they are called: mobile ranges where Moroccans call most.
FOREIGN_HEADS: Final[dict[str, float]] = {
    "33612": 14,
    "33755": 8,
    "34612": 8,
    "34655": 6,
    "39340": 5,
    "39328": 4,
    "32475": 4,
    "31612": 4,
    "4915123": 4,
    "447400": 3,
    "15145": 2,
    "12125": 2,
    "971501": 2,
    "966505": 3,
    "97455": 1,
    "905321": 2,
    "213550": 3,
    "21698": 2,
    "221771": 2,
    "2250707": 1,
    "201001": 2,
    "22246": 1,
    "8613812": 1,
    "41791": 1,
}
SHORT_CODES: Final[dict[str, float]] = {
    "190": 2,
    "177": 1,
    "150": 2,
    "112": 1,
    "777": 5,
    "888": 4,
    "555": 3,
    "2323": 2,
    "4040": 2,
    "5757": 1,
}

_FULL_WIDTH: Final = str.maketrans("+0123456789", "\uff0b\uff10\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19")
_SEPARATORS: Final = ("", " ", "-", ".", "\u00a0")
_SEPARATOR_SHARES: Final = (0.955, 0.025, 0.010, 0.006, 0.004)
_FORM_SHARES: Final = (0.42, 0.28, 0.17, 0.11, 0.017, 0.003)
_FULL_WIDTH_FORM: Final = 5
_THREE_DIGITS: Final = [f"{value:03d}" for value in range(1000)]
_NOTHING: Final = 1000
# Index 0..999: three digits; 1000: nothing; 1001..2000: three full-width digits.
GROUPS: Final = pa.array([*_THREE_DIGITS, "", *(digits.translate(_FULL_WIDTH) for digits in _THREE_DIGITS)])


@dataclass(frozen=True)
class Numbers:
    """Numbers as two arrays of equal length."""

    head: Ints
    tail: Ints

    def take(self, index: Ints) -> "Numbers":
        """The numbers at the given positions."""
        return Numbers(self.head[index], self.tail[index])

    def replaced(self, where: Flags, others: "Numbers") -> "Numbers":
        """The same with others, given one by one, where the flag is set."""
        head, tail = self.head.copy(), self.tail.copy()
        head[where], tail[where] = others.head, others.tail
        return Numbers(head, tail)


def shares(rng: np.random.Generator, weights: tuple[float, ...], count: int) -> Ints:
    """Draw `count` indices by weight."""
    edges = np.cumsum(np.asarray(weights, np.float64))
    drawn: Ints = np.searchsorted(edges, rng.random(count) * edges[-1], side="right").astype(np.int64)
    return np.minimum(drawn, len(weights) - 1)


def _forms(head: str) -> tuple[str, ...]:
    """The spellings of the leading digits: six, some of them equal where a form would be misread."""
    if head.startswith(HOME_COUNTRY_CODE) and len(head) == 6:
        national = head[3:]
        return (
            *(f"0{national}", f"212{national}", f"+212{national}", f"00212{national}", national),
            f"0{national}".translate(_FULL_WIDTH),
        )
    if len(head) <= 4 and head in SHORT_CODES:
        return (head,) * 6
    # Bare digits are read as international from ten digits on.
    bare = head if len(head) >= 4 else f"+{head}"
    return (f"00{head}", bare, f"+{head}", f"00{head}", f"+{head}", f"+{head}".translate(_FULL_WIDTH))


class NumberBook:
    """The heads in use, each with an index that the arrays carry."""

    def __init__(self) -> None:
        self._index: dict[str, int] = {}

    def head(self, digits: str) -> int:
        """Index of the leading digits (six of a Moroccan number), entered on first use."""
        return self._index.setdefault(digits, len(self._index))

    def heads(self, digits: list[str]) -> Ints:
        """Indices of several heads."""
        return np.array([self.head(each) for each in digits], np.int64)

    def spell(self, rng: np.random.Generator, numbers: Numbers) -> pa.StringArray:
        """The numbers as networks write them: national, international, spaced, dashed, full-width."""
        table = pa.array([form for head in self._index for form in _forms(head)], pa.string())
        count = len(numbers.head)
        form = shares(rng, _FORM_SHARES, count)
        separator = shares(rng, _SEPARATOR_SHARES, count)
        is_short = numbers.tail == SHORT
        separator[is_short] = 0
        width = np.where(form == _FULL_WIDTH_FORM, _NOTHING + 1, 0)
        middle = np.where(is_short, _NOTHING, numbers.tail // 1000 + width)
        last = np.where(is_short, _NOTHING, numbers.tail % 1000 + width)
        separators = pa.array(_SEPARATORS).take(pa.array(separator))
        return pc.binary_join_element_wise(
            table.take(pa.array(numbers.head * len(_FORM_SHARES) + form)),
            separators,
            GROUPS.take(pa.array(middle)),
            separators,
            GROUPS.take(pa.array(last)),
            "",
        )
