"""What one cell may hold: types, precision, allowed values and patterns, as SQL conditions on its text.

Here: rules that need one cell only, derived from the declaration of the column. Not here: rules of rows (`rules_*`).
Judged by lexical form, in ASCII, before any cast: a cast never decides what is valid.
"""

from collections.abc import Iterator
from typing import Final

import pyarrow as pa

from telecom_cdr.tables.model import Column, Table
from telecom_cdr.tables.reference import csv_columns

# Words that people write for people; everywhere else blanks around a cell would make another key of it.
_FREE_TEXT: Final = frozenset({"name", "address", "email", "description"})
_MSISDN: Final = (
    "[1-9][0-9]{6,14}",
    "is no E.164 number: write 7 to 15 digits with the country code, no + and no 0 before",
)
_CLOCK: Final = "([01][0-9]|2[0-3]):[0-5][0-9]"
_PATTERNS: Final[dict[tuple[str, str], tuple[str, str]]] = {
    ("subscriptions", "msisdn"): _MSISDN,
    ("number_portability", "msisdn"): _MSISDN,
    ("rate_plans", "currency"): ("[A-Z]{3}", "is no ISO 4217 code: write three capitals, such as MAD"),
    ("destinations", "prefix"): (
        "[1-9][0-9]{0,14}",
        "is no prefix: write 1 to 15 digits, country code first, no + and no 0",
    ),
    ("time_bands", "weekdays"): ("[1-7]{1,7}", "are no weekdays: write digits 1 (Monday) to 7, such as 12345"),
    ("time_bands", "start_time"): (_CLOCK, "is no time: write HH:MM, 00:00 to 23:59"),
    ("time_bands", "end_time"): (f"{_CLOCK}|24:00", "is no time: write HH:MM, 00:00 to 24:00"),
}
# Above it, units of one event could leave 64 bits.
_LARGEST_STEP: Final = (
    "1000000000000",
    "is above 10^12 units: write the price for fewer",
)
_MAXIMA: Final[dict[tuple[str, str], tuple[str, str]]] = {
    **{("rates", name): _LARGEST_STEP for name in ("unit_size", "first_increment", "next_increment")},
    ("rate_tiers", "unit_size"): _LARGEST_STEP,
    ("tax_rates", "rate"): ("1", "is above 1: write 0.2 for 20 %"),
    ("discounts", "percent"): ("100", "is above 100: write 10 for 10 %"),
}


def sql_text(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def typed(column: Column) -> str:
    """The cell as its declared type; null when it is none. Only for cells that `problem_of` passes."""
    sql = "varchar" if column.type.arrow == pa.string() else column.type.sql
    return f"TRY_CAST({column.name} AS {sql})"


def problem_of(table: Table, column: Column) -> str:
    """An SQL expression: what is wrong with the cell of this column, null when nothing is."""
    branches = "".join(f" WHEN {bad} THEN {sql_text(problem)}" for bad, problem in _rules(table, column))
    return f"CASE{branches} END" if branches else "NULL"


def cells_query(table: Table, source: str) -> str:
    """A query on the text table `source`: line, column, value and problem of every bad cell."""
    return " UNION ALL ".join(
        f"SELECT line, {sql_text(column.name)} AS column_name, coalesce({column.name}, '') AS value, "
        f"{problem_of(table, column)} AS problem FROM {source} WHERE problem IS NOT NULL"
        for column in csv_columns(table)
    )


def _rules(table: Table, column: Column) -> Iterator[tuple[str, str]]:
    name, arrow = column.name, column.type.arrow
    if not column.nullable:
        yield f"{name} IS NULL", "is empty and must not be: fill it in"
    if pa.types.is_decimal(arrow):
        yield from _decimal(name, arrow.precision, arrow.scale)
    elif pa.types.is_integer(arrow):
        yield _unlike(name, "-?[0-9]+"), "is no whole number: write digits only"
        yield f"{name} IS NOT NULL AND {typed(column)} IS NULL", "is too large for this column"
    elif arrow == pa.bool_():
        yield f"{name} NOT IN ('true', 'false')", "is neither true nor false: write one of them"
    elif arrow == pa.date32():
        is_no_day = f"coalesce({typed(column)} < DATE '0001-01-01', {name} IS NOT NULL)"
        yield f"{_unlike(name, '[0-9]{4}-[0-9]{2}-[0-9]{2}')} OR {is_no_day}", "is no date: write YYYY-MM-DD"
    else:
        yield from _text(table, column)
    if column.minimum is not None:
        yield f"{typed(column)} < {column.minimum}", f"is below {column.minimum}, the least that is allowed"
    if (table.name, name) in _MAXIMA:
        maximum, problem = _MAXIMA[table.name, name]
        yield f"{typed(column)} > {maximum}", problem


def _text(table: Table, column: Column) -> Iterator[tuple[str, str]]:
    name = column.name
    if column.allowed_values:
        values = ", ".join(sql_text(value) for value in column.allowed_values)
        yield f"{name} NOT IN ({values})", f"is not allowed: write one of {', '.join(column.allowed_values)}"
    elif (table.name, name) in _PATTERNS:
        pattern, problem = _PATTERNS[table.name, name]
        yield _unlike(name, pattern), problem
    elif name not in _FREE_TEXT:
        yield f"regexp_matches({name}, '^[\\s\\x{{A0}}]|[\\s\\x{{A0}}]$')", "has blanks around it: remove them"


def _decimal(name: str, precision: int, scale: int) -> Iterator[tuple[str, str]]:
    yield _unlike(name, r"-?[0-9]+(\.[0-9]+)?"), "is no plain number: write digits and a point, such as 12.5"
    fraction = f"rtrim(split_part({name}, '.', 2), '0')"
    yield f"length({fraction}) > {scale}", f"has more than {scale} decimals: round it"
    whole = f"ltrim(split_part({name}, '.', 1), '-0')"
    digits = precision - scale
    yield f"length({whole}) > {digits}", f"is too large: at most {digits} digits before the point"


def _unlike(name: str, pattern: str) -> str:
    return f"NOT regexp_full_match({name}, {sql_text(pattern)})"
