"""Customers and subscriptions of the default catalogue: 2,000 customers with about 2,500 numbers."""

import unicodedata
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final, TypeVar

from faker import Faker

from telecom_cdr.facts.people import MoroccoProvider
from telecom_cdr.facts.regions import POPULATION_BY_REGION
from telecom_cdr.vocabulary import SubscriptionStatus

_SEED: Final = 212
_CUSTOMERS: Final = 2_000
_BUSINESS_PERCENT: Final = 12
_EXEMPT_EVERY: Final = 97
_OPERATORS: Final = ("Maroc Telecom", "Orange", "Inwi")
_OPERATOR_WEIGHTS: Final = (92, 5, 3)
_CONSUMER_PLANS: Final = (
    "SECONDE",
    "CLASSIQUE",
    "FORFAIT_69",
    "FORFAIT_96",
    "ILLIMITE_399",
    "PREPAYE_SECONDE",
    "PREPAYE_PASS",
)
_CONSUMER_WEIGHTS: Final = (14, 8, 16, 12, 5, 25, 20)
_BUSINESS_PLANS: Final = ("ENTREPRISE", "ILLIMITE_399", "CLASSIQUE")
_BUSINESS_WEIGHTS: Final = (75, 15, 10)
_TOWNS: Final[dict[str, tuple[str, ...]]] = {
    "Tanger-Tétouan-Al Hoceïma": ("Tanger", "Tétouan", "Al Hoceïma"),
    "Oriental": ("Oujda", "Nador"),
    "Fès-Meknès": ("Fès", "Meknès", "Taza"),
    "Rabat-Salé-Kénitra": ("Rabat", "Salé", "Kénitra"),
    "Béni Mellal-Khénifra": ("Béni Mellal", "Khouribga"),
    "Casablanca-Settat": ("Casablanca", "Settat", "El Jadida"),
    "Marrakech-Safi": ("Marrakech", "Safi"),
    "Drâa-Tafilalet": ("Errachidia", "Ouarzazate"),
    "Souss-Massa": ("Agadir", "Taroudant"),
    "Guelmim-Oued Noun": ("Guelmim",),
    "Laâyoune-Sakia El Hamra": ("Laâyoune",),
    "Dakhla-Oued Ed-Dahab": ("Dakhla",),
}
# What happens to a number from 2024 on, in percent of the numbers.
_HISTORIES: Final = ("steady", "changes_plan", "is_suspended", "is_terminated", "is_new", "changes_hands")
_HISTORY_WEIGHTS: Final = (84, 6, 3, 3, 3, 1)
_FIRST_DAY: Final = date(2019, 1, 1)
_HISTORY_DAY: Final = date(2024, 1, 1)
_HISTORY_DAYS: Final = 900
Row = dict[str, str]
T = TypeVar("T")


def customers() -> Iterator[Row]:
    """Rows of customers.csv."""
    fake = _faker(0)
    for number in range(1, _CUSTOMERS + 1):
        is_business = _is_business(number)
        name, region = (fake.moroccan_company() if is_business else fake.moroccan_name()), _region(fake)
        yield {
            "customer_id": _customer_id(number),
            "name": name,
            "region": region,
            "segment": "business" if is_business else "consumer",
            "email": f"{_ascii(name)}.{number}@example.com",
            "address": f"{fake.moroccan_street_address()}, {fake.random_element(_TOWNS[region])}",
            "tax_exempt": "true" if number % _EXEMPT_EVERY == 0 else "false",
        }


def subscriptions() -> Iterator[Row]:
    """Rows of subscriptions.csv: every state of every number, by customer and day."""
    fake = _faker(1)
    seen: set[str] = set()
    for number in range(1, _CUSTOMERS + 1):
        counts, weights = ((1, 3, 8), (50, 40, 10)) if _is_business(number) else ((1, 2), (93, 7))
        for _ in range(_choose(fake, counts, weights)):
            operator = _choose(fake, _OPERATORS, _OPERATOR_WEIGHTS)
            msisdn = fake.moroccan_msisdn(operator)
            while msisdn in seen:
                msisdn = fake.moroccan_msisdn(operator)
            seen.add(msisdn)
            yield from _states(fake, number, msisdn)


def _states(fake: Faker, number: int, msisdn: str) -> Iterator[Row]:
    plan, other_plan = _plan(fake, number), _plan(fake, number)
    start = _FIRST_DAY + timedelta(days=fake.random_int(0, 1_750))
    change = _HISTORY_DAY + timedelta(days=fake.random_int(5, _HISTORY_DAYS))
    later = change + timedelta(days=fake.random_int(10, 120))
    active, suspended = SubscriptionStatus.ACTIVE, SubscriptionStatus.SUSPENDED
    match _choose(fake, _HISTORIES, _HISTORY_WEIGHTS):
        case "changes_plan":
            yield _state(number, msisdn, plan, active, start, change)
            yield _state(number, msisdn, other_plan, active, change)
        case "is_suspended":
            yield _state(number, msisdn, plan, active, start, change)
            yield _state(number, msisdn, plan, suspended, change, later)
            yield _state(number, msisdn, plan, active, later)
        case "is_terminated":
            yield _state(number, msisdn, plan, active, start, change)
            yield _state(number, msisdn, plan, SubscriptionStatus.TERMINATED, change)
        case "is_new":
            yield _state(number, msisdn, plan, active, change)
        case "changes_hands":
            yield _state(number, msisdn, plan, active, start, change)
            yield _state(_heir(number), msisdn, other_plan, active, later)
        case _:
            yield _state(number, msisdn, plan, active, start)


def _state(
    number: int, msisdn: str, plan: str, status: SubscriptionStatus, valid_from: date, valid_to: date | None = None
) -> Row:
    return {
        "msisdn": msisdn,
        "customer_id": _customer_id(number),
        "plan_code": plan,
        "status": status,
        "valid_from": valid_from.isoformat(),
        "valid_to": valid_to.isoformat() if valid_to else "",
    }


def _heir(number: int) -> int:
    """A customer of the same kind: a hundred numbers further, for kinds repeat every hundred."""
    return (number + 99) % _CUSTOMERS + 1


def _region(fake: Faker) -> str:
    """A region, as likely as its share of the population."""
    return _choose(fake, tuple(POPULATION_BY_REGION), tuple(POPULATION_BY_REGION.values()))


def _plan(fake: Faker, number: int) -> str:
    if _is_business(number):
        return _choose(fake, _BUSINESS_PLANS, _BUSINESS_WEIGHTS)
    return _choose(fake, _CONSUMER_PLANS, _CONSUMER_WEIGHTS)


def _choose(fake: Faker, values: tuple[T, ...], weights: tuple[int, ...]) -> T:
    chosen: T = fake.random.choices(values, weights)[0]
    return chosen


def _faker(stream: int) -> Faker:
    # A stream for each file: customers stay as they are when subscriptions are made otherwise.
    fake = Faker()
    fake.add_provider(MoroccoProvider)
    fake.seed_instance(_SEED + stream)
    return fake


def _is_business(number: int) -> bool:
    return number % 100 < _BUSINESS_PERCENT


def _customer_id(number: int) -> str:
    return f"C{number:06d}"


def _ascii(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return plain.lower().replace(" ", ".")
