"""In which pass each allowance is used: one that may cover the same event as another goes after it."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa


def allowance_passes(allowances: pa.Table, product_codes: Sequence[str]) -> pa.Table:
    """One row for each plan, product and zone (null: any) that an allowance covers, with its pass from 1."""
    plans: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for row in allowances.to_pylist():
        plans.setdefault(row["plan_code"], {}).setdefault(row["allowance_code"], []).append(row)
    covered = []
    for by_code in plans.values():
        passes: dict[str, int] = {}
        for code in sorted(by_code, key=lambda name: (by_code[name][0]["priority"], name)):
            before = [number for other, number in passes.items() if _may_meet(by_code[code], by_code[other])]
            passes[code] = max(before, default=0) + 1
        covered += [
            {
                "plan_code": row["plan_code"],
                "product_code": product,
                "zone": row["zone"],
                "pass": passes[code],
                "allowance_code": code,
                "quantity": int(row["quantity"]),
                "period": row["period"],
            }
            for code, rows in by_code.items()
            for row in rows
            for product in ([row["product_code"]] if row["product_code"] else product_codes)
        ]
    return pa.Table.from_pylist(covered, schema=_SCHEMA)


_SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("plan_code", "product_code", "zone")),
        ("pass", pa.int32()),
        ("allowance_code", pa.string()),
        ("quantity", pa.int64()),
        ("period", pa.string()),
    ]
)


def _may_meet(left: Sequence[dict[str, Any]], right: Sequence[dict[str, Any]]) -> bool:
    return any(
        all(one[name] is None or other[name] is None or one[name] == other[name] for name in ("product_code", "zone"))
        for one in left
        for other in right
    )
