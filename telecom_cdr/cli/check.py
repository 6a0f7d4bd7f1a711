"""`telecom-cdr check`: every check of a month, computed anew."""

import json

import typer

from telecom_cdr.cli.arguments import Form, Month, billing_month, open_catalog
from telecom_cdr.cli.console import Format, complain, print_rows, say
from telecom_cdr.errors import LakeError
from telecom_cdr.lakehouse.catalog import Catalog
from telecom_cdr.settings import Settings
from telecom_cdr.tables.assurance import VERDICTS


def check(month: Month, form: Form = Format.TABLE) -> None:
    """Compute every asset check of a month anew. Exit code 1 when one of severity ERROR fails."""
    settings = Settings()
    month = billing_month(month, settings)
    catalog = open_catalog(settings)
    _require_materialised(catalog, month)
    from telecom_cdr.lakehouse.engine import open_session
    from telecom_cdr.lakehouse.lake import Lake
    from telecom_cdr.lakehouse.month_checks import CHECKED, MonthChecker

    with open_session(settings.engine, say) as session:
        checker = MonthChecker(Lake(catalog, session), month)
        outcomes = [outcome for table in CHECKED for outcome in (*checker.outcomes(table), checker.as_written(table))]
        warnings = [warning for table in CHECKED for warning in checker.warnings(table)]
    print_rows(
        ["table", "check", "result", "figures"],
        [
            (
                outcome.month.table.path,
                outcome.check_name,
                "passed" if outcome.is_passed else "warning" if outcome in warnings else "FAILED",
                "" if outcome.is_passed and form is Format.TABLE else json.dumps(dict(outcome.figures), default=str),
            )
            for outcome in (*outcomes, *warnings)
        ],
        form,
    )
    failed = [outcome for outcome in outcomes if not outcome.is_passed]
    warned = [outcome for outcome in warnings if not outcome.is_passed]
    passed_count = len(outcomes) + len(warnings) - len(failed) - len(warned)
    told = f", {len(warned)} warned" if warned else ""
    say(f"{month}: {passed_count} checks passed, {len(failed)} failed{told}")
    for outcome in (*failed, *warned):
        figures = ", ".join(f"{name} {value}" for name, value in outcome.figures.items() if value not in (0, ""))
        complain(f"{outcome.month.table.path}: {outcome.check_name}: {figures}")
    if failed:
        raise typer.Exit(1)


def _require_materialised(catalog: Catalog, month: str) -> None:
    if not catalog.read(VERDICTS, month, ("check_name",)).num_rows:
        raise LakeError(f"{month} was never materialised: run `telecom-cdr run --month {month}`")
