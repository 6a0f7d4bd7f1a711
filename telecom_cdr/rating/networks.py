"""Networks abroad as what destinations are looked up by: the network itself, else the country that it stands in.

Here: the keys that a serving network has, and those of the prefixes that stand for its country. Not here: the look-up
(`destination`), nor whether an event is served abroad (`mediation/`).
"""

from collections.abc import Sequence
from typing import Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from telecom_cdr.expressions import text
from telecom_cdr.facts.serving_countries import CALLING_CODE_BY_MCC

# They mark the digits of a network, and of its country code, so that they never match a prefix of numbers, nor the
# other way round. A network's own sort behind its country's.
NETWORK_MARK: Final = "@"
COUNTRY_MARK: Final = "="
_READABLE: Final = rf"\A{NETWORK_MARK}[0-9]{{3,6}}\z"
_MCC_LENGTH: Final = 3
# Every run of digits that a calling code begins with.
_BEGINNINGS: Final = sorted(
    {code[:length] for code in CALLING_CODE_BY_MCC.values() for length in range(1, len(code) + 1)}
)


def network_keys(marked: Column, lengths: Sequence[int]) -> list[Column]:
    """The keys of a marked network: its digits cut to the lengths of network prefixes, and its country.

    Null where it has none; all null for what is no MCC and MNC.
    """
    is_readable = marked.rlike(_READABLE)
    own = [
        F.when(is_readable & (F.length(marked) > F.lit(length)), F.substring(marked, 1, length + 1))
        for length in lengths
    ]
    country = F.when(is_readable, F.concat(text(COUNTRY_MARK), F.substring(marked, 2, _MCC_LENGTH)))
    return [key.cast("string") for key in (*own, country)]


def country_prefixes(prefixes: DataFrame) -> DataFrame:
    """Prefixes of numbers that a calling code begins with: one row for each country, the other columns unchanged.

    `_key` is the country's key, `_rank` greater for the longer of two prefixes. `prefixes` has `prefix`.
    """
    countries = [text(f"{mcc}{code}") for mcc, code in CALLING_CODE_BY_MCC.items()]
    matched = (
        prefixes.where(F.col("prefix").isin(*_BEGINNINGS))
        .withColumn("_country", F.explode(F.array(*countries)))
        .where(F.substring(F.col("_country"), _MCC_LENGTH + 1, 15).startswith(F.col("prefix")))
    )
    return matched.withColumns(
        {
            "_key": F.concat(text(COUNTRY_MARK), F.substring(F.col("_country"), 1, _MCC_LENGTH)).cast("string"),
            "_rank": F.concat(text(COUNTRY_MARK), F.col("prefix")).cast("string"),
        }
    ).drop("_country")
