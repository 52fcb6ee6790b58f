"""The Parameters section of a docstring names what the signature takes, all of it and no more."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FILES = sorted(
    path for folder in ("local_core", "gee_sm/cli") for path in (ROOT / folder).rglob("*.py")
)


def documented(node: ast.FunctionDef | ast.ClassDef) -> list[str] | None:
    """Names in the Parameters section; None without one."""
    text = ast.get_docstring(node) or ""
    section = re.search(r"^Parameters\n-+\n(.*?)(?=^\S[^\n]*\n-{3,}|\Z)", text, re.S | re.M)
    if section is None:
        return None
    # A list of names may run over several lines.
    joined = re.sub(r",\n(?=\S)", ", ", section[1])
    heads = [line.split(" : ")[0] for line in joined.splitlines() if line and line[0] != " "]
    return sorted(name.strip().lstrip("*") for head in heads for name in head.split(","))


def taken(node: ast.FunctionDef | ast.ClassDef) -> list[str] | None:
    """Names a function or a class takes; None for a class that inherits them."""
    if isinstance(node, ast.ClassDef):
        if any("dataclass" in ast.unparse(decorator) for decorator in node.decorator_list):
            fields = [item for item in node.body if isinstance(item, ast.AnnAssign)]
            return sorted(
                item.target.id for item in fields if "ClassVar" not in ast.unparse(item.annotation)
            )
        makers = [item for item in node.body if getattr(item, "name", "") == "__init__"]
        return taken(makers[0]) if makers else None
    given = node.args
    names = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
    return sorted(name.arg for name in names if name and name.arg not in ("self", "cls"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_parameters_are_those_of_the_signature(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and documented(node) is not None:
            names = taken(node)
            assert names is None or documented(node) == names, f"{node.name}, line {node.lineno}"
