"""Invented people have Moroccan names and valid numbers."""

import phonenumbers
import pytest
from faker import Faker

from telecom_cdr.facts.numbering_plan import OPERATORS, operator_of
from telecom_cdr.facts.people import FAMILY_NAMES, FEMALE_NAMES, MALE_NAMES, MoroccoProvider


@pytest.fixture
def people() -> Faker:
    faker = Faker()
    faker.add_provider(MoroccoProvider)
    faker.seed_instance(1)
    return faker


def test_a_name_is_a_first_and_a_family_name(people: Faker) -> None:
    for _ in range(100):
        first, _, family = people.moroccan_name().partition(" ")
        assert first in FEMALE_NAMES + MALE_NAMES
        assert family in FAMILY_NAMES


@pytest.mark.parametrize("operator", OPERATORS)
def test_a_number_is_a_valid_mobile_number_of_the_operator(people: Faker, operator: str) -> None:
    for _ in range(100):
        msisdn = people.moroccan_msisdn(operator)
        assert operator_of(msisdn) == operator
        number = phonenumbers.parse(f"+{msisdn}")
        assert phonenumbers.is_valid_number(number)
        assert phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.MOBILE


def test_numbers_of_any_operator_are_drawn_without_one(people: Faker) -> None:
    assert {operator_of(people.moroccan_msisdn()) for _ in range(200)} == set(OPERATORS)


def test_a_seed_gives_the_same_people() -> None:
    drawn = []
    for _ in range(2):
        faker = Faker()
        faker.add_provider(MoroccoProvider)
        faker.seed_instance(3)
        drawn.append([faker.moroccan_name(), faker.moroccan_msisdn(), faker.moroccan_company()])
    assert drawn[0] == drawn[1]
