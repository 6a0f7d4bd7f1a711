"""The hand-written pipelines know declarations and facts of the product, and none of its functions."""

import ast
from pathlib import Path

import pytest

import benchmarks

ROOT = Path(benchmarks.__file__).parent
KNOWN = ("telecom_cdr.tables", "telecom_cdr.facts", "telecom_cdr.sources.local_time")
PIPELINES = [path for name in ("common", "with_duckdb", "with_polars") for path in sorted((ROOT / name).glob("*.py"))]


@pytest.mark.parametrize("path", PIPELINES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_pipeline_imports_declarations_and_facts_only(path: Path) -> None:
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    imported = [name.name for node in nodes if isinstance(node, ast.Import) for name in node.names]
    imported += [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
    assert [name for name in imported if name.startswith("telecom_cdr") and not name.startswith(KNOWN)] == []
