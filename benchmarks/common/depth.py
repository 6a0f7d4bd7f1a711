"""What the hand-written pipelines rate: the default catalogue's flat rates and unit allowances, and nothing beyond.

Here: the refusal of a tariff that asks for more, and the country of a network abroad. Not here: rating.
"""

from collections.abc import Iterator

import pyarrow as pa

from benchmarks.common.work import Work
from telecom_cdr.facts.serving_countries import CALLING_CODE_BY_MCC


def require_plain_tariff(work: Work) -> None:
    """ValueError when the reference tables ask for what the pipelines leave out."""
    found = list(_beyond(work.tables))
    if found:
        raise ValueError(f"the hand-written pipelines know none of: {', '.join(found)}")


def calling_codes() -> pa.Table:
    """Country calling code of each mobile country code."""
    return pa.table({"mcc": list(CALLING_CODE_BY_MCC), "code": list(CALLING_CODE_BY_MCC.values())})


def _beyond(tables: dict[str, pa.Table]) -> Iterator[str]:
    for table, column, known in (
        ("rates", "model", {"flat"}),
        ("rates", "time_band", {None}),
        ("allowances", "kind", {"units"}),
        ("allowances", "scope", {"subscription"}),
        ("rate_plans", "prorate", {False}),
    ):
        for value in set(tables[table][column].to_pylist()) - known:
            yield f"{table}.{column} {value}"
    if tables["number_portability"].num_rows:
        yield "ported numbers"
    if "PLMN" in tables["destinations"]["country_code"].to_pylist():
        yield "destinations of networks"
