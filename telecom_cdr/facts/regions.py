"""The regions of Morocco: their population, and which region a cell stands in.

Population is that of the census of 2024. Constants and one lookup; not here: anything about one operator's network.
"""

from typing import Final

UNKNOWN_REGION: Final = "UNKNOWN"

POPULATION_BY_REGION: Final[dict[str, int]] = {
    "Tanger-Tétouan-Al Hoceïma": 4_030_222,
    "Oriental": 2_294_665,
    "Fès-Meknès": 4_467_911,
    "Rabat-Salé-Kénitra": 5_132_639,
    "Béni Mellal-Khénifra": 2_525_801,
    "Casablanca-Settat": 7_688_967,
    "Marrakech-Safi": 4_892_393,
    "Drâa-Tafilalet": 1_655_623,
    "Souss-Massa": 3_020_431,
    "Guelmim-Oued Noun": 448_685,
    "Laâyoune-Sakia El Hamra": 451_028,
    "Dakhla-Oued Ed-Dahab": 219_965,
}

# City as it stands in front of the underscore of a cell_id (`CASABLANCA_07`) -> region. Every region has a city.
REGION_BY_CITY: Final[dict[str, str]] = {
    "AGADIR": "Souss-Massa",
    "ALHOCEIMA": "Tanger-Tétouan-Al Hoceïma",
    "CASABLANCA": "Casablanca-Settat",
    "DAKHLA": "Dakhla-Oued Ed-Dahab",
    "ELJADIDA": "Casablanca-Settat",
    "ERRACHIDIA": "Drâa-Tafilalet",
    "FES": "Fès-Meknès",
    "GUELMIM": "Guelmim-Oued Noun",
    "KENITRA": "Rabat-Salé-Kénitra",
    "KHOURIBGA": "Béni Mellal-Khénifra",
    "LAAYOUNE": "Laâyoune-Sakia El Hamra",
    "MARRAKECH": "Marrakech-Safi",
    "MEKNES": "Fès-Meknès",
    "NADOR": "Oriental",
    "OUARZAZATE": "Drâa-Tafilalet",
    "OUJDA": "Oriental",
    "RABAT": "Rabat-Salé-Kénitra",
    "SAFI": "Marrakech-Safi",
    "TANGER": "Tanger-Tétouan-Al Hoceïma",
    "TAZA": "Fès-Meknès",
    "TETOUAN": "Tanger-Tétouan-Al Hoceïma",
}


def region_of_cell(cell_id: str | None) -> str:
    """The region of a cell `CITY_NN`, or UNKNOWN_REGION for a missing cell or an unlisted city."""
    city, separator, _ = (cell_id or "").partition("_")
    return REGION_BY_CITY.get(city, UNKNOWN_REGION) if separator else UNKNOWN_REGION
