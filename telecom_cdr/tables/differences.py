"""Where the schema of stored data differs from the declaration."""

import pyarrow as pa

from telecom_cdr.tables.model import Table


def schema_differences(table: Table, actual: pa.Schema) -> list[str]:
    """One sentence for each column that is missing, unknown or of another type; none when equal.

    Nullability is judged as well; field metadata is not, nor is the order: columns that a table got later stand last.
    """
    differences = [f"{name} is missing" for name in table.column_names if name not in actual.names]
    differences += [f"{name} is not declared" for name in actual.names if name not in table.column_names]
    for declared in table.arrow_schema:
        if declared.name not in actual.names:
            continue
        found = actual.field(declared.name)
        if found.type != declared.type:
            differences.append(f"{declared.name} is {found.type}, declared {declared.type}")
        if found.nullable != declared.nullable:
            differences.append(f"{declared.name} is {_nullability(found)}, declared {_nullability(declared)}")
    return differences


def _nullability(field: pa.Field) -> str:
    return "nullable" if field.nullable else "not null"
