"""The program's own source as syntax trees."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
PACKAGES: Final = ("voice_agent", "consent")


@cache
def modules() -> dict[str, ast.Module]:
    """Every module of the program by its path from the root."""
    paths = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    return {
        path.relative_to(ROOT).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
        for path in paths
    }


def name_of(path: str) -> str:
    """``voice_agent/call/phase.py`` -> ``voice_agent.call.phase``."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def imports(tree: ast.AST) -> Iterator[str]:
    """Every module imported anywhere in a tree, also inside functions, with what is taken of it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@cache
def reached(start: str) -> frozenset[str]:
    """Everything the modules whose path begins so import, directly or through our own modules.

    What is imported only for the type checker counts too: a boundary is one in types as well.
    """
    ours = {name_of(path): tree for path, tree in modules().items()}
    todo = [name_of(path) for path in modules() if path.startswith(start)]
    seen: set[str] = set()
    while todo:
        name = todo.pop()
        if name in seen:
            continue
        seen.add(name)
        if name in ours:
            todo += imports(ours[name])
            package, _, _ = name.rpartition(".")
            todo += [package] if package else []
    return frozenset(seen)


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    """Every call in a tree."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def called(call: ast.Call) -> str:
    """The plain name a call is made by: of ``a.b(c)`` it is ``b``."""
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""
