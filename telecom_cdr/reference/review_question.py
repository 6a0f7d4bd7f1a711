"""The shape of a question that a review asks, and the words that queries share."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Question:
    """A query that gives `line` and `problem` of each finding in `<file>`, and what to do about all of them."""

    subject: str
    file: str
    query: str
    advice: str
    is_error: bool = False


def named(rate: str) -> str:
    """SQL text that names the price of a rate: `P1 VOICE, zone MA, band PEAK`."""
    return (
        f"({rate}.plan_code || ' ' || {rate}.product_code || coalesce(', zone ' || {rate}.zone, '') "
        f"|| coalesce(', band ' || {rate}.time_band, ''))"
    )


# Shown of a long list.
SOME: Final = 5
