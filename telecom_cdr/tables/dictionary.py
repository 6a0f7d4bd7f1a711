"""The data dictionary: every declared table as Markdown, written to `docs/data-dictionary.md`.

    python -m telecom_cdr.tables.dictionary

A test fails when the file is not what this module writes.
"""

import sys
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from typing import Final

from telecom_cdr import tables
from telecom_cdr.tables.model import Column, Table

PATH: Final = Path(__file__).parents[2] / "docs" / "data-dictionary.md"
_LAYERS: Final = {
    "raw": "What was received, as it came.",
    "mediated": "Valid, normalised, unique usage events, and what was set aside.",
    "rated": "Each event with its charge, or with the reason why it has none.",
    "invoices": "Lines, invoices and billing periods.",
    "reports": "What the business reads. No phone number is whole here.",
    "assurance": "What was checked, and what reconciles with what.",
    "reference": "Snapshots of the operational database: customers, tariff, numbering.",
}
_INTRODUCTION: Final = """\
# Data dictionary

Every table of the lake, by layer. Written by `make docs` from the declarations in `telecom_cdr/tables/`.

- A table stands at `<lake>/<layer>/<name>` and has the asset key of the same name. Its partition is `billing_month`,
  where it has one.
- **Null**: whether a value may be missing. **Personal**: personal data, kept out of Delta statistics and masked in
  previews.
- Types are those of Spark SQL. Timestamps are instants in UTC; amounts are exact decimals.
"""


def render(declared: Iterable[Table] = tables.ALL) -> str:
    """The dictionary as Markdown, tables in the order given, under their layers."""
    parts = [_INTRODUCTION]
    for layer, of_layer in groupby(declared, key=lambda table: table.layer):
        parts.append(f"## {layer}\n\n{_LAYERS[layer]}\n")
        parts += [_table(table) for table in of_layer]
    return "\n".join(parts)


def _table(table: Table) -> str:
    kept = f"{table.retention_days} days" if table.retention_days else "for ever"
    described = [table.grain, *([table.description] if table.description else [])]
    facts = [f"Key: {', '.join(f'`{name}`' for name in table.key)}", f"Kept: {kept}"]
    if table.partition_by:
        facts.append(f"Partition: {', '.join(f'`{name}`' for name in table.partition_by)}")
    lines = [
        f"### {table.path}",
        "",
        " ".join(described),
        "",
        *(f"- {fact}" for fact in facts),
        "",
        "| column | type | unit | null | personal | meaning |",
        "| --- | --- | --- | --- | --- | --- |",
        *(_column(column) for column in table.columns),
        "",
    ]
    return "\n".join(lines)


def _column(column: Column) -> str:
    meaning = [column.description]
    if column.allowed_values:
        meaning.append(f"One of {', '.join(f'`{value}`' for value in column.allowed_values)}.")
    if column.minimum is not None:
        meaning.append(f"At least {column.minimum}.")
    if column.references:
        meaning.append(f"Refers to `{column.references}`.")
    cells = (
        f"`{column.name}`",
        column.type.sql,
        column.unit or "",
        "yes" if column.nullable else "",
        "yes" if column.personal else "",
        " ".join(meaning).replace("|", "\\|"),
    )
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Write the dictionary, and say where."""
    PATH.parent.mkdir(exist_ok=True)
    PATH.write_text(render(), encoding="utf-8")
    sys.stdout.write(f"wrote {PATH}\n")


if __name__ == "__main__":
    main()
