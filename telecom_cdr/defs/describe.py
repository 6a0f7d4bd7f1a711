"""How a declared table looks in Dagster: its asset spec, and the metadata of a materialisation."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final

from dagster import (
    AssetKey,
    AssetSpec,
    MaterializeResult,
    MetadataValue,
    TableColumn,
    TableColumnConstraints,
    TableConstraints,
    TableSchema,
)

from telecom_cdr.defs.partitions import BILLING_MONTHS
from telecom_cdr.lakehouse.catalog import MonthVersion
from telecom_cdr.lakehouse.lake import Lake
from telecom_cdr.lakehouse.preview import preview
from telecom_cdr.tables.model import Table

OWNERS: Final = {
    "raw": ["team:mediation"],
    "mediated": ["team:mediation"],
    "rated": ["team:rating"],
    "invoices": ["team:billing"],
    "reports": ["team:billing"],
    "assurance": ["team:revenue-assurance"],
    "reference": ["team:product-catalogue"],
}


def key(table: Table) -> AssetKey:
    """The asset key of a table: its layer and name."""
    return AssetKey([table.layer, table.name])


def spec(table: Table, deps: Iterable[Table] = (), kinds: Iterable[str] = ("deltalake", "spark")) -> AssetSpec:
    """The asset of a table: group, kinds, owners, description, columns, retention."""
    kept = f"{table.retention_days} days" if table.retention_days else "for ever"
    return AssetSpec(
        key(table),
        deps=[key(dependency) for dependency in deps],
        group_name=table.layer,
        kinds=set(kinds),
        owners=OWNERS[table.layer],
        description=f"{table.grain}\n\nKey: {', '.join(table.key)}. Kept: {kept}. {table.description}".strip(),
        partitions_def=BILLING_MONTHS if table.is_monthly else None,
        metadata={
            "dagster/column_schema": column_schema(table),
            "dagster/table_name": table.path,
            "retention": kept,
        },
    )


def column_schema(table: Table) -> TableSchema:
    """The columns as the UI shows them."""
    return TableSchema(
        columns=[
            TableColumn(
                name=column.name,
                type=column.type.sql,
                description=column.description + (f" Unit: {column.unit}." if column.unit else ""),
                constraints=TableColumnConstraints(
                    nullable=column.nullable,
                    unique=table.key == (column.name,),
                    other=[f"one of {', '.join(column.allowed_values)}"] if column.allowed_values else [],
                ),
                tags={"personal": ""} if column.personal else {},
            )
            for column in table.columns
        ],
        constraints=TableConstraints(other=[f"key: {', '.join(table.key)}"]),
    )


def materialised(
    lake: Lake, version: MonthVersion, totals: Mapping[str, Decimal], seconds: float, **more: object
) -> MaterializeResult:
    """What a written month reports: rows, sums, Delta version, seconds, a masked preview."""
    return MaterializeResult(
        asset_key=key(version.table),
        metadata={
            "dagster/row_count": version.record_count,
            "delta_version": version.version,
            "seconds": round(seconds, 3),
            "preview": MetadataValue.md(preview(lake.catalog, version)),
            **{f"total_{name}": str(total) for name, total in totals.items() if name != "records"},
            **{name: str(value) for name, value in more.items()},
        },
    )
