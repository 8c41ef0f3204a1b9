"""What packages offer is documented, and every package has its place."""

from __future__ import annotations

import ast
import configparser
import importlib
import inspect
import pkgutil
from pathlib import Path
from types import ModuleType

import pytest

import graphnet

ROOT = Path(__file__).parents[2]
PACKAGE = Path(graphnet.__file__).parent


def packages() -> list[str]:
    """Return the dotted names of all packages below graphnet."""
    return [
        found.name for found in pkgutil.walk_packages(graphnet.__path__, "graphnet.") if found.ispkg
    ]


def tree_of(module: ModuleType) -> ast.Module:
    return ast.parse(inspect.getsource(module))


@pytest.mark.parametrize("name", packages())
def test_an_index_holds_only_a_docstring_and_what_it_offers(name: str) -> None:
    docstring, *rest = tree_of(importlib.import_module(name)).body
    assert isinstance(docstring, ast.Expr)
    for statement in rest:
        if name.endswith(".kernels") and isinstance(statement, ast.AnnAssign):
            continue  # the kernel table itself
        assert isinstance(statement, ast.ImportFrom)
        if not name.endswith(".kernels"):
            for alias in statement.names:
                assert alias.asname is not None, f"{alias.name} is not offered by name"


def offered(name: str) -> dict[str, object]:
    """Return what an index re-exports, `from x import y as z`."""
    module = importlib.import_module(name)
    names = [
        alias.asname or alias.name
        for statement in tree_of(module).body
        if isinstance(statement, ast.ImportFrom) and statement.module != "__future__"
        for alias in statement.names
    ]
    return {offer: getattr(module, offer) for offer in names}


@pytest.mark.parametrize("name", packages())
def test_classes_and_functions_that_are_offered_have_docstrings(name: str) -> None:
    for offer, thing in offered(name).items():
        if inspect.isfunction(thing):
            assert inspect.getdoc(thing), offer
        elif inspect.isclass(thing) and thing.__module__.startswith("graphnet"):
            own = thing.__dict__.get("__doc__") or ""
            assert own, offer
            assert not own.startswith(f"{thing.__name__}("), (
                f"{offer} has only dataclass's docstring"
            )
            fields = getattr(thing, "__dataclass_fields__", {})
            for member, value in vars(thing).items():
                public = not member.startswith("_") and member not in fields
                if public and (inspect.isfunction(value) or isinstance(value, property)):
                    assert inspect.getdoc(value), f"{offer}.{member}"


def test_every_package_is_in_the_layers_contract() -> None:
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", "utf-8")
    listed = {
        name.strip()
        for line in config["importlinter:contract:layers"]["layers"].split("\n")
        for name in line.split("|")
        if name.strip()
    }
    found = {name.split(".")[1] for name in packages()}
    assert found <= listed
    for name in listed:
        assert (PACKAGE / name).is_dir() or (PACKAGE / f"{name}.py").is_file(), name


def test_every_package_is_in_the_architecture() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    found = {name.split(".")[1] for name in packages()}
    assert [name for name in sorted(found) if f"`{name}/`" not in text] == []


def test_what_python_users_are_offered_is_what_the_documents_show() -> None:
    assert set(graphnet._OFFERED) <= set(offered("graphnet.api"))
