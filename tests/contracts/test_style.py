"""The measures of STYLE: short modules, short functions, a first line that says what a file does."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import graphnet

PACKAGE = Path(graphnet.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))

MODULE_LINES = 300
FUNCTION_LINES = 40

LONGER_FUNCTIONS: dict[str, str] = {}
"""`path:function` to the reason why it is longer; none is."""

VAGUE = {"utils.py", "util.py", "helpers.py", "helper.py", "misc.py", "common.py", "tools.py"}


def shown(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(tree: ast.Module) -> Iterator[Function]:
    for node in ast.walk(tree):
        if isinstance(node, Function):
            yield node


def body_lines(function: Function) -> int:
    """Return the lines of a function's body, its docstring apart."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def test_no_module_is_too_long() -> None:
    lengths = {shown(path): len(path.read_text("utf-8").splitlines()) for path in FILES}
    assert {path: count for path, count in lengths.items() if count > MODULE_LINES} == {}


def test_no_function_is_too_long() -> None:
    long = {
        f"{shown(path)}:{function.name}"
        for path in FILES
        for function in functions(parsed(path))
        if body_lines(function) > FUNCTION_LINES
    }
    assert long == set(LONGER_FUNCTIONS)


@pytest.mark.parametrize("path", FILES, ids=shown)
def test_a_module_says_what_it_does_in_its_first_line(path: Path) -> None:
    docstring = ast.get_docstring(parsed(path)) or ""
    first = docstring.partition("\n")[0]
    assert first.endswith("."), "the first line is a sentence"
    assert len(first) >= 10


def test_no_file_is_named_for_nothing() -> None:
    assert [shown(path) for path in FILES if path.name in VAGUE] == []


def test_no_bare_assert_and_no_swallowed_exception() -> None:
    found: list[str] = []
    for path in FILES:
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.Assert):
                found.append(f"{shown(path)}:{node.lineno} assert")
            broad = isinstance(node, ast.ExceptHandler) and (
                node.type is None
                or (
                    isinstance(node.type, ast.Name)
                    and node.type.id in ("Exception", "BaseException")
                )
            )
            if broad and all(isinstance(part, ast.Pass) for part in node.body):  # type: ignore[attr-defined]
                found.append(f"{shown(path)}:{node.lineno} passes over everything")  # type: ignore[attr-defined]
    assert found == []


FORBIDDEN = {
    ("pickle", "load"),
    ("pickle", "loads"),
    ("yaml", "load"),
    ("yaml", "safe_load"),
    ("os", "system"),
}


def test_no_file_runs_code_from_data() -> None:
    found: list[str] = []
    for path in FILES:
        for node in ast.walk(parsed(path)):
            if not isinstance(node, ast.Call):
                continue
            called = node.func
            if isinstance(called, ast.Name) and called.id in ("eval", "exec", "__import__"):
                found.append(f"{shown(path)}:{node.lineno} {called.id}")
            if (
                isinstance(called, ast.Attribute)
                and isinstance(called.value, ast.Name)
                and (called.value.id, called.attr) in FORBIDDEN
            ):
                found.append(f"{shown(path)}:{node.lineno} {called.value.id}.{called.attr}")
    assert found == []


def test_public_functions_are_annotated() -> None:
    bare = [
        f"{shown(path)}:{function.name}"
        for path in FILES
        for function in functions(parsed(path))
        if function.returns is None and not function.name.startswith("__")
    ]
    assert bare == []
