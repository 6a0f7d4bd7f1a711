"""The check factory: one group of checks a table, made from its declaration and its stages.

Partitioned checks are a preview feature of Dagster 1.13: they are made here and nowhere else, so that one filter
of its warning is enough.
"""

import json
import warnings
from collections.abc import Iterator

from dagster import (
    AssetCheckExecutionContext,
    AssetCheckResult,
    AssetChecksDefinition,
    AssetCheckSeverity,
    AssetCheckSpec,
    multi_asset_check,
)
from dagster_shared.utils.warnings import PreviewWarning

from telecom_cdr.defs.describe import key
from telecom_cdr.defs.partitions import BILLING_MONTHS
from telecom_cdr.defs.resources import LakeResource
from telecom_cdr.lakehouse import verdicts
from telecom_cdr.lakehouse.month_checks import Outcome, blocking_checks, warning_checks
from telecom_cdr.tables.model import Table
from telecom_cdr.tables.raw import CDRS


def checks_for(table: Table) -> AssetChecksDefinition:
    """The checks of a monthly table. Those that block record their verdict on exactly what the month holds."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PreviewWarning)
        specs = [
            AssetCheckSpec(
                name,
                asset=key(table),
                blocking=name not in warning_checks(table),
                partitions_def=BILLING_MONTHS,
                description=describe(name),
            )
            for name in (*blocking_checks(table), *warning_checks(table))
        ]

        @multi_asset_check(name=f"check_{table.layer}_{table.name}", specs=specs)
        def check(context: AssetCheckExecutionContext, lake: LakeResource) -> Iterator[AssetCheckResult]:
            month = context.partition_key
            for outcome in (*check_and_record(lake, table, month), *lake.checker(month).warnings(table)):
                only_warns = outcome.check_name in warning_checks(table)
                yield AssetCheckResult(
                    asset_key=key(table),
                    check_name=outcome.check_name,
                    passed=outcome.is_passed,
                    severity=AssetCheckSeverity.WARN if only_warns else AssetCheckSeverity.ERROR,
                    metadata={name: str(value) for name, value in outcome.figures.items()},
                    description=None if outcome.is_passed else json.dumps(dict(outcome.figures), default=str),
                )

    return check


def check_and_record(lake: LakeResource, table: Table, month: str) -> list[Outcome]:
    """Run a table's blocking checks of one month and keep the verdicts."""
    # Raw itself is checked as it is now; the month made from it is compared with what it was made from.
    checker = lake.checker(month, has_raw_as_read=table is not CDRS)
    outcomes = checker.outcomes(table)
    verdicts.record(
        lake.lake.catalog,
        [
            verdicts.Verdict(outcome.month, outcome.check_name, outcome.is_passed, outcome.figures)
            for outcome in (*outcomes, checker.control_totals(table))
        ],
        now=lake.now(),
    )
    return outcomes


def describe(check_name: str) -> str:
    """What a check asks, for people."""
    return {
        "schema": "The columns are the declared ones and every row is of the month.",
        "key_is_unique": "No key has two rows.",
        "not_null": "No required value is missing.",
        "allowed_values": "Only declared values occur.",
        "minimum": "No number is below its minimum.",
        "foreign_keys": "What a row refers to exists in the reference data.",
        "charges_are_explained": "Every charge follows from its own row: units, rate, minimum, maximum, rounding.",
        "lines_are_explained": "Every invoice is the sum of its lines, and its tax follows from them.",
        "raw_to_mediated": "Every raw record is in exactly one mediated table.",
        "mediated_to_rated": "Records, seconds and bytes: mediated = rated + unrated.",
        "rated_to_payment": "Every rated event is postpaid or prepaid.",
        "rated_to_lines": "Postpaid charges = usage lines before rounding and discounts.",
        "lines_to_invoices": "The sum of the lines is the sum of the invoices.",
        "net_and_tax_to_total": "Net and tax make the total.",
        "sessions_are_complete": "The parts of every session follow each other, from the first to the last.",
        "prepaid": "Prepaid charges are in the reports and in no invoice.",
        "lines_to_reports": "The reports show what the lines say.",
    }[check_name]
