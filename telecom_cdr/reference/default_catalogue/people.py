"""Made-up Moroccan names, companies, addresses and mobile numbers: a Faker provider."""

from typing import Final

from faker.providers import BaseProvider

from telecom_cdr.facts.numbering_plan import MOBILE_RANGES
from telecom_cdr.facts.regions import POPULATION_BY_REGION


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_FIRST_NAMES: Final = _words(
    "Mohammed Ahmed Youssef Hamza Omar Ayoub Mehdi Anas Zakaria Ilyas Othmane Reda Soufiane Abdellah Rachid "
    "Khalid Said Hassan Mustapha Karim Nabil Hicham Jamal Driss Brahim Lahcen Adil Tarik Yassine Bilal Fatima "
    "Khadija Aicha Zineb Salma Imane Meryem Hajar Sara Nadia Samira Latifa Naima Houda Ghita Kenza Loubna "
    "Asmae Ikram Soukaina Chaimae Oumaima Hanane Malika Rajae Siham Amina Yasmine Dounia Hind"
)
_LAST_NAMES: Final = _words(
    "Alaoui Bennani Benjelloun Tazi Fassi Idrissi Berrada Lahlou Chraibi Sqalli Kettani Guessous Benkirane "
    "Bouzidi Amrani Tahiri Ziani Naciri Cherkaoui Filali Mansouri Hamdaoui Belhaj Ouazzani Saidi Rachidi "
    "Haddad Bouazza Lamrani Mernissi Daoudi Zerouali Hajji Sabri Rami Ouali Amghar Aziz Boukhari Skalli Kabbaj "
    "Kadiri Laaroussi Zahidi Benali Bouhaddou Ait-Ali Ouhbi Jabri Moutawakil"
)
_COMPANY_WORDS: Final = _words("Atlas Rif Souss Maghreb Sahara Toubkal Oasis Medina Andalous Ourika Zellige Safran")
_TRADES: Final = _words("Transport Conseil Textile Agro Negoce Logistique Services Immobilier Technologies Pharma")
_STREETS: Final = (
    "Rue Ibn Sina",
    "Avenue Hassan II",
    "Boulevard Mohammed V",
    "Rue Al Massira",
    "Avenue des FAR",
    "Rue Oued Sebou",
    "Boulevard Zerktouni",
    "Rue Al Andalous",
    "Avenue Moulay Ismail",
    "Rue de Fes",
)
_CITIES: Final = {
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


class MoroccanProvider(BaseProvider):
    """Everything is drawn from the generator's own random source, so a seed gives the same people always."""

    def person(self) -> str:
        """A first and a last name."""
        return f"{self.random_element(_FIRST_NAMES)} {self.random_element(_LAST_NAMES)}"

    def business(self) -> str:
        """The name of a company."""
        return f"{self.random_element(_COMPANY_WORDS)} {self.random_element(_TRADES)} SARL"

    def region(self) -> str:
        """A region, as likely as its share of the population."""
        return str(self.generator.random.choices([*POPULATION_BY_REGION], [*POPULATION_BY_REGION.values()])[0])

    def address_in(self, region: str) -> str:
        """A street address in a city of the region."""
        number = self.random_int(1, 180)
        return f"{number}, {self.random_element(_STREETS)}, {self.random_element(_CITIES[region])}"

    def mobile_number(self, operator: str) -> str:
        """A valid mobile number in E.164 digits, from the ranges first given to the operator."""
        return f"{self.random_element(MOBILE_RANGES[operator])}{self.random_int(0, 999_999):06d}"
