"""`python -m benchmarks`: the command line of the comparison.

Exit codes: 0 done and the same results; 1 a difference, or the product failed; 2 the command line is wrong.
"""

import argparse
import importlib
import os
import sys
from pathlib import Path
from typing import Final

from benchmarks.names import DUCKDB, POLARS, ROOT, SYSTEMS

_WORK: Final = ROOT / "build" / "benchmarks"


def main() -> None:
    """Run one command."""
    arguments = _parser().parse_args()
    sys.exit(0 if arguments.command(arguments) else 1)


def _compare(arguments: argparse.Namespace) -> bool:
    # Inside: a pipeline's process must not pay for what it does not use.
    from benchmarks.compare import Plan, compare

    return compare(
        Plan(
            sizes=tuple(arguments.cdrs),
            work=arguments.work.absolute(),
            systems=tuple(arguments.systems),
            month_count=arguments.months,
            seed=arguments.seed,
            repeat=arguments.repeat,
        )
    )


def _growth(arguments: argparse.Namespace) -> bool:
    from benchmarks.growth import growth

    return growth(arguments.work.absolute(), arguments.cdrs, seed=arguments.seed)


def _profile(arguments: argparse.Namespace) -> bool:
    from benchmarks.profiling import profile

    return profile(arguments.work.absolute(), arguments.cdrs, month_count=arguments.months, seed=arguments.seed)


def _flood(arguments: argparse.Namespace) -> bool:
    from benchmarks.flood import flood

    return flood(arguments.work.absolute(), arguments.messages, seed=arguments.seed)


def _reference(arguments: argparse.Namespace) -> bool:
    from benchmarks.reference import Sizes, reference

    sizes = Sizes(arguments.prefixes, arguments.subscribers, arguments.plans)
    return reference(arguments.work.absolute(), os.environ.get("TELECOM_CDR_DATABASE_URL", ""), sizes)


def _catalogue(arguments: argparse.Namespace) -> bool:
    from benchmarks.catalogue import Sizes, catalogue

    sizes = Sizes(arguments.prefixes, arguments.plans, arguments.cdrs, arguments.repeat)
    return catalogue(arguments.work.absolute(), sizes, seed=arguments.seed)


def _pipeline(arguments: argparse.Namespace) -> bool:
    from benchmarks.common.work import Work

    pipeline = importlib.import_module(f"benchmarks.with_{arguments.system}.pipeline")
    work = Work(arguments.source, arguments.reference, arguments.lake, tuple(arguments.months.split(",")))
    pipeline.run(work).write(arguments.timings)
    return True


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="The product against hand-written code.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    comparison = commands.add_parser("compare", help="run every system on the same data, and compare their results")
    comparison.add_argument("--cdrs", type=int, nargs="+", default=[100_000, 1_000_000], metavar="N")
    comparison.add_argument("--months", type=int, default=1, help="months that the records are spread over")
    comparison.add_argument("--systems", nargs="+", choices=SYSTEMS, default=list(SYSTEMS))
    comparison.add_argument("--repeat", type=int, default=1, help="runs of each system; medians are shown")
    _with_data(comparison)
    comparison.set_defaults(command=_compare)

    growing = commands.add_parser("growth", help="the product's month again after 1 % new records")
    growing.add_argument("--cdrs", type=int, default=1_000_000, metavar="N")
    _with_data(growing)
    growing.set_defaults(command=_growth)

    profiling = commands.add_parser("profile", help="where the product's seconds go, by Dagster step")
    profiling.add_argument("--cdrs", type=int, default=1_000_000, metavar="N")
    profiling.add_argument("--months", type=int, default=1, help="months that the records are spread over")
    _with_data(profiling)
    profiling.set_defaults(command=_profile)

    flooding = commands.add_parser("flood", help="messages through a Kafka broker on this machine into Delta")
    flooding.add_argument("--messages", type=int, default=2_000_000, metavar="N")
    _with_data(flooding)
    flooding.set_defaults(command=_flood)

    loading = commands.add_parser(
        "reference",
        help="a large load of reference data into TELECOM_CDR_DATABASE_URL (SQLite if unset), and its snapshot",
    )
    loading.add_argument("--prefixes", type=int, default=170_000, metavar="N")
    loading.add_argument("--subscribers", type=int, default=100_000, metavar="N")
    loading.add_argument("--plans", type=int, default=50, metavar="N")
    loading.add_argument("--work", type=Path, default=_WORK, metavar="DIR", help="where files and the lake are kept")
    loading.set_defaults(command=_reference)

    networks = commands.add_parser(
        "catalogue", help="a tariff of all networks: its load, and rating by it against the default catalogue"
    )
    networks.add_argument("--prefixes", type=int, default=170_000, metavar="N")
    networks.add_argument("--plans", type=int, default=50, metavar="N")
    networks.add_argument("--cdrs", type=int, default=500_000, metavar="N")
    networks.add_argument("--repeat", type=int, default=3, help="runs by each tariff; medians are shown")
    _with_data(networks)
    networks.set_defaults(command=_catalogue)

    pipeline = commands.add_parser("pipeline", help="run one hand-written pipeline; what `compare` starts")
    pipeline.add_argument("system", choices=(DUCKDB, POLARS))
    for name in ("source", "reference", "lake", "timings"):
        pipeline.add_argument(f"--{name}", type=Path, required=True)
    pipeline.add_argument("--months", required=True, metavar="YYYY-MM,…")
    pipeline.set_defaults(command=_pipeline)
    return parser


def _with_data(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--work", type=Path, default=_WORK, metavar="DIR", help="where data, lakes and results are kept"
    )


if __name__ == "__main__":
    main()
