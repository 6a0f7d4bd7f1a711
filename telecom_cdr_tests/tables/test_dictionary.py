"""The data dictionary says what the declarations say."""

import pytest

from telecom_cdr.tables import ALL
from telecom_cdr.tables.dictionary import PATH, render
from telecom_cdr.tables.model import LONG, Column, Table, decimal
from telecom_cdr.vocabulary import PaymentType


def test_the_dictionary_in_docs_is_up_to_date() -> None:
    assert PATH.read_text(encoding="utf-8") == render(), "run `make docs`"


@pytest.mark.parametrize("table", ALL, ids=lambda table: table.path)
def test_every_table_and_column_is_described(table: Table) -> None:
    section = render().split(f"### {table.path}\n", 1)[1].split("\n#", 1)[0]
    assert table.grain in section
    assert [name for name in table.column_names if f"| `{name}` |" not in section] == []


def test_a_column_states_everything_that_was_declared() -> None:
    columns = (
        Column("used", LONG, "Seconds | used.", unit="s", nullable=False, minimum=1),
        Column("payer", LONG, "Who pays.", personal=True, allowed=PaymentType, references="reference/customers"),
        Column("amount", decimal(18, 2), "Amount."),
    )
    table = Table(
        layer="raw", name="t", grain="One t.", key=("used",), columns=columns, retention_days=90, is_monthly=False
    )
    text = render([table])
    assert "- Key: `used`\n- Kept: 90 days\n" in text
    assert "| `used` | bigint | s |  |  | Seconds \\| used. At least 1. |" in text
    assert (
        "| `payer` | bigint |  | yes | yes | Who pays. One of `postpaid`, `prepaid`. Refers to `reference/customers`. |"
        in text
    )
    assert "| `amount` | decimal(18,2) |  | yes |  | Amount. |" in text
