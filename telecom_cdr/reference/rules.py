"""The shape of a rule about rows, and the rules that follow from the declarations: keys, references, validity.

Here: what holds of every table. Not here: what a tariff means (`rules_tariff`) or a customer (`rules_accounts`).

A rule is a query that gives line, column_name, value and problem of each row it refuses. It sees, for every table:
`<table>`, typed, only rows whose cells are in order; `text_<table>`, all rows, as text.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from telecom_cdr.tables import reference
from telecom_cdr.tables.model import Column, Table
from telecom_cdr.tables.reference import csv_columns
from telecom_cdr.vocabulary import NETWORK_COUNTRY, SHORT_CODE_COUNTRY

_SINCE_EVER: Final = "coalesce(valid_from, DATE '-infinity')"
_NO_END: Final = "coalesce(valid_to, DATE 'infinity')"


@dataclass(frozen=True)
class Rule:
    """A query that gives the refused rows of `<table>.csv`."""

    table: str
    query: str


def declared_rules() -> Iterator[Rule]:
    """Rules that every table's declaration implies."""
    for table in reference.TABLES:
        for column in csv_columns(table):
            yield from _known(table, column)
        if "valid_to" in table.column_names:
            yield Rule(table.name, _EMPTY_RANGE.format(table=table.name))
            yield Rule(table.name, _overlaps(table))
        else:
            yield Rule(table.name, _repeated(table))


def _known(table: Table, column: Column) -> Iterator[Rule]:
    target = next((one for one in reference.TABLES if one.path == column.references), None)
    key = target.key[0] if target else column.name
    if column.name == "zone" and table is not reference.DESTINATIONS:
        target = reference.DESTINATIONS
    if target:
        yield Rule(
            table.name,
            f"""SELECT line, '{column.name}' AS column_name, {column.name} AS value,
                'is unknown in {target.name}.csv: add it there, or mend it here' AS problem
            FROM text_{table.name}
            WHERE {column.name} IS NOT NULL
                AND {column.name} NOT IN (SELECT {key} FROM text_{target.name} WHERE {key} IS NOT NULL)""",
        )


_EMPTY_RANGE: Final = """
    SELECT line, 'valid_to' AS column_name, CAST(valid_to AS varchar) AS value,
        'is not after valid_from: the range ends the day before valid_to' AS problem
    FROM {table} WHERE valid_to <= valid_from"""


def _overlaps(table: Table) -> str:
    names = [name for name in table.key if name != "valid_from"]
    keys = list(names)
    if table is reference.DESTINATIONS:
        # Short codes, networks and prefixes of numbers never match the same; two countries with one prefix do.
        names = ["prefix"]
        keys = [
            "prefix",
            f"CASE WHEN country_code IN ('{SHORT_CODE_COUNTRY}', '{NETWORK_COUNTRY}') THEN country_code END",
        ]
    return f"""
        WITH ranges AS (
            SELECT line, valid_from, {_SINCE_EVER} AS begins, max({_NO_END}) OVER earlier AS ends,
                arg_max(line, {_NO_END}) OVER earlier AS other
            FROM {table.name} WHERE {_SINCE_EVER} < {_NO_END}
            WINDOW earlier AS (
                PARTITION BY {", ".join(keys)} ORDER BY {_SINCE_EVER}, line
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
        )
        SELECT greatest(line, other) AS line, 'valid_from' AS column_name,
            (SELECT coalesce(text.valid_from, '') FROM text_{table.name} AS text
             WHERE text.line = greatest(ranges.line, other)) AS value,
            'overlaps line ' || least(line, other) || ' of the same {", ".join(names)}: end one before the other begins'
                AS problem
        FROM ranges WHERE begins < ends"""


def _repeated(table: Table) -> str:
    keys = ", ".join(table.key)
    return f"""
        SELECT line, '{table.key[-1]}' AS column_name, coalesce(CAST({table.key[-1]} AS varchar), '') AS value,
            'repeats line ' || min(line) OVER same || ', the same {keys}: remove one' AS problem
        FROM {table.name}
        WINDOW same AS (PARTITION BY {keys})
        QUALIFY line > min(line) OVER same"""
