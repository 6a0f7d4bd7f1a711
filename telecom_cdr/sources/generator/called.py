"""Whom subscribers call and write to: the kinds of numbers and how they are drawn."""

from collections.abc import Callable
from functools import partial
from typing import Final

import numpy as np

from telecom_cdr.errors import InputError
from telecom_cdr.facts.numbering_plan import FIXED_RANGES, MOBILE_RANGES
from telecom_cdr.facts.people import MoroccoProvider
from telecom_cdr.sources.generator.calendar import Ints
from telecom_cdr.sources.generator.numbers import FOREIGN_HEADS, SHORT, SHORT_CODES, NumberBook, Numbers, shares
from telecom_cdr.sources.generator.subscribers import Population, split_numbers
from telecom_cdr.vocabulary import RecordType

# Shares of: subscribers of the table, other numbers of the home operator, of others, fixed, abroad, short codes.
_KIND_SHARES: Final = {
    RecordType.VOICE: (0.30, 0.24, 0.26, 0.08, 0.08, 0.04),
    RecordType.SMS: (0.32, 0.26, 0.30, 0.00, 0.07, 0.05),
}
_MILLION: Final = 1_000_000


class Directory:
    """The numbers that can be called, and those of callers whom nobody knows."""

    def __init__(self, population: Population, home_operator: str, book: NumberBook) -> None:
        if home_operator not in MOBILE_RANGES:
            raise InputError(f"home operator {home_operator!r} is unknown; it is one of: {', '.join(MOBILE_RANGES)}")
        others = [each for operator, ranges in MOBILE_RANGES.items() if operator != home_operator for each in ranges]
        self._population = population
        self._fixed = book.heads([prefix[:6] for prefix in FIXED_RANGES])
        self._fixed_digit = np.array([int(prefix[6]) for prefix in FIXED_RANGES], np.int64)
        self._foreign = book.heads(list(FOREIGN_HEADS))
        self._special = book.heads(list(SHORT_CODES))
        self._book = book
        self._home_operator = home_operator
        self._drawers: tuple[Callable[[np.random.Generator, int], Numbers], ...] = (
            self.subscribers,
            partial(self._mobile, book.heads(list(MOBILE_RANGES[home_operator]))),
            partial(self._mobile, book.heads(others)),
            self._fixed_line,
            self._abroad,
            self._short_code,
        )

    def strangers(self, people: MoroccoProvider) -> Numbers:
        """A few valid numbers of the home operator that no subscription has."""
        wanted = max(1, len(self._population.known) // 200)
        drawn: dict[str, None] = {}
        while len(drawn) < wanted:
            msisdn = people.moroccan_msisdn(self._home_operator)
            if msisdn not in self._population.known:
                drawn[msisdn] = None
        return split_numbers(list(drawn), self._book)

    def subscribers(self, rng: np.random.Generator, count: int) -> Numbers:
        """Numbers of subscribers, each as likely as another."""
        return self._population.numbers.take(rng.integers(0, self._population.size, count))

    def called(self, rng: np.random.Generator, record_type: RecordType, count: int) -> Numbers:
        """Called numbers of `count` calls or messages."""
        kind = shares(rng, _KIND_SHARES[record_type], count)
        numbers = Numbers(np.zeros(count, np.int64), np.zeros(count, np.int64))
        for wanted, draw in enumerate(self._drawers):
            is_wanted = kind == wanted
            numbers = numbers.replaced(is_wanted, draw(rng, int(is_wanted.sum())))
        return numbers

    def _mobile(self, heads: Ints, rng: np.random.Generator, count: int) -> Numbers:
        return Numbers(heads[rng.integers(0, len(heads), count)], rng.integers(0, _MILLION, count))

    def _fixed_line(self, rng: np.random.Generator, count: int) -> Numbers:
        line = rng.integers(0, len(FIXED_RANGES), count)
        return Numbers(self._fixed[line], self._fixed_digit[line] * 100_000 + rng.integers(0, 100_000, count))

    def _abroad(self, rng: np.random.Generator, count: int) -> Numbers:
        heads = self._foreign[shares(rng, tuple(FOREIGN_HEADS.values()), count)]
        return Numbers(heads, rng.integers(0, _MILLION, count))

    def _short_code(self, rng: np.random.Generator, count: int) -> Numbers:
        return Numbers(self._special[shares(rng, tuple(SHORT_CODES.values()), count)], np.full(count, SHORT, np.int64))
