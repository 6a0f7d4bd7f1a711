"""Moroccan people for Faker: names and valid mobile numbers of an operator. Invented, nobody in particular."""

from collections import OrderedDict
from typing import Final

from faker.providers import BaseProvider

from telecom_cdr.facts.numbering_plan import MOBILE_RANGES, OPERATORS

FEMALE_NAMES: Final = (
    *("Fatima", "Khadija", "Aicha", "Zineb", "Salma", "Meryem", "Nadia", "Hajar", "Imane", "Sanae"),
    *("Loubna", "Ghita", "Samira", "Naima", "Karima", "Houda", "Asmae", "Ikram", "Soukaina", "Chaimae"),
    *("Latifa", "Malika", "Rachida", "Hind", "Yasmine", "Nawal", "Siham", "Btissam", "Wafae", "Rim"),
)
MALE_NAMES: Final = (
    *("Mohammed", "Ahmed", "Youssef", "Hassan", "Omar", "Rachid", "Karim", "Mehdi", "Amine", "Hamza"),
    *("Said", "Abdellah", "Khalid", "Mustapha", "Driss", "Anas", "Ayoub", "Reda", "Zakaria", "Ilyas"),
    *("Brahim", "Jamal", "Noureddine", "Abderrahim", "Tarik", "Samir", "Adil", "Hicham", "Soufiane", "Badr"),
)
FAMILY_NAMES: Final = (
    *("Alaoui", "Bennani", "Benjelloun", "El Fassi", "Tazi", "Berrada", "Idrissi", "Cherkaoui", "El Amrani", "Naciri"),
    *("Chraibi", "Lahlou", "Sebti", "Filali", "Bouzidi", "El Mansouri", "Ouazzani", "Benkirane", "Zniber", "Skalli"),
    *("Ait Ali", "Ait Lahcen", "Oubella", "Amzil", "Tahiri", "Rifai", "Jettou", "Kabbaj", "Mernissi", "El Khattabi"),
    *("Saidi", "Hajji", "Kadiri", "Belhaj", "Ziani", "Sabri", "Mouline", "Daoudi", "El Yousfi", "Bouhaddou"),
)
STREETS: Final = (
    *("Boulevard Mohammed V", "Avenue Hassan II", "Rue Ibn Battouta", "Avenue des FAR", "Rue Al Massira"),
    *("Boulevard Zerktouni", "Avenue Allal El Fassi", "Rue Oued Fès", "Boulevard Anfa", "Avenue Moulay Youssef"),
)
COMPANY_WORDS: Final = ("Atlas", "Rif", "Sahara", "Andalous", "Zagora", "Souss", "Chaouia", "Gharb", "Toubkal", "Ziz")
COMPANY_TRADES: Final = ("Transport", "Négoce", "Conseil", "Textile", "Agro", "Travaux", "Logistique", "Services")


class MoroccoProvider(BaseProvider):
    """Names, addresses and numbers as they are usual in Morocco: `Faker().add_provider(MoroccoProvider)`."""

    def moroccan_name(self) -> str:
        """A first and a family name."""
        first_names = self.random_element((FEMALE_NAMES, MALE_NAMES))
        return f"{self.random_element(first_names)} {self.random_element(FAMILY_NAMES)}"

    def moroccan_company(self) -> str:
        """The name of a firm."""
        form = self.random_element(OrderedDict((("SARL", 0.7), ("SA", 0.3))))
        return f"{self.random_element(COMPANY_WORDS)} {self.random_element(COMPANY_TRADES)} {form}"

    def moroccan_street_address(self) -> str:
        """A house number and a street, without the town."""
        return f"{self.random_int(1, 320)}, {self.random_element(STREETS)}"

    def moroccan_msisdn(self, operator: str | None = None) -> str:
        """A valid mobile number in E.164 digits, of one operator's ranges or, by default, of any."""
        ranges = MOBILE_RANGES[operator or self.random_element(OPERATORS)]
        return f"{self.random_element(ranges)}{self.random_int(0, 999_999):06d}"
