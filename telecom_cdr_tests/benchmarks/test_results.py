"""Figures are medians, ratios are to DuckDB at the same size, and a failed system stays in the table."""

from benchmarks.common.work import INGEST, RATE
from benchmarks.growth import as_markdown as growth_as_markdown
from benchmarks.measure import Measured
from benchmarks.names import DUCKDB, POLARS, PRODUCT
from benchmarks.results import as_markdown, figures_of


def _run(wall: float, **phases: float) -> tuple[Measured, dict[str, float]]:
    return Measured(0, wall, wall * 2, int(wall) << 20), phases


def test_figures_are_medians_of_the_runs() -> None:
    figures = figures_of(PRODUCT, 900, [_run(9.0, ingest=1.0), _run(3.0, ingest=2.0), _run(4.0, ingest=7.0)])
    assert (figures.wall_seconds, figures.cpu_seconds, figures.peak_bytes) == (4.0, 8.0, 4 << 20)
    assert figures.phases[INGEST] == 2.0
    assert figures.phases[RATE] == 0.0
    assert figures.other_seconds == 2.0
    assert figures.records_per_second == 225.0


def test_the_ratio_is_to_duckdb_at_the_same_size() -> None:
    table = as_markdown(
        [
            figures_of(PRODUCT, 100, [_run(3.0)]),
            figures_of(DUCKDB, 100, [_run(2.0)]),
            figures_of(PRODUCT, 200, [_run(3.0)]),
            figures_of(DUCKDB, 200, [_run(4.0)]),
        ]
    )
    ratios = [line.split("|")[-2].strip() for line in table.splitlines()[2:]]
    assert ratios == ["1.50", "1.00", "0.75", "1.00"]


def test_a_failed_system_is_named_and_gives_no_ratio() -> None:
    failed: tuple[Measured, dict[str, float]] = (Measured(-9, 1.0, 1.0, 1, "Killed"), {})
    table = as_markdown([figures_of(POLARS, 100, [failed]), figures_of(DUCKDB, 100, [failed])])
    assert [line.split("|")[3].strip() for line in table.splitlines()[2:]] == ["failed", "failed"]
    assert "Killed" in figures_of(POLARS, 100, [failed]).failure


def test_growth_is_the_month_again_over_the_full_month() -> None:
    parts = {
        f"{name}, {step}": Measured(0, seconds, seconds, 1)
        for (name, step), seconds in {
            ("full", "ingest"): 10.0,
            ("full", "run"): 30.0,
            ("1 % more", "ingest"): 1.0,
            ("1 % more", "run"): 9.0,
        }.items()
    }
    assert growth_as_markdown(1000, parts).splitlines()[-1] == "| ratio | 10% | 30% | 25% |"
