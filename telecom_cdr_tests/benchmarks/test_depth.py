"""The hand-written pipelines refuse a tariff that they would rate wrongly."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from benchmarks.common.depth import require_plain_tariff
from benchmarks.common.work import Work
from telecom_cdr.cli.demo import catalogue
from telecom_cdr.reference.validation import read_reference


def _work(folder: Path, **changed: dict[str, object]) -> Work:
    """The default catalogue with the first row of some tables changed."""
    for name, rows in read_reference(catalogue()).tables.items():
        listed = rows.to_pylist()
        if name in changed:
            listed = [{**(listed[0] if listed else {}), **changed[name]}, *listed[1:]]
        pq.write_table(rows.from_pylist(listed, rows.schema), folder / f"{name}.parquet")
    return Work(folder, folder, folder, ())


def test_the_default_catalogue_is_theirs(tmp_path: Path) -> None:
    require_plain_tariff(_work(tmp_path))


@pytest.mark.parametrize(
    ("table", "change", "named"),
    [
        ("rates", {"model": "package"}, "rates.model package"),
        ("rates", {"time_band": "PEAK"}, "rates.time_band PEAK"),
        ("allowances", {"kind": "money"}, "allowances.kind money"),
        ("allowances", {"scope": "customer"}, "allowances.scope customer"),
        ("rate_plans", {"prorate": True}, "rate_plans.prorate True"),
        ("number_portability", {"msisdn": "212661000000", "operator": "inwi"}, "ported numbers"),
        ("destinations", {"country_code": "PLMN"}, "destinations of networks"),
    ],
)
def test_what_they_leave_out_is_refused(table: str, change: dict[str, object], named: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=named):
        require_plain_tariff(_work(tmp_path, **{table: change}))
