"""How the model reads numbers, of things and of people."""

from decimal import Decimal
from fractions import Fraction

import pytest

from telecom_cdr_tests.exact_model.numbers import (
    classify,
    is_called_number,
    is_served_number,
    read_integer,
    read_number,
    read_phone_number,
    round_half_up,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("10", 10),
        ("10.0", 10),
        ("1e1", 10),
        ("1E+01", 10),
        ("0010", 10),
        ("-0", 0),
        ("100000e-5", 1),
        ("1.5", None),
        ("123456789012345", 123456789012345),
        ("1234567890123450", 1234567890123450),
        ("1234567890123456", None),
        ("1_000", None),
        (" 1", None),
        ("+1", None),
        (".5", None),
        ("1.", None),
        ("\uff11", None),
        ("NaN", None),
        ("1e12345", None),
    ],
)
def test_an_integer_is_judged_by_its_form_and_value(text: str, value: int | None) -> None:
    assert read_integer(text) == value


def test_exponents_are_expanded_exactly() -> None:
    assert read_number("1e-06") == Fraction(1, 1_000_000)
    assert read_number("0.1") == Fraction(1, 10)


@pytest.mark.parametrize(
    ("value", "places", "rounded"),
    [("0.005", 2, "0.01"), ("-0.005", 2, "-0.01"), ("0.0049", 2, "0.00"), ("16.665", 2, "16.67"), ("2.5", 0, "3")],
)
def test_halves_are_rounded_away_from_zero(value: str, places: int, rounded: str) -> None:
    assert str(round_half_up(Decimal(value), places)) == rounded


@pytest.mark.parametrize(
    ("text", "digits", "is_served", "traffic_class", "number_range"),
    [
        ("212612345678", "212612345678", True, "offnet", "212612"),
        ("+212 661-345.678", "212661345678", True, "onnet", "212661"),
        ("0661345678", "212661345678", True, "onnet", "212661"),
        ("00212 (661) 345678", "212661345678", True, "onnet", "212661"),
        ("661345678", "212661345678", True, "onnet", "212661"),
        ("\uff0b\uff12\uff11\uff12661345678", "212661345678", True, "onnet", "212661"),
        ("212522123456", "212522123456", True, "fixed", "2125"),
        ("212528123456", "212528123456", False, "fixed", "2125"),
        ("212592401234", "212592401234", True, "fixed", "2125"),
        ("212801234567", "212801234567", True, "special", "2128"),
        ("212799999999", "212799999999", False, "offnet", "212799"),
        ("21261234567", "21261234567", False, "offnet", "212612"),
        ("33142685300", "33142685300", False, "international", "33"),
        ("+1 403 555 0123", "14035550123", False, "international", "1"),
        ("150", "150", False, "special", "150"),
    ],
)
def test_numbers_of_people_are_normalised_and_classified(
    text: str, digits: str, is_served: bool, traffic_class: str, number_range: str
) -> None:
    number = read_phone_number(text)
    assert number is not None
    assert number.digits == digits
    assert is_served_number(number) == is_served
    assert is_called_number(number)
    assert classify(number, "Maroc Telecom") == (traffic_class, number_range)


@pytest.mark.parametrize(
    "text", ["", "+", "12", "123456", "0", "+999123456", "+0612345678", "+12345", "1234567890123456", "abc", "06x"]
)
def test_other_texts_cannot_be_called(text: str) -> None:
    number = read_phone_number(text)
    assert number is None or not is_called_number(number)
