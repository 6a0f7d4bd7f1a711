"""Search Python source for what domain code may not use, by its syntax tree.

Here: how. Not here: what is banned and why (`lint_bans`).
"""

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import singledispatchmethod

from telecom_cdr_tests import lint_bans as bans
from telecom_cdr_tests.lint_bans import Ban

_FUNCTIONS = "pyspark.sql.functions"
_SAFE_AROUND_CONTAINS = frozenset({"is_true", "coalesce", "all_of"})


@dataclass(frozen=True)
class Finding:
    """One use of something banned."""

    line: int
    what: str
    ban: Ban

    def __str__(self) -> str:
        return f"line {self.line}: {self.what} {self.ban.reason}; use {self.ban.instead}"


def domain_findings(source: str) -> list[Finding]:
    """What domain code uses and may not."""
    return _Search(ast.parse(source)).findings()


def session_findings(source: str) -> list[Finding]:
    """Where a session or a server is opened, for code outside lakehouse."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute | ast.Name):
            name = node.attr if isinstance(node, ast.Attribute) else node.id
            if name in bans.SESSIONS:
                found.append(Finding(node.lineno, name, bans.SESSIONS[name]))
    return found


class _Search:
    """One module: resolves imported names, then judges every node."""

    def __init__(self, tree: ast.Module) -> None:
        self.tree = tree
        self.parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
        self.names = dict(_imported(tree))
        self.docstrings = set(_docstrings(tree))

    def findings(self) -> list[Finding]:
        found = [
            Finding(getattr(node, "lineno", 0), what, ban)
            for node in ast.walk(self.tree)
            for what, ban in self.judge(node)
        ]
        return sorted(found, key=lambda finding: (finding.line, finding.what))

    def dotted(self, node: ast.AST) -> str:
        """The full name that an expression stands for: `F.avg` is pyspark.sql.functions.avg; else empty."""
        if isinstance(node, ast.Name):
            return self.names.get(node.id, f"builtins.{node.id}")
        if isinstance(node, ast.Attribute):
            owner = self.dotted(node.value)
            return f"{owner}.{node.attr}" if owner else ""
        return ""

    def function(self, node: ast.AST) -> str:
        """The name of a function of pyspark.sql.functions that an expression stands for; else empty."""
        module, _, name = self.dotted(node).rpartition(".")
        return name if module == _FUNCTIONS else ""

    @singledispatchmethod
    def judge(self, node: ast.AST) -> Iterator[tuple[str, Ban]]:
        yield from ()

    @judge.register
    def _(self, node: ast.Import) -> Iterator[tuple[str, Ban]]:
        for alias in node.names:
            yield from _banned_module(alias.name)

    @judge.register
    def _(self, node: ast.ImportFrom) -> Iterator[tuple[str, Ban]]:
        yield from _banned_module(node.module or "")
        for alias in node.names:
            yield from _banned_name(f"{node.module}.{alias.name}")

    @judge.register
    def _(self, node: ast.Name) -> Iterator[tuple[str, Ban]]:
        if isinstance(node.ctx, ast.Load) and node.id not in self.names:
            yield from _banned_name(f"builtins.{node.id}")

    @judge.register
    def _(self, node: ast.Attribute) -> Iterator[tuple[str, Ban]]:
        if node.attr in bans.ATTRIBUTES and not self.function(node):
            yield f".{node.attr}", bans.ATTRIBUTES[node.attr]
        yield from _banned_name(self.dotted(node))

    @judge.register
    def _(self, node: ast.BinOp) -> Iterator[tuple[str, Ban]]:
        if isinstance(node.op, ast.Div):
            yield "/", bans.DIVISION

    @judge.register
    def _(self, node: ast.Constant) -> Iterator[tuple[str, Ban]]:
        if isinstance(node.value, float):
            yield repr(node.value), bans.FLOAT_LITERAL
        if isinstance(node.value, str) and node not in self.docstrings:
            for pattern, ban in bans.PATTERNS:
                if re.search(pattern, node.value):
                    yield repr(node.value), ban

    @judge.register
    def _(self, node: ast.Call) -> Iterator[tuple[str, Ban]]:
        function = self.function(node.func)
        method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        texts = [part.value for part in node.args if isinstance(part, ast.Constant) and isinstance(part.value, str)]
        if function == "sum" and not _is_decimal_cast(node.args[0]):
            yield "sum", bans.BARE_SUM
        if method in {"cast", "try_cast", "astype"} and {text.lower() for text in texts} & {"double", "float", "real"}:
            yield method, bans.DOUBLE_CAST
        if method in {"where", "filter"} and not function and not all(text.isidentifier() for text in texts):
            yield method, bans.TEXT_CONDITION
        if method in {"substring", "substr"} and any(_is_negative(part) for part in node.args):
            yield method, bans.NEGATIVE_POSITION
        if method == "split" and "" in texts:
            yield method, bans.EMPTY_PATTERN
        if method in {"dropDuplicates", "drop_duplicates"} and (node.args or node.keywords):
            yield method, bans.UNORDERED_DISTINCT
        if function == "array_contains" and not self._is_guarded(node):
            yield function, bans.BARE_CONTAINS
        if function == "regexp_replace" and any(re.search(r"\$[0-9]", text) for text in texts[-1:]):
            yield function, bans.GROUP_REFERENCE

    def _is_guarded(self, node: ast.AST) -> bool:
        above = self.parents.get(node)
        return isinstance(above, ast.Call) and self.dotted(above.func).rpartition(".")[2] in _SAFE_AROUND_CONTAINS


def _imported(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield (alias.asname, alias.name) if alias.asname else (alias.name.split(".")[0],) * 2
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield alias.asname or alias.name, f"{node.module}.{alias.name}"


def _docstrings(tree: ast.Module) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield node.value


def _banned_module(name: str) -> Iterator[tuple[str, Ban]]:
    top = name.split(".")[0]
    if top in bans.MODULES:
        yield top, bans.MODULES[top]
    elif top not in bans.PACKAGES and top not in sys.stdlib_module_names:
        yield top, bans.PACKAGE_BAN


def _banned_name(name: str) -> Iterator[tuple[str, Ban]]:
    module, _, last = name.rpartition(".")
    if name in bans.NAMES:
        yield last, bans.NAMES[name]
    elif module == _FUNCTIONS and last in bans.FUNCTIONS:
        yield last, bans.FUNCTIONS[last]


def _is_decimal_cast(node: ast.AST) -> bool:
    """`….cast("decimal(…)")`, or a cast to a type that a name holds."""
    is_cast = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "cast"
    if not is_cast or not isinstance(node, ast.Call):
        return False
    target = node.args[0]
    return not isinstance(target, ast.Constant) or str(target.value).startswith("decimal")


def _is_negative(node: ast.AST) -> bool:
    return isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub)
