"""Numbers written as text: usual forms by a cast, the few others by their digits, once each.

Not here: which numbers are acceptable (`rules`).
"""

from typing import Final

LARGEST: Final = 2**63 - 1
# The usual forms of whole numbers and of volumes.
WHOLE: Final = "[0-9]{1,9}"
MEGABYTES: Final = "[0-9]{1,5}[.][0-9]{1,6}"
_NUMBER: Final = r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,4})?"

# Numbers in unusual forms, by their digits: nothing is rounded before its last step. Slow, and rare.
MACROS: Final = (
    f"number_form(x) AS CASE WHEN regexp_full_match(x, '{_NUMBER}') THEN lower(x) END",
    "number_digits(x) AS ltrim(replace(split_part(number_form(x), 'e', 1), '.', ''), '-0')",
    "number_coefficient(x) AS CASE WHEN len(rtrim(number_digits(x), '0')) <= 15 THEN rtrim(number_digits(x), '0') END",
    """number_shift(x) AS coalesce(TRY_CAST(replace(split_part(number_form(x), 'e', 2), '+', '') AS INTEGER), 0)
        + len(number_digits(x)) - len(number_coefficient(x))
        - len(split_part(split_part(number_form(x), 'e', 1), '.', 2))""",
    "is_negative_number(x) AS coalesce(starts_with(number_form(x), '-') AND number_coefficient(x) != '', false)",
    f"""number_size(c, shift) AS CASE WHEN c = '' THEN 0
        WHEN len(c) + shift > 19 THEN {LARGEST}
        WHEN shift >= 0 THEN least(c::HUGEINT * ('1' || repeat('0', shift::BIGINT))::HUGEINT, {LARGEST})
        WHEN shift < -16 THEN 0
        ELSE half_up(c::HUGEINT, ('1' || repeat('0', -shift::BIGINT))::HUGEINT) END""",
    """number_in_units(x, places) AS (CASE WHEN is_negative_number(x) THEN -1 ELSE 1 END
        * number_size(number_coefficient(x), number_shift(x) + places))::BIGINT""",
    """whole_number(x) AS CASE WHEN number_coefficient(x) = '' OR number_shift(x) >= 0
        THEN number_in_units(x, 0) END""",
)


def unusual_query(raw: str) -> str:
    """Each number that is not in its usual form, once, as a whole number and in millionths."""
    forms = {"duration_sec": WHOLE, "session_duration_sec": WHOLE, "sequence_number": WHOLE}
    written = " UNION ".join(
        f"SELECT {name} AS written FROM {raw} WHERE NOT regexp_full_match({name}, '{form}')"
        for name, form in {**forms, "data_volume_mb": MEGABYTES}.items()
    )
    return f"""
        SELECT written, whole_number(written) AS whole, number_in_units(written, 6) AS millionths,
            is_negative_number(written) AS is_negative
        FROM ({written})
    """


def unless_usual(text: str, form: str) -> str:
    """A text that is not in its usual form; null for one that is."""
    return f"CASE WHEN NOT regexp_full_match({text}, '{form}') THEN {text} END"
