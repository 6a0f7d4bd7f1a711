"""Where rows of the product differ from those of the model."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict

from telecom_cdr_tests.exact_model.billing import Bill
from telecom_cdr_tests.exact_model.months import Month

Row = Mapping[str, object]

_POSITION = ("source_id", "source_partition", "source_offset")
KEYS: dict[str, tuple[str, ...]] = {
    **{f"mediated/{name}": _POSITION for name in ("voice", "sms", "data", "quarantine", "duplicates")},
    "rated/usage": ("cdr_id",),
    "invoices/lines": ("customer_id", "line_number"),
    "invoices/invoices": ("customer_id",),
}


def expected_rows(month: Month) -> dict[str, list[Row]]:
    """The rows of every table of a month by its path, mediated to invoices.

    Left out are `reference_version`, and of lines and invoices what only names them: `line_id`, `description` and
    `invoice_number`.
    """
    rows: dict[str, list[Row]] = {
        f"mediated/{name}": list(month.table(name)) for name in ("voice", "sms", "data", "quarantine", "duplicates")
    }
    rows["rated/usage"] = list(month.rated)
    return rows | _billed(month.bill)


def differences(path: str, expected: Iterable[Row], found: Iterable[Row]) -> list[str]:
    """One line for each row that is missing, unknown or differs in a column that the model has; empty when equal."""
    key = KEYS[path]
    wanted, given = _by_key(expected, key), _by_key(found, key)
    told = [f"{path} {name}: missing" for name in wanted.keys() - given.keys()]
    told += [f"{path} {name}: unknown to the model" for name in given.keys() - wanted.keys()]
    for name in wanted.keys() & given.keys():
        unequal = {
            column: (value, given[name].get(column))
            for column, value in wanted[name].items()
            if given[name].get(column, "no such column") != value
        }
        if unequal:
            told.append(f"{path} {name}: model and product differ in {unequal}")
    return sorted(told)


def _by_key(rows: Iterable[Row], key: Sequence[str]) -> dict[tuple[object, ...], Row]:
    listed = list(rows)
    by_key = {tuple(row[name] for name in key): row for row in listed}
    assert len(by_key) == len(listed), f"{key} is not unique"
    return by_key


def _billed(bill: Bill) -> dict[str, list[Row]]:
    lines: list[Row] = [asdict(line) | {"usage_month": line.usage_month} for line in bill.lines]
    return {"invoices/lines": lines, "invoices/invoices": [asdict(invoice) for invoice in bill.invoices]}
